package loadgen

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/loadgen/target"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// dryReplies are what a server that takes everything would say, in their order: to the connection,
// EHLO, MAIL, each RCPT (the third), DATA, the content, and QUIT.
var dryReplies = map[timing.Step]string{
	timing.Greeting: "220 (greeting)\r\n",
	timing.EHLO:     "250 (ok, no extensions)\r\n",
	timing.LHLO:     "250 (ok, no extensions)\r\n",
	timing.XCLIENT:  "220 (greeting)\r\n",
	timing.XFORWARD: "250 (ok)\r\n",
	timing.Mail:     "250 (ok)\r\n",
	timing.Rcpt:     "250 (ok)\r\n",
	timing.Data:     "354 (go on)\r\n",
	timing.Accept:   "250 (taken)\r\n",
	timing.Quit:     "221 (bye)\r\n",
}

// dryReply is the reply to every other command.
const dryReply = "250 (ok)\r\n"

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
	targets, err := parseTargets(plan)
	if err != nil {
		return err
	}
	classes, err := newClasses(plan, newOpener(targets, os.Stdin))
	if err != nil {
		return err
	}
	config := *classes[mail.Class()].session
	server := session.Server{Endpoints: []transport.Endpoint{{Path: "-"}}}
	d.printf("-- %s, %s; the first message; nothing is sent\n", cmp.Or(targetNames(plan), "the built-in sink"), newSchedule(plan))
	if len(targets) > 0 {
		server.LMTP = targets[0].LMTP()
		d.leaveOut(&config, targets[0])
	}
	d.offer = dryOffer(&config, &mail)
	d.session.Loop = &session.Loop{Shard: record.New(record.Config{Classes: len(classes), Shards: 1}).Shard(0), Servers: []session.Server{server}}
	d.converse(&config, &mail)
	return d.err
}

// dryOffer is the reply to EHLO of a server that offers what the plan and its first message need, and
// nothing else; "" where that is nothing.
func dryOffer(c *session.Config, m *message.Mail) string {
	reply := "250-(ok)\r\n"
	for _, row := range []struct {
		needed   bool
		keywords string
	}{
		{c.Identity != nil, "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"},
		{c.Pipeline, "PIPELINING"},
		{c.Chunk > 0, "CHUNKING"},
		{c.Binary || m.Binary(), "BINARYMIME"},
		{m.EightBit(), "8BITMIME"},
		{m.UTF8(), "SMTPUTF8"},
		{len(c.Needs) > 0, strings.Join(c.Needs, "\r\n250-")},
	} {
		if row.needed {
			reply += "250-" + row.keywords + "\r\n"
		}
	}
	last := strings.LastIndex(reply, "250-")
	if last == 0 {
		return ""
	}
	return reply[:last] + "250 " + reply[last+len("250-"):]
}

// leaveOut says what nobody can do with nobody: a handshake, and an exchange whose answers follow from what a server says.
func (d *dryRun) leaveOut(c *session.Config, t target.Target) {
	switch t.Security() {
	case target.ImplicitTLS:
		d.printf("-- TLS from the start\n")
	case target.MustStartTLS:
		d.printf("-- STARTTLS behind EHLO, and EHLO again\n")
	}
	if c.Login != nil {
		d.printf("-- AUTH before the first message\n")
		c.Login = nil
	}
}

// A dryRun holds a session with nobody: each command gets the reply that lets it go on.
type dryRun struct {
	out     io.Writer
	err     error
	session session.Session
	offer   string // the reply to EHLO or LHLO, in place of that of the table
}

func (d *dryRun) printf(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.out, format, args...)
	}
}

func (d *dryRun) converse(config *session.Config, mail *message.Mail) {
	now := timing.Instant(1)
	d.session.Open(now, session.Opening{Config: config}, mail, false)
	a := d.write(now, d.session.Handle(&transport.Event{Kind: transport.Opened, Now: now}))
	for d.session.Phase() == session.Busy && a.Do != transport.Close && d.err == nil {
		step := d.session.Step()
		if step == timing.Idle {
			d.printf("-- nothing of the message is sent: it cannot be, as the plan has it\n")
			return
		}
		reply := cmp.Or(dryReplies[step], dryReply)
		if d.offer != "" && (step == timing.EHLO || step == timing.LHLO) {
			reply = d.offer
		}
		d.lines("S: ", reply)
		a = d.session.Handle(&transport.Event{Kind: transport.Received, Now: now, In: []byte(reply)})
		if d.session.Phase() == session.Ready {
			a = d.session.Quit(now, nil)
		}
		a = d.write(now, a)
	}
}

// write shows what an action says, and those that follow from it at once.
func (d *dryRun) write(now timing.Instant, a transport.Action) transport.Action {
	for a.Do == transport.Write {
		d.lines("C: ", string(a.Head)+string(a.Body))
		if !a.Notify {
			break
		}
		a = d.session.Handle(&transport.Event{Kind: transport.Written, Now: now})
	}
	return a
}

func (d *dryRun) lines(who, octets string) {
	for line := range strings.Lines(octets) {
		d.printf("%s%s\n", who, printable(strings.TrimSuffix(line, "\r\n")))
	}
}
