package profiles

import (
	"strconv"

	"github.com/spf13/pflag"

	"mailmill/loadgen/message"
)

// A MessagePlan says what a message is.
type MessagePlan struct {
	// From is the reverse-path, To the forward-paths, without angle brackets: a
	// pattern, several with commas between them, or @FILE with one a line, as
	// message.ClassConfig has them.
	From, To string
	// FromOrder and ToOrder are how the addresses of a list are taken.
	FromOrder, ToOrder message.Order
	// Domains are what {domain} stands for in addresses, with weights; "" is none.
	Domains string
	// NullSender is the share of messages with the null reverse-path, 0 to 1.
	NullSender float64
	// UnknownShare is the share of recipients that are of the pattern Unknown, 0 to 1.
	UnknownShare float64
	Unknown      string
	// Recipients is the number of forward-paths per message.
	Recipients message.Quantity
	// Size is the length of a synthetic text in octets; headers are not counted, and no
	// attachments.
	Size message.Quantity
	// Attachments are parts beside the synthetic text.
	Attachments []message.Attachment
	// Sample is what filters are tested with: "eicar", "gtube", or "none".
	Sample string
	// Data is the path of a message to send in place of a synthetic one; "-" is
	// the standard input.
	Data string
	// Corpus is the path of many messages, and CorpusOrder how they are taken.
	Corpus      string
	CorpusOrder message.Order
	// Template is the path of a message with fields.
	Template string
	// Headers are further header fields, each "Name: value".
	Headers []string
	// Subject is the text of the Subject field.
	Subject string
	// DKIM says how messages are signed.
	DKIM message.DKIM
	// Seed makes everything that is drawn repeatable.
	Seed uint64
}

