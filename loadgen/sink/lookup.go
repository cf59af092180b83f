package sink

import (
	"slices"
	"strings"

	"mailmill/loadgen/smtp"
)

// vrfy says what is known of a user (RFC 5321 section 3.5).
func (s *session) vrfy(t *turn, l smtp.Line) {
	s.lookUp(t, l, sayCannotVerify, sayNoUser)
}

// expn knows no list: a user is a list of one.
func (s *session) expn(t *turn, l smtp.Line) {
	s.lookUp(t, l, sayCannotExpand, sayNoList)
}

func (s *session) lookUp(t *turn, l smtp.Line, cannot, none canned) {
	d := &s.sink.directory
	switch {
	case len(l.Arg) == 0:
		s.say(t, sayArguments)
	case len(d.boxes) == 0:
		s.say(t, cannot)
	default:
		box := d.verify(l.Arg)
		if box == nil {
			s.say(t, none)
			return
		}
		r := box.answer
		if r.code == 250 {
			r = s.sink.config.reply(250, enhanced("2.1.5"), "<"+box.address+">")
		}
		s.sayReply(t, &r)
	}
}

func (s *session) helpOn(t *turn, l smtp.Line) {
	if len(l.Arg) == 0 {
		s.say(t, sayHelp)
		return
	}
	r, known := s.sink.help[strings.ToUpper(string(l.Arg))]
	if !known {
		s.say(t, sayNoTopic)
		return
	}
	s.sayReply(t, &r)
}

// text lists the commands.
func (set *commandSet) text() string {
	var names []string
	for v, c := range set {
		if c.do != nil {
			names = append(names, smtp.Verb(v).String())
		}
	}
	slices.Sort(names)
	return "Commands: " + strings.Join(names, " ") + "\nRFC 5321; HELP command for its syntax"
}

// help answers HELP with an argument, by verb.
func (set *commandSet) help(c *Config) map[string]reply {
	replies := map[string]reply{}
	for v, row := range set {
		if row.do != nil {
			name := smtp.Verb(v).String()
			replies[name] = c.reply(214, enhanced("2.0.0"), strings.TrimSpace(name+" "+row.help))
		}
	}
	return replies
}
