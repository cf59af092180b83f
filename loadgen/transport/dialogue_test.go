package transport

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"mailmill/loadgen/timing"
)

// A speaker is a conversation written as a function.
type speaker func(*Event) Action

func (s speaker) Handle(e *Event) Action { return s(e) }

// A paperCarrier notes what it is asked and lets the test say what comes of it.
type paperCarrier struct {
	now    timing.Instant
	asked  []string
	fits   bool // writes are complete at once
	closes bool // so is Close
	waits  bool // dials wait for a permit
}

func (p *paperCarrier) note(format string, args ...any) {
	p.asked = append(p.asked, fmt.Sprintf(format, args...))
}

func (p *paperCarrier) Now() timing.Instant { p.now++; return p.now }

func (p *paperCarrier) dial(Endpoint) bool { p.note("dial"); return p.waits }

func (p *paperCarrier) write(head, body []byte) bool {
	p.note("write %s%s", head, body)
	return p.fits
}

func (p *paperCarrier) shake(_ *TLS, in []byte) { p.note("shake %s", in) }

func (p *paperCarrier) close(how Closing) bool { p.note("close %d", how); return p.closes }

// paper returns a dialogue that answers event after event with actions, and
// tells its events.
func paper(p *paperCarrier, told *[]Event, actions ...Action) *dialogue {
	d := &dialogue{wire: p, tally: func() {}}
	d.c = speaker(func(e *Event) Action {
		note := *e
		note.In = slices.Clone(e.In)
		*told = append(*told, note)
		if len(actions) == 0 {
			return Action{}
		}
		a := actions[0]
		actions = actions[1:]
		return a
	})
	return d
}

func kinds(told []Event) (k []EventKind) {
	for _, e := range told {
		k = append(k, e.Kind)
	}
	return k
}

// TestMisuse: an action that makes no sense costs the connection, with a fault
// that says whose it is.
func TestMisuse(t *testing.T) {
	write := Action{Do: Write, Head: []byte("x")}
	shake := Action{Do: StartTLS, TLS: &TLS{}}
	halfWay := Action{Do: Close, How: HalfWay}
	tests := []struct {
		says    string
		actions []Action // to Started, Opened, and what follows
		want    string
	}{
		{"Write before there is a connection", []Action{write}, "Write without an open connection"},
		{"StartTLS before there is a connection", []Action{shake}, "StartTLS without a connection at rest"},
		{"Write twice", []Action{{}, write, write}, "Write while a Write is unfinished"},
		{"StartTLS while a Write is unfinished", []Action{{}, write, shake}, "StartTLS without a connection at rest"},
		{"Write after HalfWay", []Action{{}, halfWay, write}, "Write after Close HalfWay"},
		{"HalfWay in a handshake", []Action{{}, shake, halfWay}, "Close HalfWay without an open connection"},
		{"Write in a handshake", []Action{{}, shake, write}, "Write without an open connection"},
	}
	for _, test := range tests {
		var told []Event
		d := paper(&paperCarrier{closes: true}, &told, test.actions...)
		d.start()
		if len(told) == 1 {
			d.opened(1, &Peer{})
			d.wake(1)
		}
		last := told[len(told)-1]
		if last.Kind != Broken || last.Fault != localFault(test.want) || d.phase != phaseNone {
			t.Errorf("%s: told %v, fault %v, want Broken by %q", test.says, kinds(told), last.Fault, test.want)
		}
	}
}

// TestOctetsBeforeHandshake: which untaken octets belong to the handshake.
func TestOctetsBeforeHandshake(t *testing.T) {
	spoke := Action{Do: Write, Head: []byte("220 go")}
	tests := []struct {
		says   string
		server bool
		opened Action
		in     string
		taken  int
		shakes bool
	}{
		{"a server that spoke, nothing untaken", true, spoke, "STARTTLS", 8, true},
		{"a server that spoke, something untaken", true, spoke, "STARTTLSMAIL", 8, false},
		{"a server that has not spoken, a ClientHello behind a PROXY header", true, Action{}, "PROXYhello", 5, true},
		{"a client that has not spoken, something untaken", false, Action{}, "220 goMORE", 6, false},
		{"a client that spoke, nothing untaken", false, spoke, "220 go", 6, true},
	}
	for _, test := range tests {
		var told []Event
		p := &paperCarrier{fits: true, closes: true}
		d := paper(p, &told, Action{}, test.opened, Action{Do: StartTLS, Taken: test.taken, TLS: &TLS{Server: test.server}})
		d.start()
		d.opened(1, &Peer{})
		d.arrived(2, []byte(test.in))
		want := "shake " + test.in[test.taken:]
		if !test.shakes {
			want = fmt.Sprintf("close %d", Now)
		}
		if got := p.asked[len(p.asked)-1]; got != want {
			t.Errorf("%s: the carrier was asked to %s, want %s", test.says, got, want)
		}
		if last := told[len(told)-1]; !test.shakes && last.Fault.Kind != timing.TLSFailed {
			t.Errorf("%s: told %v, fault %v, want one of TLS", test.says, kinds(told), last.Fault)
		}
	}
}

