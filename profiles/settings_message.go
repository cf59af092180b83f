package profiles

import (
	"github.com/spf13/pflag"
)

// A MessagePlan says what a message is.
type MessagePlan struct {
	// From is the pattern of the reverse-path, To of the forward-paths, both
	// without angle brackets. {n} stands for a number counted from 0: in To that
	// of the recipient over the whole run, elsewhere that of the slot.
	From, To string
	// Recipients is the number of forward-paths per message.
	Recipients int
	// Size is the length of a synthetic body in octets; headers are not counted.
	Size int
	// Data is the path of a message to send in place of a synthetic one; "-" is
	// the standard input.
	Data string
	// Headers are further header fields, each "Name: value".
	Headers []string
	// Subject is the text of the Subject field.
	Subject string
	// Seed makes everything that is drawn repeatable.
	Seed uint64
}

var messageSettings = []Setting{
	{Name: "from", Placeholder: "MAILBOX", Default: "sender@example.com", Group: MessageGroup,
		Usage: "Reverse-path, without angle brackets; {n} stands for the message's number, nothing at all is the null path <>.",
		Value: func(p *Plan) pflag.Value { return Text(&p.From) }},
	{Name: "to", Placeholder: "MAILBOX", Default: "user{n}@example.com", Group: MessageGroup,
		Usage: "Forward-path, without angle brackets; {n} stands for a number that no two recipients of the run share.",
		Value: func(p *Plan) pflag.Value { return Text(&p.To) }},
	{Name: "recipients", Placeholder: "N", Default: "1", Group: MessageGroup,
		Usage: "Recipients of each message.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Recipients) }},
	{Name: "size", Placeholder: "SIZE", Default: "1024", Group: MessageGroup,
		Usage: "Length of the synthetic body; header fields are not counted.",
		Unit:  "octets; 4k, 1MiB",
		Value: func(p *Plan) pflag.Value { return Size(&p.Size) }},
	{Name: "data", Placeholder: "FILE", Group: MessageGroup,
		Usage: "Send this message, header and body, in place of a synthetic one; - reads the standard input before the run.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Data) }},
	{Name: "header", Placeholder: "'NAME: VALUE'", Group: MessageGroup, Separator: "\n", Join: ": ",
		Usage: "A header field, in the place of those of its name; repeatable. {n} stands for the message's number.",
		Value: func(p *Plan) pflag.Value { return Texts(&p.Headers, "\n") }},
	{Name: "subject", Placeholder: "TEXT", Group: MessageGroup,
		Usage: "Text of the Subject field; {n} stands for the message's number. Without it 'message {n}', or that of --data.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Subject) }},
	{Name: "seed", Placeholder: "N", Default: "1", Group: MessageGroup, RunWide: true,
		Usage: "Seed of everything that is drawn; the same seed gives the same run.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Seed) }},
}
