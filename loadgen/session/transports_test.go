package session

import (
	"maps"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/loadgen/transport/transporttest"
)

// A stage is a transport on which dialogues play, all at once.
type stage struct {
	t         *testing.T
	name      string
	transport transport.Transport
	scenes    []*scene
	octets    bool // on both sides, each octet comes alone
	listeners []transport.Listener
	owners    atomic.Int32 // not Done
}

// A scene is a dialogue on a stage.
type scene struct {
	t     *testing.T
	d     *dialogue
	owner *owner
	peers []*peer
	begun atomic.Int32 // of the peers
	cues
}

// Cues are what the two sides of a scene tell each other beside the network, so that nothing depends on how
// fast the machine is.
type cues struct {
	silent atomic.Bool  // the server has said its last: the client's time-out may pass
	said   atomic.Int64 // octets of the server in the present connection: the client is to have them by then
	idle   atomic.Bool  // the server has said what it says to an idle client, whose time may come
	opened atomic.Bool  // the client is connected: the server may reset the connection
	hungUp atomic.Bool  // the client has closed: the server may hear what it was deaf to
	client atomic.Pointer[transport.Waker]
	server atomic.Pointer[transport.Waker]
}

// give gives a cue to whom it is for.
func give(cue *atomic.Bool, to *atomic.Pointer[transport.Waker]) {
	cue.Store(true)
	if w := to.Load(); w != nil {
		(*w).Wake()
	}
}

// listen makes the servers of a dialogue.
func (s *stage) listen(d *dialogue) *scene {
	c := &scene{t: s.t, d: d}
	var endpoints []transport.Endpoint
	scripts := d.scripts()
	if d.refusals() < d.endpoints {
		endpoints = append(endpoints, s.open(c.accept))
	}
	c.owner = newOwner(s.t, d, endpoints, stepTimeouts())
	for _, script := range scripts {
		c.peers = append(c.peers, &peer{t: s.t, stage: s.name, script: script, owner: c.owner, cues: &c.cues, octets: s.octets})
	}
	return c
}

func (s *stage) open(accept func(int, *transport.Peer) transport.Conversation) transport.Endpoint {
	l, err := s.transport.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")},
		func(loop int, p *transport.Peer) transport.Conversation {
			return transporttest.Checked(s.t, accept(loop, p))
		})
	if err != nil {
		s.t.Fatal(err)
	}
	s.listeners = append(s.listeners, l)
	return l.Endpoint()
}

// accept returns the server of the next session.
func (c *scene) accept(int, *transport.Peer) transport.Conversation {
	i := int(c.begun.Add(1)) - 1
	if i < len(c.peers) {
		return c.peers[i]
	}
	return &peer{t: c.t, stage: "one session too many", script: &script{d: c.d}, owner: c.owner, cues: &c.cues}
}

// refuse gives the client the addresses that refuse connections: they had a listener. They come
// last, so that no listener is given their port.
func (s *stage) refuse(c *scene) {
	endpoints := c.owner.session.Loop.Servers[0].Endpoints
	for range c.d.refusals() {
		endpoint := s.open(c.accept)
		last := len(s.listeners) - 1
		s.listeners[last].Close()
		s.listeners = s.listeners[:last]
		endpoints = append([]transport.Endpoint{endpoint}, endpoints...)
	}
	c.owner.session.Loop.Servers[0].Endpoints = endpoints
}

// start starts the client of a dialogue.
func (s *stage) start(i int, c *scene) {
	var conv transport.Conversation = c.owner
	if s.octets {
		conv = transporttest.OneOctet(conv)
	}
	s.transport.Start(i%s.transport.Loops(), transporttest.Checked(s.t, &actor{conv, s, c}))
}

// An actor is the client of a scene. The listeners of its stage are closed when the last one is Done.
type actor struct {
	conv  transport.Conversation
	stage *stage
	scene *scene
}

// Handle implements transport.Conversation.
func (c *actor) Handle(e *transport.Event) transport.Action {
	now, arrived := e.Now, len(e.In)
	switch e.Kind {
	case transport.Started:
		waker := e.Waker
		c.scene.client.Store(&waker)
	case transport.Opened:
		give(&c.scene.opened, &c.scene.server)
	case transport.Expired:
		c.scene.silent.Store(false)
	}
	a := c.conv.Handle(e)
	switch {
	case a.Do == transport.Close:
		give(&c.scene.hungUp, &c.scene.server)
	case a.Do == transport.Done && c.stage.owners.Add(-1) == 0:
		for _, l := range c.stage.listeners {
			l.Close()
		}
	case c.scene.timeIsUp(arrived - a.Taken):
		a.Until = now + 1
	}
	return a
}

// timeIsUp tells that what the client waits for need not be waited for: that the server says nothing, or
// that the time comes for the next message. left is how many octets have come and are not taken.
func (c *scene) timeIsUp(left int) bool {
	s := &c.owner.session
	heard := s.arrived+int64(left) == c.said.Load()
	return c.silent.Load() && heard && c.d.timesOut(s.Step()) || c.idle.Load() && s.Phase() == Ready && left > 0
}

// check looks at the records, and that every server has come to the end of its script.
func (c *scene) check(t *testing.T) {
	r := recorded(t, c.owner)
	for i := range r.totals.Faults {
		// A socket tells of a reset once: to whichever of a read and a write comes first. The other
		// finds a plain end.
		if f := &r.totals.Faults[i]; f.Step == timing.Content && f.Kind == timing.ClosedEarly {
			f.Kind = timing.Reset
		}
	}
	r.meet(t, c.d)
	for i, p := range c.peers {
		if p.next < len(p.lines) {
			t.Errorf("session %d stands at line %d", i, p.lines[p.next].number)
		}
	}
}

// stages returns two stages for every transport: the octets come as they are written, or each alone.
func stages(t *testing.T) (all []*stage) {
	every := transporttest.Every()
	for _, name := range slices.Sorted(maps.Keys(every)) {
		all = append(all,
			&stage{t: t, name: name, transport: every[name](t, transport.Options{})},
			&stage{t: t, name: name + " one octet at a time", transport: every[name](t, transport.Options{}), octets: true})
	}
	return all
}

func TestDialoguesOverEveryTransport(t *testing.T) {
	all := stages(t)
	for _, s := range all {
		for _, d := range dialogues(t) {
			if !d.whole || !s.octets {
				s.scenes = append(s.scenes, s.listen(d))
			}
		}
	}
	for _, s := range all {
		s.owners.Store(int32(len(s.scenes)))
		for i, c := range s.scenes {
			s.refuse(c)
			s.start(i, c)
		}
	}
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			transporttest.Drive(t, s.transport)
			for _, c := range s.scenes {
				t.Run(c.d.name, c.check)
			}
		})
	}
}
