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
		{"a target of another trade", Flags{"target": {"http://127.0.0.1"}}, `--target: target "http://127.0.0.1": "http" is not a scheme for mail; they are`},
		{"a rate below 0", Flags{"rate": {"-1/s"}}, `--rate: "-1/s": column 1: "-1" is out of range; a rate is from 0 to 1000000000/s`},
		{"a rate that is no number", Flags{"rate": {"nan/s"}}, `--rate: "nan/s": column 1: "nan" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"no workers", Flags{"concurrency": {"0"}}, "--concurrency: 0 is out of range; from 1 to 1000000 is possible"},
		{"fewer workers than none", Flags{"concurrency": {"-1"}}, "--concurrency: -1 is out of range; from 1 to 1000000 is possible"},
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
			"--think: a load of 5/s is paced by its rate alone; leave out think, or the rate"},
		{"think time with stages", Flags{"think": {"1s"}, "stages": {"90m@5..30/m"}},
			"--think: a load of 1h30m@0.08333333333333333..0.5/s is paced by its rate alone; leave out think, or the rate"},
		{"stages", Flags{"stages": {"30s@100/s, 2m@100..1000/s, 1m@60000/m"}}, ""},
		{"no stages", Flags{"stages": {""}}, ""},
		{"a stage without a rate", Flags{"stages": {"30s@1/s, 2m"}}, `--stages: "30s@1/s, 2m": column 10: "2m" is not a stage; write a duration and a rate, such as 30s@500/s`},
		{"stages of nothing", Flags{"stages": {"30s@0/s"}}, `--stages: "30s@0/s": no stage has a rate above 0`},
		{"stages and a rate", Flags{"stages": {"30s@1/s"}, "rate": {"5/s"}},
			"--stages: stages have rates and lengths of their own; leave out rate and duration, or stages"},
		{"stages and a length", Flags{"stages": {"30s@1/s"}, "duration": {"5s"}},
			"--stages: stages have rates and lengths of their own; leave out rate and duration, or stages"},
		{"stages and a number of messages", Flags{"stages": {"30s@1/s"}, "messages": {"5"}}, ""},
		{"arrivals by chance", Flags{"arrivals": {"poisson"}, "rate": {"5/s"}}, ""},
		{"stages by chance", Flags{"arrivals": {"poisson"}, "stages": {"30s@1/s"}}, ""},
		{"arrivals nobody knows", Flags{"arrivals": {"poison"}}, `--arrivals: "poison": not one of constant, poisson; did you mean poisson?`},
		{"a closed loop by chance", Flags{"arrivals": {"poisson"}, "target": {target}},
			"--arrivals: a closed loop has no arrivals: its workers ask for the next message; give rate or stages"},
		{"no lateness at all", Flags{"max-lateness": {"0"}, "rate": {"5/s"}}, ""},
		{"lateness without end", Flags{"max-lateness": {"none"}, "target": {target}}, ""},
		{"lateness below 0", Flags{"max-lateness": {"-1s"}, "rate": {"5/s"}}, "--max-lateness: a time below 0; give 0 or more"},
		{"lateness of a closed loop", Flags{"max-lateness": {"1s"}, "target": {target}},
			"--max-lateness: in a closed loop no message is late: it is due when a worker is free; give rate or stages, or leave it out"},
		{"a rate of sessions", Flags{"open-rate": {"60/m"}}, ""},
		{"a rate of sessions that is no rate", Flags{"open-rate": {"many"}}, `--open-rate: "many": column 1: "many" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"a warm-up", Flags{"warm-up": {"9s"}}, ""},
		{"a warm-up below 0", Flags{"warm-up": {"-1s"}}, "--warm-up: a time below 0; give 0 or more"},
		{"nothing but warm-up", Flags{"warm-up": {"10s"}}, "--warm-up: 10s leaves nothing of a load of 10s; make it shorter, or the load longer"},
		{"stages of warm-up", Flags{"warm-up": {"1m"}, "stages": {"20s@1/s, 30s@2/s"}}, "--warm-up: 1m leaves nothing of a load of 50s; make it shorter, or the load longer"},
		{"messages of warm-up", Flags{"warm-up": {"5s"}, "rate": {"10/s"}, "messages": {"50"}}, "--warm-up: 5s leaves nothing of a load of 5s; make it shorter, or the load longer"},
		{"a warm-up of a loop without end", Flags{"warm-up": {"1h"}, "messages": {"50"}, "target": {target}}, ""},
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
		{"a field nobody knows", Flags{"subject": {"{number}"}}, "--subject: {number} is no field; the fields are {n} {uuid} {class} {domain} {rand} {worker} {time} {from} {rcpt}, and {{ is a brace"},
		{"a field misspelt", Flags{"header": {"X: {tiem}"}}, "--header: {tiem} is no field; did you mean {time}?; the fields are {n} {uuid} {class} {domain} {rand} {worker} {time} {from} {rcpt}, and {{ is a brace"},
		{"a mark of one's own", Flags{"header": {"X-Mailmill: 1"}}, `--header: "X-Mailmill: 1": each message has a X-Mailmill of its own; leave it out`},
		{"addresses of many kinds", Flags{"from": {"a@x.example,b@x.example"}, "from-order": {"random"}, "to": {"u{1..9}@{domain}"}, "to-order": {"zipf:1.1"},
			"domains": {"a.example=3,b.example"}, "null-sender": {"10%"}, "unknown-share": {"2%"}, "unknown": {"no{n}@{domain}"}, "recipients": {"1..5"}}, ""},
		{"contents of many kinds", Flags{"size": {"lognormal:median=8k,p95=200k"}, "attach": {"application/pdf=20k", "text/plain=1k"}, "sample": {"eicar"}}, ""},
		{"an order of one address", Flags{"to-order": {"random"}}, `--to-order: "user{n}@example.com" is one pattern, and no list to take in an order; write 'user{1..1000}@example.com', several addresses, or @FILE`},
		{"an order that is none", Flags{"to-order": {"any"}}, `--to-order: "any": not an order; write turn, random or zipf:1.1`},
		{"a comma too many", Flags{"to": {"a@x.example,"}}, "--to: a list with nothing between two commas, or behind the last one; write local-part@domain without angle brackets"},
		{"drawn recipients that are one", Flags{"to": {"a@x.example"}, "recipients": {"1..3"}}, `--to: 1..3 recipients would all be "a@x.example"; put {n} where their number goes`},
		{"null paths of null paths", Flags{"from": {""}, "null-sender": {"5%"}}, "--null-sender: every message has the null reverse-path; give a from, or leave the share out"},
		{"a share beyond all", Flags{"null-sender": {"120%"}}, `--null-sender: "120%": a share is from 0% to 100%`},
		{"unknown recipients of no share", Flags{"unknown": {"no@x.example"}}, "--unknown: no recipient is unknown; give unknown-share, such as 2%"},
		{"domains for nobody", Flags{"domains": {"a.example"}}, "--domains: no address has {domain} in it; write user{n}@{domain}"},
		{"a domain that is none", Flags{"domains": {"a b"}, "to": {"u{n}@{domain}"}}, `--domains: "a b" is no domain; write a.example=3,b.example=1`},
		{"sizes from the larger", Flags{"size": {"20k..2k"}}, `--size: "20k..2k": 20k..2k is no range; write the smaller number first`},
		{"sizes beyond memory", Flags{"size": {"1k..2GiB"}}, "--size: 2147483648 is out of range; from 0 to 1073741824 is possible"},
		{"an attachment without a size", Flags{"attach": {"application/pdf"}}, `--attach: "application/pdf": not a media type and a size; write application/pdf=200k`},
		{"a file and a corpus", Flags{"data": {message}, "corpus": {message}}, "--data: messages come from one place, and not from data and corpus; leave out all but one"},
		{"a corpus of a size", Flags{"corpus": {message}, "size": {"2k"}}, "--size: the message comes from a file and has a size; leave out size or corpus"},
		{"a template with attachments", Flags{"template": {message}, "attach": {"a/b=1"}}, "--attach: only a synthetic message gets attachments; leave out attach or template"},
		{"a corpus with a sample", Flags{"corpus": {message}, "sample": {"gtube"}}, "--sample: a sample is put into a synthetic message; leave out sample or corpus"},
		{"an order of no corpus", Flags{"corpus-order": {"random"}}, "--corpus-order: there is no corpus to take in an order; give one, or leave this out"},
		{"a folder as corpus", Flags{"corpus": {filepath.Dir(message)}}, ""},
		{"a folder as template", Flags{"template": {filepath.Dir(message)}}, "--template: " + filepath.Dir(message) + " is a folder; give the path of a file"},
		{"a list that is not there", Flags{"to": {"@none.csv"}}, "--to: open none.csv: no such file or directory; give the path of a file"},
		{"half a signature", Flags{"dkim-key": {message}}, "--dkim-key: a signature needs all of dkim-key, dkim-domain and dkim-selector"},
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