// TestOffers: what is offered again, and when.
func TestOffers(t *testing.T) {
	tests := []struct {
		says    string
		actions []Action // to each event in which octets are offered
		pieces  []string // arrive one after the other
		wake    bool     // then it is woken
		want    []string // In of each event
	}{
		{"what was not taken waits for more", []Action{{}}, []string{"ab", "c"}, false, []string{"ab", "abc"}},
		{"what was not taken comes with a wake", []Action{{}}, []string{"ab"}, true, []string{"ab", "ab"}},
		{"the rest of what was taken is offered at once", []Action{{Taken: 1}, {Taken: 2}}, []string{"abc"}, false, []string{"abc", "bc"}},
		{"but not to the deaf", []Action{{Taken: 1, Deaf: true}, {Taken: 1}}, []string{"abc"}, true, []string{"abc", "bc", "c"}},
		{"nor twice", []Action{{Taken: 1}, {}}, []string{"abc"}, false, []string{"abc", "bc"}},
		{"a taken command and its Write leave the rest to come at once", []Action{{Do: Write, Taken: 1, Head: []byte("x")}, {}}, []string{"abc"}, false, []string{"abc", "bc"}},
		{"Written comes first, and the rest again as Received", []Action{{Do: Write, Taken: 1, Notify: true}, {}}, []string{"abc"}, false, []string{"abc", "bc", "bc"}},
	}
	for _, test := range tests {
		var told []Event
		d := paper(&paperCarrier{fits: true}, &told, append([]Action{{}, {}}, test.actions...)...)
		d.start()
		d.opened(1, &Peer{})
		for i, piece := range test.pieces {
			buffer := []byte(piece)
			d.arrived(timing.Instant(2+i), buffer)
			clear(buffer) // the carrier reads into it again
		}
		if test.wake {
			d.wake(9)
		}
		var got []string
		for _, e := range told[2:] {
			got = append(got, string(e.In))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: offered %q, want %q", test.says, got, test.want)
		}
	}
}

// TestPermit: the timer of a dial stands still while the dial waits for its permit.
func TestPermit(t *testing.T) {
	var told []Event
	d := paper(&paperCarrier{now: 100, waits: true}, &told, Action{Do: Dial, Dial: &Endpoint{}, Until: 151})
	d.start() // at 101
	if d.until != 0 || d.phase != phaseQueued {
		t.Fatalf("while it waits the timer is %d, want none", d.until)
	}
	d.permitted(1000)
	if d.until != 1050 {
		t.Errorf("with the permit at 1000 the timer is %d, want 1050", d.until)
	}
	d.opened(1010, &Peer{})
	if last := told[len(told)-1]; last.Since != 1000 {
		t.Errorf("Opened tells of the time since %d, want 1000", last.Since)
	}
}

func TestAllow(t *testing.T) {
	var told []Event
	p := &paperCarrier{}
	d := paper(p, &told, Action{Do: Dial, Dial: &Endpoint{}})
	d.allow = func(Endpoint) error { return errors.New("not ours") }
	d.start()
	if len(p.asked) > 0 || told[1].Fault != localFault("not ours") {
		t.Errorf("the carrier was asked to %v, told %+v, want a local fault and no dial", p.asked, told[1:])
	}
}

// TestNowNeverGoesBack: what two goroutines stamp is put in order.
func TestNowNeverGoesBack(t *testing.T) {
	var told []Event
	d := paper(&paperCarrier{}, &told)
	d.start()
	d.wake(20)
	d.opened(10, &Peer{})
	if got := told[2].Now; got != 20 {
		t.Errorf("an event stamped 10 after one of 20 is told at %d, want 20", got)
	}
}

// TestIdleCostsLittle: a dialogue gives large stores back.
func TestIdleCostsLittle(t *testing.T) {
	var told []Event
	d := paper(&paperCarrier{}, &told, Action{}, Action{}, Action{}, Action{Taken: 100 << 10})
	d.start()
	d.opened(1, &Peer{})
	d.arrived(2, make([]byte, 100<<10))
	if len(d.rest) != 100<<10 {
		t.Fatalf("%d octets are kept, want all", len(d.rest))
	}
	d.wake(3)
	if d.rest != nil || d.event.In != nil || d.event.Scratch != nil {
		t.Errorf("an idle dialogue keeps %d octets", cap(d.rest))
	}
}
