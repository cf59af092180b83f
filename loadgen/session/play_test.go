package session

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A play plays a dialogue in memory. Time passes only where the network or the server does
// something, a millisecond more each time, so that no two steps take equally long.
type play struct {
	t     rapid.TB
	d     *dialogue
	owner *owner
	*wire
	witness witness
	split   func(octets int) int // how many of the octets come in the next read
	lapse   time.Duration
}

// stepTimeouts are different for each step, and longer than any dialogue.
func stepTimeouts() (timeouts [timing.NumSteps]time.Duration) {
	for s := range timeouts {
		timeouts[s] = time.Duration(s+1) * time.Minute
	}
	return timeouts
}

// playInMemory plays a dialogue to its end.
func playInMemory(t rapid.TB, d *dialogue, split func(int) int) records {
	t.Helper()
	o := newOwner(t, d, make([]transport.Endpoint, d.endpoints), stepTimeouts())
	p := &play{t: t, d: d, owner: o, wire: newWire(t, o), split: split, witness: newWitness(d)}
	p.event(transport.Event{Kind: transport.Started})
	for i := 0; i < len(d.lines); {
		if t.Failed() {
			t.FailNow()
		}
		i += p.line(d.lines[i:])
	}
	if !p.done || len(p.out) > 0 || p.hungUp > 0 {
		t.Errorf("%s: at the end: done %t, said beyond %q, %d closes beyond", d.name, p.done, p.out, p.hungUp)
	}
	r := recorded(t, o)
	p.countOctets(r.totals)
	if !d.whole {
		p.witness.agrees(t, r.totals)
	}
	return r
}

// countOctets compares the octets that were counted with those of the wire. Of a content that was not
// wholly written nobody knows how much the system took: it is counted block by block.
func (p *play) countOctets(totals *record.Totals) {
	p.t.Helper()
	unsure := slices.ContainsFunc(p.d.lines, func(l line) bool { return l.act == "content begins" })
	if totals.OctetsReceived != p.took || totals.OctetsSent != p.said && !(unsure && totals.OctetsSent < p.said) {
		p.t.Errorf("%s: %d octets sent, %d received; want %d and %d", p.d.name, totals.OctetsSent, totals.OctetsReceived, p.said, p.took)
	}
}

// line plays the next line, or lines, and returns how many they were.
func (p *play) line(lines []line) int {
	p.t.Helper()
	l := lines[0]
	switch {
	case l.act != "":
		acts[l.act](p, l)
	case l.by == client:
		p.commanded(l)
	default:
		n := reads(lines)
		var read strings.Builder
		for _, l := range lines[:n] {
			read.WriteString(l.octets)
		}
		p.heard(read.String())
		return n
	}
	return 1
}

// reads returns how many lines come in one read.
func reads(lines []line) int {
	n := 0
	for n < len(lines) && lines[n].says() {
		n++
	}
	return n
}

// pass lets a little more time pass than the last time.
func (p *play) pass() {
	p.lapse += time.Millisecond
	p.now = p.now.Add(p.lapse)
}

func (p *play) fail(l line, format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("%s, line %d: "+format, append([]any{p.d.name, l.number}, args...)...)
}

// commanded expects a command.
func (p *play) commanded(l line) {
	p.t.Helper()
	want := p.owner.spoken(l)
	p.established() // where the client speaks first
	rest, ok := bytes.CutPrefix(p.out, []byte(want))
	if !ok {
		p.fail(l, "said %q, want %q", p.out, want)
	}
	p.out = rest
	p.witness.commanded(want, p.spoke)
	if p.owner.session.Step() == timing.Proxy {
		p.pass()
		p.wrote()
		p.witness.ended(0, p.now)
		p.witness.begins(timing.Greeting, p.now)
	}
}

func (p *play) heard(octets string) {
	p.t.Helper()
	p.established()
	if !p.open {
		p.t.Fatalf("%s: the connection is closed before the server can say %q", p.d.name, octets)
	}
	p.pass()
	p.witness.heard(octets, p.now)
	for octets != "" && p.open {
		n := p.split(len(octets))
		p.hear(octets[:n])
		octets = octets[n:]
	}
}

// established answers the dial, if that was not done yet.
func (p *play) established() {
	p.t.Helper()
	if p.dialed == nil {
		return
	}
	p.pass()
	p.witness.begins(timing.Connect, p.since)
	p.witness.ended(0, p.now)
	p.witness.begins(timing.Greeting, p.now)
	p.connect()
}

// acts are what happens beside what is said.
var acts map[string]func(*play, line)

func init() {
	acts = map[string]func(*play, line){
		"connect":        (*play).dialing,
		"content":        (*play).content,
		"content begins": (*play).contentBegins,
		"chunk":          (*play).chunk,
		"tls":            (*play).handshake,
		"idle":           (*play).idle,
		"close":          (*play).closing,
		"refuse":         (*play).refuse,
		"pause":          func(*play, line) {},
		"silence":        (*play).silence,
		"reset":          (*play).reset,
	}
}

