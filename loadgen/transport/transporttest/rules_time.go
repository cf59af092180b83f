package transporttest

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

var timeRules = []rule{
	{says: "Until fires once, and not before its time", plays: expiresOnce},
	{says: "every action replaces Until", plays: untilReplaced},
	{says: "Until fires beside an open connection on which nothing happens", plays: expiresWhileListening},
	{says: "wakes before Woken are one", plays: wakesCoalesce},
	{says: "no wake from another goroutine is lost", plays: wakesFromAnywhere},
	{says: "a conversation can wake one of which it has the Waker", plays: wakesAnother},
}

// sleeper waits until d after Started, and then does what then says.
func sleeper(d time.Duration, then func(transport.Event)) transport.Conversation {
	return On{
		transport.Started: func(e transport.Event) transport.Action {
			return transport.Action{Until: e.Now.Add(d)}
		},
		transport.Expired: func(e transport.Event) transport.Action {
			then(e)
			return done()
		},
	}
}

func expiresOnce(s *stage) {
	var waker atomic.Pointer[transport.Waker]
	var due, fired timing.Instant
	expired := 0
	s.play(On{
		transport.Started: func(e transport.Event) transport.Action {
			w := e.Waker
			waker.Store(&w)
			due = e.Now.Add(short)
			return transport.Action{Until: due}
		},
		transport.Expired: func(e transport.Event) transport.Action {
			fired = e.Now
			expired++
			return transport.Action{}
		},
		transport.Woken: always(done()),
	}, sleeper(long, func(transport.Event) { (*waker.Load()).Wake() }))
	if expired != 1 || fired < due {
		s.Errorf("Until fired %d times, at %d, want once and not before %d", expired, fired, due)
	}
}

func untilReplaced(s *stage) {
	var told []transport.EventKind
	var later, fired timing.Instant
	note := func(a func(transport.Event) transport.Action) func(transport.Event) transport.Action {
		return func(e transport.Event) transport.Action {
			told = append(told, e.Kind)
			return a(e)
		}
	}
	s.play(On{
		transport.Started: note(func(e transport.Event) transport.Action {
			e.Waker.Wake()
			return transport.Action{Until: e.Now.Add(short)}
		}),
		transport.Woken: note(func(e transport.Event) transport.Action {
			later = e.Now.Add(long)
			return transport.Action{Until: later}
		}),
		transport.Expired: note(func(e transport.Event) transport.Action {
			fired = e.Now
			return done()
		}),
	})
	want := []transport.EventKind{transport.Started, transport.Woken, transport.Expired}
	if !slices.Equal(told, want) || fired < later {
		s.Errorf("told %v, the last at %d, want %v, the last not before %d", told, fired, want, later)
	}
}

func expiresWhileListening(s *stage) {
	at := s.listen(echo)
	var due []timing.Instant
	next := func(e transport.Event) transport.Action {
		if len(due) > 0 && e.Now < due[len(due)-1] {
			s.Errorf("Until fired at %d, before %d", e.Now, due[len(due)-1])
		}
		if len(due) == 5 {
			return hangUp(transport.Polite)
		}
		due = append(due, e.Now.Add(short))
		return transport.Action{Until: e.Now.Add(short)}
	}
	s.play(On{transport.Started: always(dial(at)), transport.Opened: next, transport.Expired: next})
	if len(due) != 5 {
		s.Errorf("Until fired %d times, want 5", len(due))
	}
}

func wakesCoalesce(s *stage) {
	woken := 0
	var waker transport.Waker
	hundred := func() {
		for range 100 {
			waker.Wake()
		}
	}
	s.play(On{
		transport.Started: func(e transport.Event) transport.Action {
			waker = e.Waker
			hundred()
			return transport.Action{}
		},
		transport.Woken: func(e transport.Event) transport.Action {
			if woken++; woken == 1 {
				hundred()
			}
			return transport.Action{Until: e.Now.Add(short)}
		},
		transport.Expired: always(done()),
	})
	waker.Wake() // after Done it does nothing
	if woken != 2 {
		s.Errorf("Woken came %d times after two rounds of a hundred wakes, want 2", woken)
	}
}

func wakesFromAnywhere(s *stage) {
	const goroutines, times = 8, 200
	at := s.listen(echo)
	var calls atomic.Int32
	var group sync.WaitGroup
	woken := 0
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(transport.Action{}),
		transport.Woken: func(transport.Event) transport.Action {
			woken++
			if calls.Load() == goroutines*times {
				return hangUp(transport.Polite)
			}
			return transport.Action{}
		},
	}.atStart(func(w transport.Waker) {
		for range goroutines {
			group.Go(func() {
				for range times {
					calls.Add(1)
					w.Wake()
				}
			})
		}
	}))
	group.Wait()
	if woken == 0 || woken > goroutines*times {
		s.Errorf("Woken came %d times after %d wakes", woken, goroutines*times)
	}
}

// atStart returns o with f called on Started.
func (o On) atStart(f func(transport.Waker)) transport.Conversation {
	return Func(func(e transport.Event) transport.Action {
		if e.Kind == transport.Started {
			f(e.Waker)
		}
		return o.Handle(&e)
	})
}

func wakesAnother(s *stage) {
	wakers := make(chan transport.Waker, 1)
	woken := false
	s.play(On{
		transport.Woken: func(transport.Event) transport.Action {
			woken = true
			return done()
		},
	}.atStart(func(w transport.Waker) { wakers <- w }), sleeper(short, func(transport.Event) { (<-wakers).Wake() }))
	if !woken {
		s.Error("the conversation was not woken")
	}
}
