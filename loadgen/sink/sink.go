package sink

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"mailmill/loadgen/transport"
)

// A Sink is a server: what its sessions share.
type Sink struct {
	config    Config
	commands  *commandSet
	canned    [numCanned]reply
	greetings [numStandings]reply
	offers    Extension
	accounts  accounts
	gates     gates            // that a session begins behind
	help      map[string]reply // by verb, upper case
	rules     ruleTable
	directory directory
	scripts   map[string]*ruleTable // by domain; nil: none has rules of its own
	greylist  *greylist
	log       *arrivalLog
	envelopes bool // sessions keep the envelope: for a store, or for quotas
	patterned bool // some rule is for certain addresses only
	hasty     bool // some rule answers before a command is complete

	mu    sync.Mutex
	loops []*loop

	open     atomic.Int64  // sessions
	held     atomic.Int64  // connections accepted and not yet ended
	claimed  atomic.Int64  // messages that ExitAfter has been promised
	settled  atomic.Int64  // of these, those whose reply has left, or never will
	numbers  atomic.Uint64 // of messages given to the store
	gone     atomic.Int64  // sessions that have ended
	closing  atomic.Bool
	sources  sources
	done     chan struct{}
	doneOnce sync.Once

	memory  *memory
	queue   *queue
	workers sync.WaitGroup
	cancel  context.CancelFunc
}

// New returns a sink, or all that is wrong with c. It starts the workers of the
// store, if there is one; Close ends them.
func New(c Config) (*Sink, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	k := &Sink{
		config: c, commands: makeCommands(&c), greetings: greetings(&c), rules: makeRules(&c, c.behaviours()), directory: makeDirectory(&c), greylist: newGreylist(c.Greylist),
		accounts: makeAccounts(c.Accounts), offers: c.offers(), gates: c.gates(), done: make(chan struct{}),
	}
	k.canned, k.help = cannedReplies(&c, k.commands), k.commands.help(&c)
	k.scripts = makeScripts(&c, &k.rules)
	k.log = newArrivalLog(c.Log)
	k.patterned = c.patterned()
	k.hasty = slices.ContainsFunc(c.Behaviours, func(b Behaviour) bool { return b.Early })
	k.envelopes = k.patterned || c.PRDR || c.Store != nil || k.directory.quotas || c.LMTP || c.Greylist > 0 || c.Log != nil
	k.startStore()
	return k, nil
}

// Accept returns the session for a new connection on a loop, numbered from 0. It
// never refuses: one session too many is told so with 421 4.7.0. It fits
// transport.Transport's Listen, and may be called from several loops at once.
func (k *Sink) Accept(loop int, _ *transport.Peer) transport.Conversation {
	l := k.loop(loop)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions++
	k.held.Add(1)
	return &session{
		sink: k, loop: l,
		random: random(k.config.Seed ^ uint64(loop)<<48 ^ l.sessions*0xd1342543de82ef95),
	}
}

// Room reports whether one more connection is to be accepted. It fits transport.Options.Room.
func (k *Sink) Room() bool {
	most := k.config.MaxAccepted
	return most == 0 || k.held.Load() < int64(most)
}

// loop returns the loop with that number.
func (k *Sink) loop(i int) *loop {
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(k.loops) <= i {
		k.loops = append(k.loops, &loop{})
	}
	return k.loops[i]
}

// Counters returns the counters of all loops together. It may be called at any time.
func (k *Sink) Counters() Counters {
	sum := Counters{Commands: map[string]uint64{}, Replies: map[string]uint64{}, Active: k.open.Load()}
	k.mu.Lock()
	loops := k.loops
	k.mu.Unlock()
	for _, l := range loops {
		l.mu.Lock()
		l.addTo(&sum)
		l.mu.Unlock()
	}
	sum.LogLost = k.log.losses()
	return sum
}

// Done returns a channel that is closed when ExitAfter messages have been accepted
// and the reply to the last of them has left, or when ExitAfterSessions sessions have
// ended.
func (k *Sink) Done() <-chan struct{} { return k.done }

// Close has sessions answer 421 from now on. It refuses the messages that wait for
// the store, and returns when the ones under way are stored and the workers have
// ended. The error is that of the arrival log.
func (k *Sink) Close() error {
	k.closing.Store(true)
	k.stopStore()
	return k.log.close()
}

// claim takes one of the ExitAfter messages, and reports whether there was one left.
// So the sink never takes a message more than it was told to, however many
// sessions end their content together.
func (k *Sink) claim() bool {
	if k.config.ExitAfter == 0 {
		return true
	}
	if k.claimed.Add(1) <= k.config.ExitAfter {
		return true
	}
	k.claimed.Add(-1)
	return false
}

// unclaim gives back what claim took: the message was refused after all.
func (k *Sink) unclaim() {
	if k.config.ExitAfter > 0 {
		k.claimed.Add(-1)
	}
}

// ended tells that a session has.
func (k *Sink) ended(s *session) {
	k.open.Add(-1)
	if s.who != nil && k.config.MaxSessionsPerSource > 0 {
		k.sources.leave(s.who.counted)
	}
	if n := k.config.ExitAfterSessions; n > 0 && k.gone.Add(1) >= n {
		k.doneOnce.Do(func() { close(k.done) })
	}
}

// settle tells that the replies to n accepted messages have left, or never will.
func (k *Sink) settle(n int) {
	if k.config.ExitAfter > 0 && k.settled.Add(int64(n)) >= k.config.ExitAfter {
		k.doneOnce.Do(func() { close(k.done) })
	}
}
