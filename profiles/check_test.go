package profiles

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsRefusedAndWhy(t *testing.T) {
	message := filepath.Join(t.TempDir(), "a.eml")
	if err := os.WriteFile(message, []byte("Subject: a\n\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const target = "smtp://127.0.0.1:1"
	for _, tt := range []struct {
		name  string
		flags Flags
		want  string // "" is taken
	}{
		{"a target of another trade", Flags{"target": {"http://127.0.0.1"}}, `--target: target "http://127.0.0.1": "http" is not a scheme for mail; write host`},
		{"a rate below 0", Flags{"rate": {"-1/s"}}, `--rate: "-1/s": column 1: "-1" is out of range; a rate is from 0 to 1000000000/s`},
		{"a rate that is no number", Flags{"rate": {"nan/s"}}, `--rate: "nan/s": column 1: "nan" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"no workers", Flags{"concurrency": {"0"}}, "--concurrency: 0 is out of range; from 1 to 1000000 is possible"},
		{"a count below 0", Flags{"messages": {"-3"}}, "--messages: -3 is too little; the least is 0"},
		{"a time below 0", Flags{"duration": {"-3s"}}, "--duration: a time below 0; give 0 or more"},
		{"a time without a unit", Flags{"drain": {"30"}}, `--drain: "30": no unit; write 30s or 30ms`},
		{"0 needs no unit", Flags{"drain": {"0"}}, ""},
		{"no recipients", Flags{"recipients": {"0"}}, "--recipients: 0 is out of range; from 1 to 1000000 is possible"},
		{"recipients that are all the same", Flags{"recipients": {"2"}, "to": {"a@example.com"}},
			`--to: 2 recipients would all be "a@example.com"; put {n} where their number goes`},
		{"one recipient needs no number", Flags{"to": {"a@example.com"}}, ""},
		{"no recipient at all", Flags{"to": {""}}, "--to: no forward-path; give a mailbox such as user{n}@example.com"},
		{"the null path as sender", Flags{"from": {""}}, ""},
		{"a sender in brackets", Flags{"from": {"<a@example.com>"}},
			`--from: mailbox "<a@example.com>": `},
		{"a mailbox that grows too long", Flags{"to": {strings.Repeat("a", 50) + "{n}@example.com"}}, "--to: mailbox "},
		{"a size above what memory should hold", Flags{"size": {"2GiB"}}, "--size: 2147483648 is out of range; from 0 to 1073741824 is possible"},
		{"a size that cannot be counted", Flags{"size": {"99999999999GiB"}}, `--size: "99999999999GiB": more octets than can be counted`},
		{"a size in hundredweight", Flags{"size": {"1cwt"}}, `--size: "1cwt": unit "cwt" is none of k, KiB, MiB, GiB, kB, MB, GB; write 1024, 4k or 1MiB`},
		{"a body of one octet", Flags{"size": {"1"}}, "--size: 1 octet is no line; a body has none, or at least the 2 of a line end"},
		{"an empty body", Flags{"size": {"0"}}, ""},
		{"a message of one's own", Flags{"data": {message}}, ""},
		{"a message of one's own, and a size", Flags{"data": {message}, "size": {"10"}},
			"--size: the message comes from a file and has a size; leave out size or data"},
		{"a folder as message", Flags{"data": {filepath.Dir(message)}}, "--data: " + filepath.Dir(message) + " is a folder; give the path of a message file"},
		{"think time with a rate", Flags{"think": {"1s"}, "rate": {"5/s"}},
			"--think: a load of 5/s is paced by its rate alone; leave out think, or set rate to 0"},
		{"think time of a closed loop", Flags{"think": {"1s"}, "target": {target}}, ""},
		{"a range upside down", Flags{"think": {"2s..1s"}, "target": {target}}, "--think: 2s..1s is no range; write the shorter pause first, neither below 0"},
		{"half a range", Flags{"think": {"2s.."}}, `--think: "2s..": not a length of time; write 300ms, 10s, 5m or 1h30m`},
		{"a time-out of nothing", Flags{"timeout": {"quit=0s"}}, "--timeout: quit=0s leaves no time; give more than 0"},
		{"a header without a colon", Flags{"header": {"X"}}, `--header: "X" is no header field; write 'Name: value'`},
		{"a header of two lines", Flags{"header": {"X: a\r\nBcc: b"}}, `--header: "X: a\r\nBcc: b" holds '\r' at octet 4; a field is one line`},
		{"a header name with a blank", Flags{"header": {"X Y: a"}}, `--header: "X Y: a" holds ' ' in the field's name; only printable US-ASCII may stand there`},
		{"a header that each message has", Flags{"header": {"date: now"}}, `--header: "date: now": each message has a Date of its own; leave it out`},
		{"a header that is too long", Flags{"header": {"X: " + strings.Repeat("a", 996)}}, "--header: the line has 999 octets; 998 are possible (RFC 5322 section 2.1.1)"},
		{"a subject of two lines", Flags{"subject": {"a\nb"}}, `--subject: "Subject: a\nb" holds '\n' at octet 10; a field is one line`},
		{"a name that is no domain", Flags{"helo": {"a b"}}, `--helo: "a b" is neither a domain nor an address literal; write client.example.com or [127.0.0.1]`},
		{"linger that nobody needs", Flags{"linger": {"5"}}, `--linger: "5": only 0 (close with RST) and -1 (close as the system does) are possible`},
		{"a source with a port", Flags{"local-addr": {"127.0.0.1:1"}}, `--local-addr: "127.0.0.1:1": not an IP address; write 127.0.0.2 or ::1, without a port`},
		{"a transport that is none", Flags{"transport": {"epol"}}, `--transport: "epol": not one of auto, epoll, goroutines; did you mean epoll?`},
		{"goroutines that spin", Flags{"transport": {"goroutines"}, "spin": {"true"}}, "--spin: only event loops can spin; leave out spin, or set transport to epoll"},
		{"a switch that is neither", Flags{"spin": {"perhaps"}}, `--spin: "perhaps": neither true nor false`},
		{"a label without a value", Flags{"label": {"a"}}, `--label: "a": not KEY=VALUE; write --label server=old`},
		{"a number out of its range", Flags{"seed": {"18446744073709551616"}}, `--seed: "18446744073709551616": out of range`},
		{"a seed below 0", Flags{"seed": {"-1"}}, `--seed: "-1": out of range`},
	} {
		_, err := Load(Sources{Flags: tt.flags})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: refused: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s:\n got %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

func TestAPlanMadeByHandIsChecked(t *testing.T) {
	plan := Default()
	if err := plan.Check(); err != nil {
		t.Errorf("the default plan: %v", err)
	}
	plan.Concurrency, plan.Dials = 0, 0
	if err := plan.Check(); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two faults: %v", err)
	}
}
