package profiles

import (
	"github.com/spf13/pflag"
)

// A TransactionPlan says how mail transactions are carried out.
type TransactionPlan struct {
	// Pipeline sends commands in groups (RFC 2920) where the server offers it.
	Pipeline bool
	// Chunk is the length in octets of a chunk of content (RFC 3030); 0 is DATA.
	Chunk int
	// Binary declares every content as BINARYMIME.
	Binary bool
	// DSN are the parameters of RFC 3461.
	DSN DSN
	// MailParams and RcptParams are further parameters of MAIL and RCPT, with blanks
	// between them. {n} stands for the number that it stands for in From and To.
	MailParams, RcptParams string
	// Force sends what the server has not offered.
	Force bool
	// Limits keeps within the server's LIMITS (RFC 9422).
	Limits bool
	// Before are commands said beside what a mail transaction needs.
	Before []Word
}

var transactionSettings = []Setting{
	{Name: "pipeline", Default: "false", Group: TransactionGroup,
		Usage: "Send MAIL, RCPT and DATA in groups, without waiting for the replies between them (PIPELINING); a server that does not offer it gets one command at a time.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.Pipeline) }},
	{Name: "bdat", Placeholder: "SIZE", Default: "0", Group: TransactionGroup,
		Usage: "Send contents by BDAT in chunks of this size (CHUNKING); 0 sends them by DATA. With --pipeline chunks follow each other without waiting.",
		Unit:  "octets; 64k, 1MiB",
		Value: func(p *Plan) pflag.Value { return Size(&p.Chunk) }},
	{Name: "binary", Default: "false", Group: TransactionGroup,
		Usage: "Declare every content as BODY=BINARYMIME, which goes with --bdat; attachments go as they are, and not in base64.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.Binary) }},
	{Name: "dsn", Placeholder: "KEY=VALUE", Group: TransactionGroup, Separator: ";", Join: "=",
		Usage: "A parameter of delivery status notifications; repeatable: notify=never, or of success, failure and delay; ret=full or hdrs; " +
			"envid=TEXT with {n} for the message's number; orcpt=MAILBOX, or {rcpt} for the recipient's own.",
		Value: func(p *Plan) pflag.Value { return &dsnValue{at: &p.DSN} }},
	{Name: "mail-params", Placeholder: "PARAMS", Group: TransactionGroup,
		Usage: "Further parameters of MAIL, with blanks between them, such as 'MT-PRIORITY=3'; {n} stands for the message's number.",
		Value: func(p *Plan) pflag.Value { return value(&p.MailParams, "parameters", parseParams, asIs) }},
	{Name: "rcpt-params", Placeholder: "PARAMS", Group: TransactionGroup,
		Usage: "Further parameters of RCPT, with blanks between them; {n} stands for the recipient's number.",
		Value: func(p *Plan) pflag.Value { return value(&p.RcptParams, "parameters", parseParams, asIs) }},
	{Name: "force", Default: "false", Group: TransactionGroup,
		Usage: "Send what the server has not offered: 8-bit content, UTF-8 addresses, BDAT, parameters. Without this such a message fails, and nothing of it is sent.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.Force) }},
	{Name: "limits", Default: "true", Group: TransactionGroup,
		Usage: "Keep within what the server says of its LIMITS: QUIT after MAILMAX messages, and send none with more recipients or domains than it takes.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.Limits) }},
	{Name: "before", Placeholder: "STEP:WORD", Group: TransactionGroup, Separator: ";",
		Usage: "Say a command that nothing asks for before each MAIL, RCPT, DATA or QUIT: noop, rset, help, vrfy or expn, and what it asks for; repeatable. " +
			"vrfy and expn ask for the first recipient. Its reply is counted and timed, and decides nothing.",
		Unit: "mail:noop, rcpt:'vrfy user{n}@example.com'",
		Value: func(p *Plan) pflag.Value {
			return &list[Word]{at: &p.Before, separator: ";", parse: ParseWord, format: Word.String}
		}},
}
