package session

import (
	"maps"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/loadgen/transport/transporttest"
)

// A stage is a transport on which all dialogues play at once.
type stage struct {
	t         *testing.T
	transport transport.Transport
	octets    bool // on both sides, each octet comes alone
	listeners []transport.Listener
	owners    atomic.Int32 // not Done
}

// A scene is a dialogue on a stage.
type scene struct {
	d     *dialogue
	owner *owner
	peers []*peer
	begun atomic.Int32 // of the peers
}

// listen makes the servers of a dialogue.
func (s *stage) listen(d *dialogue) *scene {
	c := &scene{d: d}
	var endpoints []transport.Endpoint
	scripts := d.scripts()
	if d.refusals() < d.endpoints {
		endpoints = append(endpoints, s.open(c.accept))
	}
	c.owner = newOwner(s.t, d, endpoints, s.timeouts(d))
	for _, script := range scripts {
		c.peers = append(c.peers, &peer{t: s.t, script: script, owner: c.owner, octets: s.octets})
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
	return &peer{t: c.peers[0].t, script: &script{d: c.d}, owner: c.owner}
}

// timeouts are short only where the dialogue waits for one.
func (s *stage) timeouts(d *dialogue) (timeouts [timing.NumSteps]time.Duration) {
	for step := range timing.NumSteps {
		timeouts[step] = time.Minute
		if d.timesOut(step) {
			timeouts[step] = patience
		}
	}
	return timeouts
}

// refuse gives the client the addresses that refuse connections: they had a listener. They come
// last, so that no listener is given their port.
func (s *stage) refuse(c *scene) {
	endpoints := c.owner.session.Loop.Endpoints
	for range c.d.refusals() {
		endpoint := s.open(c.accept)
		last := len(s.listeners) - 1
		s.listeners[last].Close()
		s.listeners = s.listeners[:last]
		endpoints = append([]transport.Endpoint{endpoint}, endpoints...)
	}
	c.owner.session.Loop.Endpoints = endpoints
}

// start starts the client of a dialogue.
func (s *stage) start(i int, c *scene) {
	var conv transport.Conversation = c.owner
	if s.octets {
		conv = transporttest.OneOctet(conv)
	}
	s.transport.Start(i%s.transport.Loops(), transporttest.Checked(s.t, &counted{conv, s}))
}

// A counted is the client of a dialogue. The listeners are closed when the last one is Done.
type counted struct {
	conv  transport.Conversation
	stage *stage
}

// Handle implements transport.Conversation.
func (c *counted) Handle(e *transport.Event) transport.Action {
	a := c.conv.Handle(e)
	if a.Do == transport.Done && c.stage.owners.Add(-1) == 0 {
		for _, l := range c.stage.listeners {
			l.Close()
		}
	}
	return a
}

// play plays dialogues, all at once.
func (s *stage) play(all []*dialogue) {
	var scenes []*scene
	for _, d := range all {
		scenes = append(scenes, s.listen(d))
	}
	for _, c := range scenes {
		s.refuse(c)
	}
	s.owners.Store(int32(len(scenes)))
	for i, c := range scenes {
		s.start(i, c)
	}
	transporttest.Drive(s.t, s.transport)
	for _, c := range scenes {
		s.t.Run(c.d.name, c.check)
	}
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

func TestDialoguesOverEveryTransport(t *testing.T) {
	all := dialogues(t)
	split := slices.DeleteFunc(slices.Clone(all), func(d *dialogue) bool { return d.whole })
	every := transporttest.Every()
	for _, name := range slices.Sorted(maps.Keys(every)) {
		t.Run(name, func(t *testing.T) {
			s := &stage{t: t, transport: every[name](t, transport.Options{})}
			s.play(all)
		})
		t.Run(name+" one octet at a time", func(t *testing.T) {
			s := &stage{t: t, transport: every[name](t, transport.Options{}), octets: true}
			s.play(split)
		})
	}
}
