package loadgen

import (
	"bytes"
	"context"
	"maps"
	"net/netip"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"pgregory.net/rapid"

	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// opening is the wall clock as every simulated run begins.
var opening = time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)

// home is where the server of a scenario listens if nothing else is said.
const home = "127.0.0.1:2525"

// A scenario is a run in virtual time, and what it meets there.
type scenario struct {
	plan    func(*profiles.Plan) // changes testPlan
	network transport.SimulatedOptions
	// answer is the script of the server at home; nil: it takes everything at once.
	answer func(moment) answer
	// content is given each content that the server hears; nil: it is not looked at.
	content func(slot int64, octets []byte)
	// guests listen at further addresses, or at home in the server's place.
	guests map[string]func(int, *transport.Peer) transport.Conversation
	// alarms happen at instants of the run, counted from time 0.
	alarms map[time.Duration]func(*simulation)
	// hold, if it is not nil, takes a worker's place, and passes on what it is told.
	hold    func(*worker) transport.Conversation
	options Options
}

// A simulation is where a scenario is played: the transport of the run, and what the
// run left behind.
type simulation struct {
	*transport.Simulated
	t         rapid.TB
	scenario  *scenario
	server    *server
	settings  transport.Options // that the run asked for
	director  *director
	rung      atomic.Int64 // wakes of the director
	cancel    context.CancelFunc
	listeners []transport.Listener

	document   *results.Document
	transcript bytes.Buffer
}

// testPlan is the default plan against the server at home; each message names its slot in the reverse-path.
func testPlan() profiles.Plan {
	p := profiles.Default()
	p.Targets, p.From, p.Size = []string{home}, "sender{n}@example.com", message.Fixed(100)
	return p
}

// play plays a scenario whose run comes to a document, and holds that to what is true of every run.
func (s scenario) play(t rapid.TB) *simulation {
	t.Helper()
	st, err := s.perform(t)
	if err != nil {
		t.Fatalf("the run failed: %v", err)
	}
	st.holds()
	return st
}

// perform plays a scenario.
func (s scenario) perform(t rapid.TB) (*simulation, error) {
	t.Helper()
	st := &simulation{t: t, scenario: &s, server: newServer(s.answer)}
	st.server.since, st.server.content = st.since, s.content
	plan := testPlan()
	if s.plan != nil {
		s.plan(&plan)
	}
	if !plan.Open() && plan.Duration == 0 && plan.Messages == 0 && len(s.alarms) == 0 {
		plan.Messages = 1 // in virtual time nobody would ever interrupt it
	}
	o := s.options
	o.Transport, o.Tool = st.open, "test"
	if o.Started.IsZero() {
		o.Started = opening
	}
	if o.Transcript == nil {
		o.Transcript = &st.transcript
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	st.cancel = cancel
	var err error
	st.document, err = Run(ctx, plan, o)
	return st, err
}

// since is an instant as a time of the run.
func (st *simulation) since(at timing.Instant) time.Duration {
	if st.director.stage == preflighting {
		return -1
	}
	return st.director.run.since(at)
}

// open makes the simulation.
func (st *simulation) open(o transport.Options) (transport.Transport, error) {
	st.settings = o
	network := st.scenario.network
	network.Options = o
	st.Simulated = transport.NewSimulated(network)
	accept := map[string]func(int, *transport.Peer) transport.Conversation{home: st.server.accept}
	maps.Copy(accept, st.scenario.guests)
	for _, address := range slices.Sorted(maps.Keys(accept)) {
		if accept[address] == nil {
			continue
		}
		l, err := st.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort(address)}, accept[address])
		if err != nil {
			return nil, err
		}
		st.listeners = append(st.listeners, l)
	}
	return st, nil
}

// Start implements transport.Transport: it puts the curtain before the director.
func (st *simulation) Start(loop int, c transport.Conversation) {
	if d, ok := c.(*director); ok {
		st.director = d
		c = &curtain{stage: st}
	}
	if w, ok := c.(*worker); ok && st.scenario.hold != nil {
		c = st.scenario.hold(w)
	}
	st.Simulated.Start(loop, c)
}

// A curtain follows the director: the alarms are set when time 0 is known, and the servers' listeners close when
// the run is over, so that they do not keep the simulation going.
type curtain struct {
	stage *simulation
	up    bool
}

// Handle implements transport.Conversation.
func (c *curtain) Handle(e *transport.Event) transport.Action {
	st := c.stage
	if e.Kind == transport.Started {
		e.Waker = bell{e.Waker, &st.rung}
	}
	a := st.director.Handle(e)
	if st.director.stage >= loading && !c.up {
		c.up = true
		for _, at := range slices.Sorted(maps.Keys(st.scenario.alarms)) {
			st.Simulated.Start(0, &alarm{stage: st, at: st.director.run.slots.origin.Add(at), do: st.scenario.alarms[at]})
		}
	}
	if a.Do == transport.Done {
		for _, l := range st.listeners {
			l.Close()
		}
	}
	return a
}

// A bell counts wakes.
type bell struct {
	transport.Waker
	rung *atomic.Int64
}

func (b bell) Wake() {
	b.Waker.Wake()
	b.rung.Add(1)
}

// An alarm does something at an instant.
type alarm struct {
	stage *simulation
	at    timing.Instant
	do    func(*simulation)
}

// Handle implements transport.Conversation.
func (a *alarm) Handle(e *transport.Event) transport.Action {
	if e.Now < a.at {
		return transport.Action{Until: a.at}
	}
	a.do(a.stage)
	return transport.Action{Do: transport.Done}
}

// interrupt cancels the run's context. Virtual time stands still until the run has heard of it.
func interrupt(st *simulation) {
	before := st.rung.Load()
	st.cancel()
	for st.rung.Load() == before {
		runtime.Gosched()
	}
}

// holds checks what is true of every run in a simulation.
func (st *simulation) holds() {
	st.t.Helper()
	d := st.document
	if err := d.Check(); err != nil {
		st.t.Errorf("the document contradicts itself: %v", err)
	}
	if d.Latency.Pacer != nil && d.Latency.Pacer.Max > 0 {
		st.t.Errorf("a worker woke %v late where no time passes", d.Latency.Pacer.Max)
	}
	if open := st.director.run.recorder.Snapshot(st.Now()).SessionsOpen; open != 0 {
		st.t.Errorf("%d sessions were opened and not closed", open)
	}
	if s := st.server; s.opened != s.closed {
		st.t.Errorf("the server saw %d sessions begin and %d end", s.opened, s.closed)
	}
	if st.server.pipelined > 0 {
		st.t.Errorf("%d times something was sent before the reply to what was sent before", st.server.pipelined)
	}
	for slot, n := range st.server.mails {
		if n > 1 || st.server.contents[slot] > 1 {
			st.t.Errorf("slot %d was sent more than once: %d MAIL, %d contents", slot, n, st.server.contents[slot])
		}
	}
}
