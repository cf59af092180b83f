package profiles

import (
	"reflect"
	"strings"
	"testing"

	"mailmill/loadgen/timing"
)

func TestWords(t *testing.T) {
	for in, want := range map[string]Word{
		"mail:noop":                      {timing.Mail, timing.NOOP, ""},
		"MAIL:RSET":                      {timing.Mail, timing.RSET, ""},
		"rcpt:vrfy user{n}@example.com":  {timing.Rcpt, timing.VRFY, "user{n}@example.com"},
		"data:help  data ":               {timing.Data, timing.Help, "data"},
		"quit: expn list":                {timing.Quit, timing.EXPN, "list"},
		"quit:rset":                      {timing.Quit, timing.RSET, ""},
		"mail:vrfy a:b <x@example.com> ": {timing.Mail, timing.VRFY, "a:b <x@example.com>"},
	} {
		got, err := ParseWord(in)
		if again, _ := ParseWord(got.String()); err != nil || got != want || again != want {
			t.Errorf("%q: %v, %v, want %v; read back %v", in, got, err, want, again)
		}
	}
	for in, want := range map[string]string{
		"noop":                                  "not STEP:WORD; write mail:noop",
		"mial:noop":                             `"mial" is no step that a word can stand before; did you mean mail?; there are mail rcpt data quit`,
		"accept:noop":                           `"accept" is no step that a word can stand before; there are mail rcpt data quit`,
		"mail:vrfi x":                           `"vrfi" is no word; did you mean vrfy?; there are noop rset help vrfy expn`,
		"mail:":                                 `"" is no word; there are noop rset help vrfy expn`,
		"mail:quit":                             `"quit" is no word; there are noop rset help vrfy expn`,
		"rcpt:rset":                             "RSET before rcpt would end the mail transaction; it can stand before mail and quit",
		"mail:rset x":                           `RSET asks for nothing; leave out "x"`,
		"mail:vrfy a\nb":                        `a control character in "a\nb"`,
		"mail:help " + strings.Repeat("x", 481): "481 octets behind help; a command line has room for 480",
	} {
		if _, err := ParseWord(in); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

func TestParametersOfDSN(t *testing.T) {
	p, err := Load(Sources{Flags: Flags{"dsn": {"notify=success, delay", "RET=hdrs", "envid=run 1+{n}", "orcpt={rcpt}"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.DSN.MailParams(), "RET=HDRS ENVID=run+201+2B{n}"; got != want {
		t.Errorf("MAIL has %q, want %q", got, want)
	}
	if got, want := p.DSN.RcptParams(), "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;{rcpt}"; got != want {
		t.Errorf("RCPT has %q, want %q", got, want)
	}
	if got, want := p.Values()["dsn"], "notify=SUCCESS,DELAY;ret=HDRS;envid=run 1+{n};orcpt={rcpt}"; got != want {
		t.Errorf("shown as %q, want %q", got, want)
	}
	if none := (DSN{}); none.MailParams() != "" || none.RcptParams() != "" {
		t.Errorf("no parameters are %q and %q", none.MailParams(), none.RcptParams())
	}
}

func TestParametersThatAreRefused(t *testing.T) {
	for _, row := range []struct{ flag, value, want string }{
		{"dsn", "notify", "not KEY=VALUE; write notify=success,failure"},
		{"dsn", "notfy=never", `"notfy" is no parameter of DSN; did you mean notify?; there are notify ret envid orcpt`},
		{"dsn", "notify=never,success", "notify is never, or each of success, failure and delay at most once, with commas between them"},
		{"dsn", "notify=delay,delay", "notify is never, or each of success, failure and delay at most once, with commas between them"},
		{"dsn", "ret=all", "ret is full or hdrs"},
		{"dsn", "envid=" + strings.Repeat("x", 101), "envid is up to 100 printable characters of ASCII, without a semicolon"},
		{"dsn", "envid=a;b", "envid is up to 100 printable characters of ASCII, without a semicolon"},
		{"before", "mail:vrfy a;b", `a semicolon in "a;b", which would begin another word`},
		{"dsn", "orcpt=nobody", "orcpt is a mailbox, such as {rcpt}, which is the forward-path"},
		{"mail-params", "SIZE=1", "leave out SIZE: it is given wherever the server offers it"},
		{"mail-params", "MT-PRIORITY=3 body=8BITMIME", "leave out body: it follows from the content, and from --binary"},
		{"mail-params", "PRDR", "leave out PRDR: one reply for each recipient is LMTP's; give an lmtp:// target"},
		{"mail-params", "=1", `"=1" is no parameter; write KEY or KEY=VALUE, with blanks between them`},
		{"mail-params", "X={nobody}", "{nobody}"},
		{"rcpt-params", "X=a\r\nDATA", "a line end or NUL among the parameters"},
	} {
		_, err := Load(Sources{Flags: Flags{row.flag: {row.value}}})
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("--%s %q: %v, want %s", row.flag, row.value, err, row.want)
		}
	}
}

func TestWhatGoesTogetherInATransaction(t *testing.T) {
	for _, row := range []struct {
		flags Flags
		want  string
	}{
		{Flags{"binary": {"true"}}, "BINARYMIME goes in chunks; give bdat, such as 64k"},
		{Flags{"binary": {"true"}, "bdat": {"64k"}}, ""},
		{Flags{"bdat": {"-1"}}, "bdat"},
		{Flags{"dsn": {"ret=full"}, "mail-params": {"ENVID=x RET=HDRS"}}, "RET is given by dsn and by mail-params; leave one out"},
	} {
		_, err := Load(Sources{Flags: row.flags})
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%v: %v, want %q", row.flags, err, row.want)
		}
	}
}

// What is shown of the settings is read back as the same plan: from an environment, and from a printed profile.
func TestTransactionsAreReadBackAsWritten(t *testing.T) {
	plan, err := Load(Sources{Flags: Flags{"pipeline": {"true"}, "bdat": {"64k"}, "binary": {"true"}, "force": {"true"}, "limits": {"false"},
		"dsn": {"ret=full", "notify=never"}, "mail-params": {"A=1  B"}, "rcpt-params": {"C={n}"},
		"before": {"mail:noop", "quit:vrfy <user{n}@example.com>"}}})
	if err != nil {
		t.Fatal(err)
	}
	again := Default()
	for _, s := range transactionSettings {
		if err := s.assign(&again, split(plan.Values()[s.Name], s.Separator)); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	if !reflect.DeepEqual(again.TransactionPlan, plan.TransactionPlan) {
		t.Errorf("%+v became %+v", plan.TransactionPlan, again.TransactionPlan)
	}
}

func TestTheDefaultTransactionIsThePlainOne(t *testing.T) {
	if got, want := Default().TransactionPlan, (TransactionPlan{Limits: true}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
