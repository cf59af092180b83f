package loadgen

import (
	"bytes"
	"strconv"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A server is scripted: what it answers, and after how long, is a function of the moment. It notes what it hears.
type server struct {
	script func(moment) answer
	since  func(timing.Instant) time.Duration // time 0 of the run

	opened, closed int   // sessions
	pipelined      int   // times that something came before its turn
	heard          int64 // octets
	taken          int64 // octets of them that were content
	commands       map[string]int
	mails          map[int64]int // MAIL, by slot
	contents       map[int64]int // whole contents, by slot
	peers          []transport.Endpoint
	arrivals       []timing.Instant // of sessions
	content        func(slot int64, octets []byte)
}

// A moment is where a session stands when the server is to answer.
type moment struct {
	at        time.Duration // since time 0 of the run; negative before
	step      timing.Step   // that the answer ends
	session   int           // from 0: the preflight's
	slot      int64         // by its reverse-path; -1 before MAIL
	recipient int           // of the mail transaction, from 0
}

// An answer is what the server does at a moment.
type answer struct {
	after time.Duration
	reply string // "": the one that lets the session go on
	deed  deed
}

type deed uint8

const (
	say   deed = iota // the reply
	leave             // say the reply, and close
	drop              // close
	reset             // break the connection
	mute              // never answer
)

func newServer(script func(moment) answer) *server {
	if script == nil {
		script = func(moment) answer { return answer{} }
	}
	return &server{script: script, since: func(timing.Instant) time.Duration { return 0 }, commands: map[string]int{}, mails: map[int64]int{}, contents: map[int64]int{}}
}

// welcome are the replies that let a session go on.
var welcome = map[timing.Step]string{
	timing.Greeting: "220 server.example.com ESMTP\r\n",
	timing.EHLO:     "250-server.example.com\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n",
	timing.HELO:     "250 server.example.com\r\n",
	timing.Mail:     "250 2.1.0 Ok\r\n",
	timing.Rcpt:     "250 2.1.5 Ok\r\n",
	timing.Data:     "354 go on\r\n",
	timing.Accept:   "250 2.0.0 Ok: queued\r\n",
	timing.RSET:     "250 2.0.0 Ok\r\n",
	timing.NOOP:     "250 2.0.0 Ok\r\n",
	timing.Quit:     "221 2.0.0 Bye\r\n",
}

// verbs are the steps that commands begin.
var verbs = map[string]timing.Step{
	"EHLO": timing.EHLO, "HELO": timing.HELO, "MAIL": timing.Mail, "RCPT": timing.Rcpt, "DATA": timing.Data,
	"RSET": timing.RSET, "NOOP": timing.NOOP, "QUIT": timing.Quit,
}

func (s *server) accept(_ int, p *transport.Peer) transport.Conversation {
	return &visit{server: s, peer: p.Remote, slot: -1}
}

// A visit is one session of a server.
type visit struct {
	server    *server
	peer      transport.Endpoint
	number    int
	slot      int64
	recipient int
	content   bool // what comes next
	pending   answer
	busy      bool // an answer is being thought over
	gone      bool
}

// Handle implements transport.Conversation.
func (v *visit) Handle(e *transport.Event) transport.Action {
	switch e.Kind {
	case transport.Opened:
		s := v.server
		v.number = s.opened
		s.opened++
		s.peers, s.arrivals = append(s.peers, v.peer), append(s.arrivals, e.Now)
		return v.answer(e, timing.Greeting, 0)
	case transport.Received:
		return v.hear(e)
	case transport.Expired:
		return v.speak(e, 0)
	case transport.Written:
		if v.gone {
			return transport.Action{Do: transport.Close}
		}
	case transport.Ended, transport.Broken, transport.Closed:
		v.server.closed++
		return transport.Action{Do: transport.Done}
	}
	return transport.Action{}
}

// hear takes a command or a content.
func (v *visit) hear(e *transport.Event) transport.Action {
	end := []byte("\n")
	if v.content {
		end = []byte("\r\n.\r\n")
	}
	n := bytes.Index(e.In, end) + len(end)
	if n < len(end) {
		return transport.Action{Until: v.until(e.Now)}
	}
	v.server.heard += int64(n)
	if v.busy || n < len(e.In) {
		v.server.pipelined++
	}
	if v.content {
		v.content = false
		v.server.contents[v.slot]++
		v.server.taken += int64(n)
		if v.server.content != nil {
			v.server.content(v.slot, e.In[:n])
		}
		return v.answer(e, timing.Accept, n)
	}
	return v.answer(e, v.command(e.In[:n]), n)
}

// command notes a command, and returns its step.
func (v *visit) command(line []byte) timing.Step {
	verb := string(line[:min(4, len(line))])
	step := verbs[verb]
	v.server.commands[verb]++
	switch step {
	case timing.Mail:
		v.slot, v.recipient = slotOf(line), -1
		v.server.mails[v.slot]++
	case timing.Rcpt:
		v.recipient++
	}
	return step
}

// slotOf returns the number in "MAIL FROM:<sender12@".
func slotOf(line []byte) int64 {
	digits := bytes.TrimLeft(line[bytes.IndexByte(line, '<')+1:], "abcdefghijklmnopqrstuvwxyz")
	digits, _, _ = bytes.Cut(digits, []byte("@"))
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// answer thinks over what to do at a step, whose command took so many octets.
func (v *visit) answer(e *transport.Event, step timing.Step, taken int) transport.Action {
	v.pending = v.server.script(moment{at: v.server.since(e.Now), step: step, session: v.number, slot: v.slot, recipient: v.recipient})
	if v.pending.reply == "" {
		v.pending.reply = welcome[step]
	}
	v.content = step == timing.Data && v.pending.reply[0] == '3'
	v.gone = v.pending.deed == leave || step == timing.Quit
	if v.pending.after > 0 {
		v.busy = true
		return transport.Action{Taken: taken, Until: e.Now.Add(v.pending.after)}
	}
	return v.speak(e, taken)
}

// until is the end of the thought, if there is one.
func (v *visit) until(now timing.Instant) timing.Instant {
	if v.busy {
		return now.Add(v.pending.after)
	}
	return 0
}

// speak does what was thought over.
func (v *visit) speak(e *transport.Event, taken int) transport.Action {
	v.busy = false
	a := transport.Action{Taken: taken}
	switch v.pending.deed {
	case say, leave:
		a.Do, a.Head, a.Notify = transport.Write, append(e.Scratch, v.pending.reply...), v.gone
	case drop:
		a.Do, a.How = transport.Close, transport.Now
	case reset:
		a.Do, a.How = transport.Close, transport.Reset
	}
	return a
}