var messageSettings = []Setting{
	{Name: "from", Placeholder: "MAILBOX", Default: "sender@example.com", Group: MessageGroup,
		Usage: "Reverse-path, without angle brackets; nothing at all is the null path <>. Written as --to is; {n} stands for the message's number.",
		Value: func(p *Plan) pflag.Value { return Text(&p.From) }},
	{Name: "from-order", Placeholder: "ORDER", Default: "turn", Group: MessageGroup,
		Usage: "How several reverse-paths are taken, as --to-order has it.",
		Value: func(p *Plan) pflag.Value { return order(&p.FromOrder) }},
	{Name: "null-sender", Placeholder: "SHARE", Default: "0%", Group: MessageGroup,
		Usage: "Share of the messages that have the null reverse-path <>, as bounces do.",
		Value: func(p *Plan) pflag.Value { return share(&p.NullSender) }},
	{Name: "to", Placeholder: "MAILBOX", Default: "user{n}@example.com", Group: MessageGroup,
		Usage: "Forward-path, without angle brackets: one, several with commas between them, or @FILE with one a line, each with a comma and a weight behind it if they differ. " +
			"{n} stands for a number that no two recipients of the run share, {1..1000} for one of so many mailboxes, {domain} for one of --domains; " +
			"{class}, {uuid}, {rand:8} and {rand:1..99} are fields too, and {{ is a brace.",
		Unit:  "user{n}@example.com, 'user{1..1000}@{domain}', a@example.com,b@example.com, @users.csv",
		Value: func(p *Plan) pflag.Value { return Text(&p.To) }},
	{Name: "to-order", Placeholder: "ORDER", Default: "turn", Group: MessageGroup,
		Usage: "How several forward-paths are taken: in turn; at random, by their weights if they have some; or by Zipf's law, the first of the list most often.",
		Unit:  "turn, random, zipf:1.1",
		Value: func(p *Plan) pflag.Value { return order(&p.ToOrder) }},
	{Name: "domains", Placeholder: "DOMAINS", Group: MessageGroup,
		Usage: "What {domain} stands for in addresses: domains, each with its weight.",
		Unit:  "a.example=3,b.example=1",
		Value: func(p *Plan) pflag.Value { return Text(&p.Domains) }},
	{Name: "unknown-share", Placeholder: "SHARE", Default: "0%", Group: MessageGroup,
		Usage: "Share of the recipients that are --unknown in place of --to.",
		Value: func(p *Plan) pflag.Value { return share(&p.UnknownShare) }},
	{Name: "unknown", Placeholder: "MAILBOX", Default: "nobody{n}@example.com", Group: MessageGroup,
		Usage: "Recipients that the server should refuse; see --unknown-share.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Unknown) }},
	{Name: "recipients", Placeholder: "N", Default: "1", Group: MessageGroup,
		Usage: "Recipients of each message, fixed or drawn. Those of one message are different mailboxes, as long as there are so many.",
		Unit:  "3; 1..5; lognormal:median=1,p95=20; @FILE of numbers, each with a comma and a weight if they differ",
		Value: func(p *Plan) pflag.Value {
			parse := func(s string) (message.Quantity, error) { return message.ParseQuantity(s, ParseInt[int]) }
			return value(&p.Recipients, "number", parse, formatNumbers)
		}},
	{Name: "size", Placeholder: "SIZE", Default: "1024", Group: MessageGroup,
		Usage: "Length of the synthetic text, fixed or drawn; header fields and attachments are not counted.",
		Unit:  "octets; 4k; 2k..20k; lognormal:median=8k,p95=200k; @FILE of sizes in octets, each with a comma and a weight if they differ",
		Value: func(p *Plan) pflag.Value {
			parse := func(s string) (message.Quantity, error) { return message.ParseQuantity(s, ParseSize) }
			return value(&p.Size, "size", parse, func(q message.Quantity) string { return q.Format(FormatSize) })
		}},
	{Name: "attach", Placeholder: "TYPE=SIZE", Group: MessageGroup, Separator: ",", Join: "=",
		Usage: "An attachment beside the synthetic text, of a media type and a length before base64; repeatable.",
		Unit:  "application/pdf=200k",
		Value: func(p *Plan) pflag.Value {
			parse := func(s string) (message.Attachment, error) { return message.ParseAttachment(s, ParseSize) }
			format := func(a message.Attachment) string { return a.Type + "=" + FormatSize(a.Size) }
			return &list[message.Attachment]{at: &p.Attachments, separator: ",", parse: parse, format: format}
		}},
	{Name: "sample", Placeholder: "NAME", Default: "none", Group: MessageGroup,
		Usage: "Put into the synthetic message what filters are tested with: eicar, an attachment that anti-virus programs find; gtube, a line that spam filters find.",
		Value: func(p *Plan) pflag.Value { return Choice(&p.Sample, "none", "eicar", "gtube") }},
	{Name: "data", Placeholder: "FILE", Group: MessageGroup,
		Usage: "Send this message, header and body, in place of a synthetic one; - reads the standard input before the run.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Data) }},
	{Name: "corpus", Placeholder: "PATH", Group: MessageGroup,
		Usage: "Send these messages: a folder of .eml files, a Maildir, an mbox, or one file. They are read before the run; " +
			"64 MiB of bodies stay in memory, the rest in a file in the folder for temporary files, mapped. Their To, Subject and so on stay; Date and Message-ID are each message's own.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Corpus) }},
	{Name: "corpus-order", Placeholder: "ORDER", Default: "turn", Group: MessageGroup,
		Usage: "How the messages of --corpus are taken: in turn by the message's number, at random, or by Zipf's law.",
		Unit:  "turn, random, zipf:1.1",
		Value: func(p *Plan) pflag.Value { return order(&p.CorpusOrder) }},
	{Name: "template", Placeholder: "FILE", Group: MessageGroup,
		Usage: "Send this message with its fields filled in, in header and body; a file that begins with no header field is a body, and gets the header of a synthetic message. " +
			"The fields are {n}, {uuid}, {class}, {worker}, {from}, {rcpt} (the first recipient), {time} as in RFC 3339 or {time:unix}, {rand:8} letters and digits, {rand:1..99} a number; {{ is a brace.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Template) }},
	{Name: "header", Placeholder: "'NAME: VALUE'", Group: MessageGroup, Separator: "\n", Join: ": ",
		Usage: "A header field, in the place of those of its name; repeatable. {n} stands for the message's number; the fields of --template can stand in it.",
		Value: func(p *Plan) pflag.Value { return Texts(&p.Headers, "\n") }},
	{Name: "subject", Placeholder: "TEXT", Group: MessageGroup,
		Usage: "Text of the Subject field; {n} stands for the message's number, and the fields of --template can stand in it. Without it 'message {n}', or that of --data, --corpus or --template.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Subject) }},
	{Name: "dkim-key", Placeholder: "FILE", Group: MessageGroup,
		Usage: "Sign each message (DKIM) with this private key, RSA or Ed25519 in PEM. It is signed when it is claimed, which no step's time has in it, " +
			"but keeps an event loop busy: about 20 µs for Ed25519, and a millisecond for RSA with 2048 bits.",
		Value: func(p *Plan) pflag.Value { return Text(&p.DKIM.KeyFile) }},
	{Name: "dkim-domain", Placeholder: "DOMAIN", Group: MessageGroup,
		Usage: "The domain that signs.",
		Value: func(p *Plan) pflag.Value { return Text(&p.DKIM.Domain) }},
	{Name: "dkim-selector", Placeholder: "NAME", Group: MessageGroup,
		Usage: "Where the public key is: NAME._domainkey.DOMAIN.",
		Value: func(p *Plan) pflag.Value { return Text(&p.DKIM.Selector) }},
	{Name: "seed", Placeholder: "N", Default: "1", Group: MessageGroup, RunWide: true,
		Usage: "Seed of everything that is drawn; the same seed gives the same run.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Seed) }},
}

func order(at *message.Order) pflag.Value {
	return value(at, "order", message.ParseOrder, message.Order.String)
}

func share(at *float64) pflag.Value {
	return value(at, "share", parsePercentage, formatPercentage)
}

// formatNumbers writes a quantity of plain numbers.
func formatNumbers(q message.Quantity) string { return q.Format(strconv.Itoa) }
