package sink

import (
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// handlers holds what is done for each kind of event.
var handlers = [...]func(*session, *turn) transport.Action{
	transport.Started:  (*session).started,
	transport.Opened:   (*session).opened,
	transport.Received: (*session).received,
	transport.Written:  (*session).written,
	transport.Secured:  (*session).secured,
	transport.Expired:  (*session).expired,
	transport.Woken:    (*session).woken,
	transport.Ended:    (*session).finished,
	transport.Broken:   (*session).broken,
	transport.Closed:   (*session).closed,
}

// Handle implements transport.Conversation.
func (s *session) Handle(e *transport.Event) transport.Action {
	l := s.loop
	l.mu.Lock() // without defer, which is measurable here
	t := &l.turn
	*t = turn{now: e.Now, in: e.In, out: e.Scratch, peer: e.Peer, waker: e.Waker}
	a := handlers[e.Kind](s, t)
	t.in, t.out = nil, nil // they are not the session's to keep
	l.mu.Unlock()
	return a
}

func (s *session) started(t *turn) transport.Action {
	s.waker = t.waker
	return transport.Action{}
}

func (s *session) opened(t *turn) transport.Action {
	s.peer = t.peer
	s.loop.Sessions++
	s.crowded = s.sink.open.Add(1) > int64(s.sink.config.MaxSessions)
	if s.sink.config.Proxy {
		s.phase = heading
		s.patience(t)
	} else {
		s.begin(t)
	}
	return s.advance(t)
}

// received takes octets, unless the session is about something else: then it
// goes deaf, so that back-pressure reaches a client that sends without reading.
func (s *session) received(t *turn) transport.Action {
	s.early = s.early || s.phase <= greeting
	if s.busy(t) {
		return transport.Action{Deaf: true, Until: s.until()}
	}
	return s.advance(t)
}

func (s *session) written(t *turn) transport.Action {
	s.writing = false
	if s.patience(t); s.slow != nil {
		s.resume = t.now.Add(s.slow.pause)
	} else {
		s.settle()
	}
	return s.advance(t)
}

// woken looks at what the session waits for; a late Wake finds nothing.
func (s *session) woken(t *turn) transport.Action {
	if s.writing {
		return transport.Action{Until: s.deadline}
	}
	return s.advance(t)
}

func (s *session) finished(t *turn) transport.Action {
	s.ended = true
	if s.writing {
		return transport.Action{Until: s.deadline}
	}
	return s.advance(t)
}

func (s *session) expired(t *turn) transport.Action {
	switch {
	case s.writing:
		s.loop.WriteTimeouts++
		s.leave(transport.Now)
		s.writing = false
		return s.act(t)
	case s.resume != 0 || s.deadline == 0 || t.now < s.deadline:
		return s.advance(t)
	case s.phase == mute || s.phase == deafened || s.phase == leaving:
		s.leave(transport.Now)
	case s.phase == securing || s.phase == heading:
		s.loop.Timeouts++
		s.leave(transport.Now)
	case s.waiting:
		s.sayLast(t, sayNoMemory)
	default:
		s.loop.Timeouts++
		s.sayLast(t, sayIdle)
	}
	return s.act(t)
}

func (s *session) broken(*turn) transport.Action {
	s.loop.Broken++
	if s.shaking {
		s.loop.TLSFailures++
	}
	return s.end()
}

func (s *session) closed(*turn) transport.Action { return s.end() }

// busy reports whether octets have to wait.
func (s *session) busy(t *turn) bool {
	return s.writing || s.waiting || s.phase == storing || s.phase == deafened || s.slow != nil || s.resume > t.now
}

// until is the one timer: the end of a delay before everything else.
func (s *session) until() timing.Instant {
	if s.resume != 0 && !s.writing {
		return s.resume
	}
	return s.deadline
}

// advance does all that can be done now.
func (s *session) advance(t *turn) transport.Action {
	if s.resume > t.now {
		return s.act(t)
	}
	s.resume = 0
	for s.slow == nil && t.open() && phases[s.phase](s, t) {
	}
	if s.slow != nil && len(t.out) == 0 {
		s.drip(t)
	}
	return s.act(t)
}

// act turns what was decided into an action: say what is to be said, all of it at
// once; else close; else wait.
func (s *session) act(t *turn) transport.Action {
	a := transport.Action{Taken: t.used}
	switch {
	case len(t.out) > 0:
		s.writing = true
		s.deadline = t.now.Add(s.sink.config.WriteTimeout)
		a.Do, a.Head, a.Notify = transport.Write, t.out, true
	case s.slow != nil: // the rest of it comes first
	case s.phase == leaving && (s.how != transport.Polite || s.ended):
		return s.endAs(s.how)
	case s.phase == leaving:
		a.Do, a.How = transport.Close, s.how
	case s.ended && !s.busy(t):
		return s.end()
	case s.phase == securing && !s.shaking && s.resume == 0:
		s.shake(&a, t)
	}
	a.Until = s.until()
	return a
}
