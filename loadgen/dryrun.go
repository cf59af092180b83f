package loadgen

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// dryReplies are what a server that takes everything would say, in their order: to the connection,
// EHLO, MAIL, each RCPT (the third), DATA, the content, and QUIT.
var dryReplies = map[timing.Step]string{
	timing.Greeting: "220 (greeting)\r\n",
	timing.EHLO:     "250 (ok, no extensions)\r\n",
	timing.Mail:     "250 (ok)\r\n",
	timing.Rcpt:     "250 (ok)\r\n",
	timing.Data:     "354 (go on)\r\n",
	timing.Accept:   "250 (taken)\r\n",
	timing.Quit:     "221 (bye)\r\n",
}

// DryRun prints the conversation of the plan's first message as it would be sent to a server that takes
// everything. It opens no connection and asks no DNS. Errors are of type *PlanError, or w's.
func DryRun(w io.Writer, plan profiles.Plan) error {
	started := time.Now()
	source, err := newSource(plan, os.Stdin, started)
	if err != nil {
		return err
	}
	d := &dryRun{out: w}
	var mail message.Mail
	source.Fill(plan.Shard.Slot(0), started, &mail)
	config := session.Config{Names: []string{plan.HELO}}
	endpoint := transport.Endpoint{Path: "-"}
	d.session.Loop = &session.Loop{Shard: record.New(record.Config{Classes: 1, Shards: 1}).Shard(0),
		Servers: []session.Server{{Endpoints: []transport.Endpoint{endpoint}}}}
	target := plan.Redacted().Target
	if target == "" {
		target = "the built-in sink"
	}
	d.printf("-- %s, %s; the first message; nothing is sent\n", target, newSchedule(plan))
	d.converse(&config, &mail)
	return d.err
}

// A dryRun holds a session with nobody: each command gets the reply that lets it go on.
type dryRun struct {
	out     io.Writer
	err     error
	session session.Session
}

func (d *dryRun) printf(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.out, format, args...)
	}
}

func (d *dryRun) converse(config *session.Config, mail *message.Mail) {
	now := timing.Instant(1)
	d.session.Open(now, session.Opening{Config: config}, mail, false)
	d.session.Handle(&transport.Event{Kind: transport.Opened, Now: now})
	for d.session.Phase() == session.Busy && d.err == nil {
		reply := dryReplies[d.session.Step()]
		d.lines("S: ", reply)
		a := d.session.Handle(&transport.Event{Kind: transport.Received, Now: now, In: []byte(reply)})
		if d.session.Phase() == session.Ready {
			a = d.session.Quit(now, nil)
		}
		for a.Do == transport.Write {
			d.lines("C: ", string(a.Head)+string(a.Body))
			if !a.Notify {
				break
			}
			a = d.session.Handle(&transport.Event{Kind: transport.Written, Now: now})
		}
		if a.Do == transport.Close {
			return
		}
	}
}

func (d *dryRun) lines(who, octets string) {
	for line := range strings.Lines(octets) {
		d.printf("%s%s\n", who, printable(strings.TrimSuffix(line, "\r\n")))
	}
}
