package misbehave

import (
	"strings"
	"testing"

	"mailmill/loadgen/manners"
)

// header is what every message begins with; {kind} stands for the kind, {manner} for all of it.
const headerLines = `
C: Date: Sat, 07 Nov 2026 06:09:10 +0000
C: From: misbehave@c.example.com
C: To: user{n}@example.com
C: Subject: mailmill --misbehave {manner}
C: Message-ID: <misbehave.0.1@{kind}.c.example.com>
C: `

const greetingLines = `
S: 220 server.example.com
C: EHLO {kind}.c.example.com
S: 250-server.example.com
S: 250 PIPELINING`

const envelopeLines = `
C: MAIL FROM:<sender{n}@example.com>
S: 250 ok
C: RCPT TO:<user{n}@example.com>
S: 250 ok
C: DATA
S: 354 go on`

const contentLines = headerLines + `
C: A bad client sent this.
C: .
S: 250 taken`

const goodbyeLines = `
C: QUIT
S: 221 bye
C: <close>`

const taken = "1 begun, 1 accepted, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 250 x1, data 354 x1, accept 250 x1"

// Every kind does what its name says, against a server that takes everything, or ends it.
var plays = []struct{ manner, dialogue, want string }{
	{"early-talker", `
C: EHLO early-talker.c.example.com
S: 220 server.example.com
S: 250 server.example.com` + envelopeLines + contentLines + goodbyeLines, taken + ", quit 221 x1"},
	{"early-talker", `
C: EHLO early-talker.c.example.com
S: 554 5.5.1 you talk too soon
C: <close>`, "1 begun, 1 refused, greeting 554 x1 ended 1"},
	{"early-talker", `
C: EHLO early-talker.c.example.com
S: 421 4.5.0 you talk too soon
S: <close>
C: <close>`, "1 begun, 1 told, greeting 421 x1 ended 1"},
	{"slow-writer=10", `
S: 220 server.example.com
c: "E"
<time>
c: "H"
<time>
c: "L"
S: <close>
C: <close>`, "1 begun, 1 closed, greeting 220 x1"},
	{"slow-writer=25", `
S: 220 server.example.com
c: "EH"
<time>
c: "LO"
<time>
c: " s"
S: 421 4.4.2 too slow
C: <close>`, "1 begun, 1 told, greeting 220 x1, ehlo 421 x1 ended 1"},
	{"slow-writer=1000000", greetingLines + envelopeLines + contentLines + goodbyeLines, taken + ", quit 221 x1"},
	{"slow-reader", `
C: <1500 octets>
<time>
C: <100 octets>
<time>
C: <1500 octets>
S: 220 server.example.com
<time>
C: <100 octets>
S: <reset>`, "1 begun, 1 closed, greeting 220 x1"},
	{"half-open", greetingLines + `
C: MAIL FROM:<sender{n}@example.com>
C: <shut>
S: 250 ok
C: <nothing>
S: <close>
C: <close>`, "1 begun, 1 closed, greeting 220 x1, ehlo 250 x1, idle 250 x1"},
	{"silent", `
C: <nothing>
S: 220 server.example.com
C: <nothing>
S: 421 4.4.2 too long
C: <close>`, "1 begun, 1 told, greeting 220 x1, idle 421 x1 ended 1"},
	{"drop=connect", `
C: <close>`, "1 begun, 1 left"},
	{"drop=greeting", `
C: <nothing>
S: 220 server.example.com
C: <close>`, "1 begun, 1 left, greeting 220 x1"},
	{"drop=ehlo", greetingLines + `
C: <close>`, "1 begun, 1 left, greeting 220 x1, ehlo 250 x1"},
	{"drop=mail", greetingLines + `
C: MAIL FROM:<sender{n}@example.com>
S: 250 ok
C: <close>`, "1 begun, 1 left, greeting 220 x1, ehlo 250 x1, mail 250 x1"},
	{"drop=rcpt", greetingLines + `
C: MAIL FROM:<sender{n}@example.com>
S: 250 ok
C: RCPT TO:<user{n}@example.com>
S: 250 ok
C: <close>`, "1 begun, 1 left, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 250 x1"},
	{"drop=rcpt", greetingLines + `
C: MAIL FROM:<sender{n}@example.com>
S: 250 ok
C: RCPT TO:<user{n}@example.com>
S: 550 5.1.1 unknown
C: <close>`, "1 begun, 1 refused, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 550 x1 ended 1"},
	{"drop=data", greetingLines + envelopeLines + `
C: <close>`, "1 begun, 1 left, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 250 x1, data 354 x1"},
	{"drop=content", greetingLines + envelopeLines + strings.TrimSuffix(contentLines, "S: 250 taken") + `
C: <close>`, "1 begun, 1 left, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 250 x1, data 354 x1"},
	{"reset=connect", `
C: <reset>`, "1 begun, 1 left"},
	{"reset=data", greetingLines + envelopeLines + `
C: <reset>`, "1 begun, 1 left, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 250 x1, data 354 x1"},
	{"no-quit", greetingLines + envelopeLines + contentLines + `
C: <close>`, taken},
	{"no-quit", greetingLines + envelopeLines + strings.TrimSuffix(contentLines, "S: 250 taken") + `
<time>
C: <close>`, "1 begun, 1 timed out, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 250 x1, data 354 x1"},
	{"long-line=600", greetingLines + `
C: NOOP ` + strings.Repeat("x", 593) + `
S: 500 line too long` + envelopeLines + headerLines + `
C: ` + strings.Repeat("x", 598) + `
C: .
S: 552 line too long
C: <close>`, "1 begun, 1 refused, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 250 x1, data 354 x1, accept 552 x1 ended 1, noop 500 x1"},
	{"bare-lf", `
S: 220 server.example.com
c: "EHLO bare-lf.c.example.com\n"
S: 250 server.example.com
c: "MAIL FROM:<sender1000000000000@example.com>\n"
S: 250 ok
c: "RCPT TO:<user1000000000000@example.com>\n"
S: 250 ok
c: "DATA\n"
S: 354 go on
c: "Date: Sat, 07 Nov 2026 06:09:10 +0000\nFrom: misbehave@c.example.com\nTo: user1000000000000@example.com\nSubject: mailmill --misbehave bare-lf\nMessage-ID: <misbehave.0.1@bare-lf.c.example.com>\n\nA bad client sent this.\n\r\n.\r\n"
S: 250 taken
c: "QUIT\n"
S: 221 bye
C: <close>`, taken + ", quit 221 x1"},
	{"bare-lf", `
S: 220 server.example.com
c: "EHLO bare-lf.c.example.com\n"
<time>
C: <close>`, "1 begun, 1 timed out, greeting 220 x1"},
	{"pipeline", `
S: 220 server.example.com
C: EHLO pipeline.c.example.com
C: MAIL FROM:<sender{n}@example.com>
C: RCPT TO:<user{n}@example.com>
C: DATA
S: 250 server.example.com
S: 250 ok
S: 250 ok
S: 354 go on` + contentLines + goodbyeLines, taken + ", quit 221 x1"},
	{"pipeline", `
S: 220 server.example.com
C: EHLO pipeline.c.example.com
C: MAIL FROM:<sender{n}@example.com>
C: RCPT TO:<user{n}@example.com>
C: DATA
S: 554 5.5.1 synchronization error
C: <close>`, "1 begun, 1 refused, greeting 220 x1, ehlo 554 x1 ended 1"},
	{"endless-content=1000", greetingLines + envelopeLines + headerLines + `
C: <100 octets>
<time>
C: <100 octets>
S: 552 5.3.4 too big
C: <close>`, "1 begun, 1 refused, greeting 220 x1, ehlo 250 x1, mail 250 x1, rcpt 250 x1, data 354 x1, content 552 x1 ended 1"},
	{"bad-syntax", greetingLines + `
C: XYZZY
S: 500 what
<time>
C: MAIL FROM
S: 501 what
<time>
C: MAIL FROM:<<a@b>
S: 250 fine
<time>
C: MAIL FROM:<a@b.example> FOO=BAR
S: 421 4.7.0 too many errors
C: <close>`, "1 begun, 1 told, greeting 220 x1, ehlo 250 x1, mail 250 x1, mail 421 x1 ended 1, mail 501 x1, noop 500 x1"},
}

func TestEveryKindDoesWhatItsNameSays(t *testing.T) {
	seen := map[manners.Kind]bool{}
	for _, row := range plays {
		for name, pieces := range map[string]int{"whole": 1 << 20, "octet by octet": 1} {
			t.Run(row.manner+", "+name, func(t *testing.T) {
				c := config(t, row.manner)
				c.End = 2 // no second session
				s := newScene(t, c)
				kind := s.client.tally.Manner.Kind
				seen[kind] = true
				s.connect()
				names := strings.NewReplacer("{kind}", kind.String(), "{manner}", s.client.tally.Manner.String())
				s.play(names.Replace(row.dialogue), pieces)
				if got := told(s.crowd.Tallies()[0]); got != row.want {
					t.Errorf("the tally is %s\nwant          %s", got, row.want)
				}
			})
		}
	}
	for k := range manners.NumKinds {
		if !seen[k] {
			t.Errorf("no dialogue shows what %v does", k)
		}
	}
}