func (p *play) dialing(l line) {
	if p.dialed == nil || p.hungUp > 0 {
		p.fail(l, "no dial is under way, or %d closes were not looked at", p.hungUp)
	}
	p.witness.dialed = p.since
	clear(p.witness.done)
}

func (p *play) content(l line) {
	p.witness.begins(timing.Content, p.spoke)
	want := slices.Concat(p.owner.sending())
	for p.writing {
		p.pass()
		p.wrote()
	}
	if !bytes.Equal(p.out, want) || !strings.HasSuffix(string(want), l.ends) {
		p.fail(l, "the content is %d octets, ends in %q; want %d, end in %q", len(p.out), p.out[max(0, len(p.out)-20):], len(want), l.ends)
	}
	p.out = p.out[:0]
	p.witness.ended(0, p.now)
	p.witness.accepts(p.now)
}

func (p *play) contentBegins(l line) {
	p.witness.begins(timing.Content, p.spoke)
	head, body := p.owner.sending()
	rest, ok := bytes.CutPrefix(p.out, head)
	if !p.writing || !ok || !bytes.HasPrefix(body, rest) {
		p.fail(l, "no content is being written, but %q", p.out)
	}
	p.out = p.out[:0]
}

// handshake takes a little time on both sides.
func (p *play) handshake(l line) {
	p.established()
	if !p.shaking || len(p.out) > 0 {
		p.fail(l, "no handshake was begun, but %q said", p.out)
	}
	p.witness.begins(timing.TLS, p.now)
	p.pass()
	p.shook()
	p.witness.ended(0, p.now)
	p.witness.begins(timing.Greeting, p.now)
	if len(p.out) > 0 { // behind STARTTLS the client speaks first
		p.witness.begins(timing.Idle, p.now)
	}
}

func (p *play) idle(l line) {
	if len(p.out) > 0 || p.owner.session.Phase() != Ready {
		p.fail(l, "not idle: said %q", p.out)
	}
	p.expire()
}

// closing is the end of the connection by the side that the line is of.
func (p *play) closing(l line) {
	if l.by == server {
		p.end(l, func() { p.event(transport.Event{Kind: transport.Ended}) })
		return
	}
	if p.hungUp != 1 {
		p.fail(l, "the client has closed %d connections", p.hungUp)
	}
	p.hungUp = 0
}

func (p *play) reset(l line) {
	p.end(l, func() { p.lose(timing.Fault{Kind: timing.Reset, Text: "read: connection reset by peer"}) })
}

// end ends the connection, if the client has not done so before. The client may not go on with it.
func (p *play) end(l line, by func()) {
	if p.hungUp > 0 {
		p.hungUp = 0
		return
	}
	p.established()
	p.pass()
	by()
	if p.open || len(p.out) > 0 {
		p.fail(l, "the client goes on with a connection that is at its end: %q", p.out)
	}
	p.hungUp = 0
}

func (p *play) refuse(line) {
	p.pass()
	p.lose(timing.Fault{Kind: timing.Refused, Text: "connect: connection refused"})
}

// silence lasts until the outstanding step's time-out, to the nanosecond.
func (p *play) silence(l line) {
	p.established()
	if due := p.witness.since.Add(stepTimeouts()[p.witness.step]); p.until != due {
		p.fail(l, "the time-out of %v is at %d, want %d", p.witness.step, p.until, due)
	}
	p.expire()
}

func whole(octets int) int { return octets }
func oneOctet(int) int     { return 1 }

func TestDialogues(t *testing.T) {
	for _, d := range dialogues(t) {
		t.Run(d.name, func(t *testing.T) {
			r := playInMemory(t, d, whole)
			r.meet(t, d)
		})
	}
}

// alike compares all that was recorded, instants included.
func alike(t rapid.TB, got, want records) {
	t.Helper()
	if got, want := got.digest(), want.digest(); got != want {
		t.Errorf("recorded:\n%s\nwhere the octets come whole:\n%s", got, want)
	}
}

func TestDialoguesOneOctetAtATime(t *testing.T) {
	for _, d := range dialogues(t) {
		if d.whole {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			r := playInMemory(t, d, oneOctet)
			r.meet(t, d)
			alike(t, r, playInMemory(t, d, whole))
		})
	}
}

// TestAnySplitGivesTheSameRecords: how the server's octets are cut into reads is the network's business.
func TestAnySplitGivesTheSameRecords(t *testing.T) {
	all := dialogues(t)
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.SampledFrom(all).Filter(func(d *dialogue) bool { return !d.whole }).Draw(r, "dialogue")
		cuts := rapid.IntRange(1, 40)
		got := playInMemory(t, d, func(octets int) int { return min(octets, cuts.Draw(r, "octets")) })
		alike(t, got, playInMemory(t, d, whole))
	})
}
