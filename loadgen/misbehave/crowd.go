package misbehave

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/message"
	"mailmill/loadgen/schedule"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// Every is the least time between the beginnings of two sessions of a client: five a second.
const Every = 200 * time.Millisecond

// lastBackoff is how long a client waits at most after sessions that did not come to a greeting.
const lastBackoff = 2 * time.Second

// firstNumber is the number of the first message of a bad client. Those of measured ones lie below
// it, so that no address and no Message-ID is of both.
const firstNumber = 1_000_000_000_000

// A Server is where clients go. It speaks plain SMTP, or LMTP.
type Server struct {
	Endpoints []transport.Endpoint // taken in turn
	LMTP      bool
}

// A Config is what the bad clients of a run have in common.
type Config struct {
	Groups []manners.Group
	// Workers are those of the whole run: the groups' percentages are of them. Share is the part of the run's bad
	// clients that this process has.
	Workers int
	Share   schedule.Share
	// Servers are taken in turn, each session of a client at the next.
	Servers []Server
	// Name is given in EHLO or LHLO, with the kind before it: "silent.client.example.com". An
	// address literal stays as it is.
	Name string
	// Begin is time 0 of the run, and End the end of its load; 0 is not known.
	Begin, End timing.Instant
	// Every is the least time between the beginnings of two sessions of a client; 0 is [Every].
	Every time.Duration
	// Timeouts are the longest waits for replies, by step; 0 is without end.
	Timeouts [timing.NumSteps]time.Duration
	// Envelope makes m message n of the run: bad clients take its reverse-path and its first forward-path.
	Envelope func(n int64, m *message.Mail)
	// Date is that of every message.
	Date time.Time
	// Seed decides the pauses between sessions.
	Seed uint64
}

// A Crowd is the bad clients of a run, and what became of their sessions. The nil Crowd is none.
type Crowd struct {
	config  Config
	clients []*Client
	tallies []*tally
	ended   atomic.Bool // the load has
	over    atomic.Bool // the run is

	mu     sync.Mutex
	wakers []transport.Waker
}

// New makes the crowd that c describes; nil if that has no groups.
func New(c Config) *Crowd {
	if len(c.Groups) == 0 {
		return nil
	}
	c.Every = cmp.Or(c.Every, Every)
	c.End = cmp.Or(c.End, timing.Never)
	crowd := &Crowd{config: c}
	first := int64(0) // number of the group's first client
	for _, g := range c.Groups {
		t := crowd.tallyOf(g.Manner)
		n := int64(g.Count(c.Workers))
		for i := range n {
			if number := first + i; c.Share.Holds(number) {
				crowd.clients = append(crowd.clients, crowd.newClient(t, number, time.Duration(i)*c.Every/time.Duration(n)))
				t.Clients++
			}
		}
		first += n
	}
	return crowd
}

// tallyOf returns the tally of a manner: groups can have the same.
func (c *Crowd) tallyOf(m manners.Manner) *tally {
	for _, t := range c.tallies {
		if t.Manner == m {
			return t
		}
	}
	t := &tally{Tally: Tally{Manner: m}}
	c.tallies = append(c.tallies, t)
	return t
}

// newClient makes the client of that number, which begins so long after time 0.
func (c *Crowd) newClient(t *tally, number int64, after time.Duration) *Client {
	return &Client{crowd: c, tally: t, number: number, random: rand.New(rand.NewPCG(c.config.Seed, uint64(number))),
		script: scripts[t.Manner.Kind](t.Manner), next: c.config.Begin.Add(after)}
}

// Clients returns the crowd's clients, each of them a [transport.Conversation] that is to be started once.
func (c *Crowd) Clients() []*Client {
	if c == nil {
		return nil
	}
	return c.clients
}

// EndLoad lets no client begin a session any more. Those that are open go on.
func (c *Crowd) EndLoad() {
	if c != nil {
		c.ended.Store(true)
	}
}

// Dismiss ends every session and every client at once.
func (c *Crowd) Dismiss() {
	if c == nil || c.over.Swap(true) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.wakers {
		w.Wake()
	}
	c.wakers = nil
}

// join notes a client that can be woken.
func (c *Crowd) join(w transport.Waker) {
	c.mu.Lock()
	c.wakers = append(c.wakers, w)
	c.mu.Unlock()
}

// mayBegin tells whether a session may be begun.
func (c *Crowd) mayBegin(now timing.Instant) bool { return !c.ended.Load() && now < c.config.End }

// Tallies returns what became of the sessions, by manner. It is whole when every client is done.
func (c *Crowd) Tallies() []Tally {
	if c == nil {
		return nil
	}
	tallies := make([]Tally, len(c.tallies))
	for i, t := range c.tallies {
		tallies[i] = t.snapshot()
	}
	return tallies
}
