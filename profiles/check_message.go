package profiles

import (
	"fmt"
	"strings"

	"mailmill/loadgen/message"
)

// messageRules are about envelopes and contents.
var messageRules = []rule{
	{[]string{"from"}, func(p *Plan, _ func(string) bool) string {
		if p.From == "" {
			return ""
		}
		return mailboxesFault(p.From)
	}},
	{[]string{"to"}, func(p *Plan, _ func(string) bool) string {
		if p.To == "" {
			return "no forward-path; give a mailbox such as user{n}@example.com"
		}
		return mailboxesFault(p.To)
	}},
	{[]string{"unknown"}, func(p *Plan, _ func(string) bool) string { return mailboxesFault(p.Unknown) }},
	{[]string{"from-order", "from"}, func(p *Plan, _ func(string) bool) string { return orderFault(p.FromOrder, p.From) }},
	{[]string{"to-order", "to"}, func(p *Plan, _ func(string) bool) string { return orderFault(p.ToOrder, p.To) }},
	{[]string{"null-sender", "from"}, func(p *Plan, _ func(string) bool) string {
		if p.NullSender > 0 && p.From == "" {
			return "every message has the null reverse-path; give a from, or leave the share out"
		}
		return ""
	}},
	{[]string{"unknown", "unknown-share"}, func(p *Plan, given func(string) bool) string {
		if given("unknown") && p.UnknownShare == 0 {
			return "no recipient is unknown; give unknown-share, such as 2%"
		}
		return ""
	}},
	{[]string{"domains", "from", "to", "unknown"}, func(p *Plan, _ func(string) bool) string {
		switch {
		case p.Domains == "":
			return ""
		case !strings.Contains(p.From+p.To+p.Unknown, "{domain}") && p.To[0] != '@' && !strings.HasPrefix(p.From, "@"):
			return "no address has {domain} in it; write user{n}@{domain}"
		}
		return faultOf(message.CheckDomains(p.Domains))
	}},
	{[]string{"recipients"}, func(p *Plan, _ func(string) bool) string {
		return faultOf(p.Recipients.Check(1, message.MaxRecipients))
	}},
	{[]string{"to", "recipients"}, func(p *Plan, _ func(string) bool) string {
		if p.Recipients.Several() && !message.Distinct(p.To) {
			return fmt.Sprintf("%s recipients would all be %q; put {n} where their number goes", formatNumbers(p.Recipients), p.To)
		}
		return ""
	}},
	{[]string{"size"}, func(p *Plan, _ func(string) bool) string {
		if p.Size == message.Fixed(1) {
			return "1 octet is no line; a body has none, or at least the 2 of a line end"
		}
		return faultOf(p.Size.Check(0, MaxSize))
	}},
	{[]string{"data", "corpus", "template"}, func(p *Plan, _ func(string) bool) string {
		if n := len(p.files()); n > 1 {
			return fmt.Sprintf("messages come from one place, and not from %s; leave out all but one", strings.Join(p.files(), " and "))
		}
		return ""
	}},
	{[]string{"size", "data", "corpus", "template"}, func(p *Plan, given func(string) bool) string {
		if len(p.files()) > 0 && given("size") {
			return fmt.Sprintf("the message comes from a file and has a size; leave out size or %s", p.files()[0])
		}
		return ""
	}},
	{[]string{"attach", "data", "corpus", "template"}, func(p *Plan, _ func(string) bool) string {
		if len(p.files()) > 0 && len(p.Attachments) > 0 {
			return fmt.Sprintf("only a synthetic message gets attachments; leave out attach or %s", p.files()[0])
		}
		return ""
	}},
	{[]string{"sample", "data", "corpus", "template"}, func(p *Plan, _ func(string) bool) string {
		if len(p.files()) > 0 && p.Sample != "none" {
			return fmt.Sprintf("a sample is put into a synthetic message; leave out sample or %s", p.files()[0])
		}
		return ""
	}},
	{[]string{"corpus-order", "corpus"}, func(p *Plan, _ func(string) bool) string {
		if p.CorpusOrder != (message.Order{}) && p.Corpus == "" {
			return "there is no corpus to take in an order; give one, or leave this out"
		}
		return ""
	}},
	{[]string{"header"}, func(p *Plan, _ func(string) bool) string { return firstFault(p.Headers, headerFault) }},
	{[]string{"subject"}, func(p *Plan, _ func(string) bool) string { return lineFault("Subject: " + p.Subject) }},
	{[]string{"dkim-key", "dkim-domain", "dkim-selector"}, func(p *Plan, _ func(string) bool) string {
		d := p.DKIM
		if d != (message.DKIM{}) && (d.KeyFile == "" || d.Domain == "" || d.Selector == "") {
			return "a signature needs all of dkim-key, dkim-domain and dkim-selector"
		}
		return ""
	}},
}

// files are the settings that take messages from files, of those that are set.
func (p *Plan) files() (set []string) {
	for _, s := range []struct{ name, path string }{{"data", p.Data}, {"corpus", p.Corpus}, {"template", p.Template}} {
		if s.path != "" {
			set = append(set, s.name)
		}
	}
	return set
}

// A messageFile is a file that a setting names.
type messageFile struct {
	setting, path string
	what          string // it should be
	folder        bool   // or that
}

// messageFiles are the files that messages are made of.
func (p *Plan) messageFiles() []messageFile {
	files := []messageFile{
		{"data", p.Data, "message file", false},
		{"corpus", p.Corpus, "file or folder of messages", true},
		{"template", p.Template, "file", false},
		{"dkim-key", p.DKIM.KeyFile, "file", false},
	}
	for _, s := range []struct{ setting, text string }{
		{"from", p.From}, {"to", p.To}, {"recipients", formatNumbers(p.Recipients)}, {"size", formatNumbers(p.Size)},
	} {
		if path, ok := strings.CutPrefix(s.text, "@"); ok {
			files = append(files, messageFile{s.setting, path, "file", false})
		}
	}
	return files
}

func faultOf(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

// mailboxesFault checks addresses, as far as they stand in the setting.
func mailboxesFault(s string) string {
	if err := message.CheckMailboxes(s); err != nil {
		return err.Error() + "; write local-part@domain without angle brackets"
	}
	return ""
}

// orderFault checks that there are several addresses to take in an order.
func orderFault(o message.Order, addresses string) string {
	if o != (message.Order{}) && !message.Listed(addresses) {
		return fmt.Sprintf("%q is one pattern, and no list to take in an order; write 'user{1..1000}@example.com', several addresses, or @FILE", addresses)
	}
	return ""
}
