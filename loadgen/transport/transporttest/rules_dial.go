package transporttest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

var dialRules = []rule{
	{says: "a refused dial is Broken, and the next endpoint is dialed", plays: dialsNext},
	{says: "an address that is not allowed is Broken with the rule's own words", plays: notAllowed,
		options: transport.Options{Allow: onlyLoopback}},
	{says: "a dial that is not answered ends with its Until", plays: dialExpires},
	{says: "a dial over the cap waits, and its Until with it", plays: dialWaits, options: transport.Options{Dials: 1}},
	{says: "a dial that waits for its turn can be given up", plays: waitGivenUp, options: transport.Options{Dials: 1}},
	{says: "a hundred dials pass a cap of two", plays: dialsPass, options: transport.Options{Dials: 2}},
	{says: "a UNIX socket carries an echo", plays: echoesUNIX, real: true},
	{says: "a UNIX socket that does not exist is unreachable", plays: noUNIX, real: true},
}

func dialsNext(s *stage) {
	endpoints := []transport.Endpoint{s.refused(), s.refused(), s.listen(echo)}
	var faults []timing.FaultKind
	s.play(On{
		transport.Started: always(dial(endpoints[0])),
		transport.Broken: func(e transport.Event) transport.Action {
			faults = append(faults, e.Fault.Kind)
			return dial(endpoints[len(faults)%3])
		},
		transport.Opened: always(hangUp(transport.Polite)),
	})
	if want := []timing.FaultKind{timing.Refused, timing.Refused}; !slices.Equal(faults, want) {
		s.Errorf("the faults before the connection are %v, want %v", faults, want)
	}
}

func onlyLoopback(e transport.Endpoint) error {
	if !e.Addr.Addr().IsLoopback() {
		return errors.New(e.String() + " is not ours")
	}
	return nil
}

func notAllowed(s *stage) {
	at := s.listen(echo)
	var faults []timing.Fault
	s.play(On{
		transport.Started: always(dial(Nowhere)),
		transport.Broken: func(e transport.Event) transport.Action {
			faults = append(faults, e.Fault)
			return dial(at)
		},
		transport.Opened: always(hangUp(transport.Polite)),
	})
	want := timing.Fault{Kind: timing.Local, Text: onlyLoopback(Nowhere).Error()}
	if len(faults) != 1 || faults[0] != want {
		s.Errorf("the faults are %v, want %v", faults, want)
	}
}

// giveUp dials at and gives up when Until has passed; then is called when that
// is Closed.
func giveUp(at transport.Endpoint, s *stage, then func(transport.Event) transport.Action) transport.Conversation {
	var due timing.Instant
	return On{
		transport.Started: func(e transport.Event) transport.Action {
			a := dial(at)
			due = e.Now.Add(long)
			a.Until = due
			return a
		},
		transport.Expired: func(e transport.Event) transport.Action {
			if e.Now < due {
				s.Errorf("the dial expired at %d, before %d", e.Now, due)
			}
			return hangUp(transport.Now)
		},
		transport.Opened: func(transport.Event) transport.Action {
			s.Error("the dial to nowhere was answered")
			return done()
		},
		transport.Closed: then,
	}
}

func dialExpires(s *stage) {
	nowhere, at := s.nowhere(), s.listen(echo)
	closed, opened := 0, 0
	s.play(Func(func(e transport.Event) transport.Action {
		switch e.Kind {
		case transport.Started:
			a := dial(nowhere)
			a.Until = e.Now.Add(long)
			return a
		case transport.Expired:
			return hangUp(transport.Now)
		case transport.Opened:
			opened++
			return hangUp(transport.Polite)
		case transport.Closed:
			if closed++; closed == 1 {
				return dial(at)
			}
			return done()
		}
		return done()
	}))
	if closed != 2 || opened != 1 {
		s.Errorf("%d closes and %d connections, want 2 and 1", closed, opened)
	}
}

func dialWaits(s *stage) {
	nowhere, at := s.nowhere(), s.listen(echo)
	var free, asked, began timing.Instant
	expired := false
	s.play(giveUp(nowhere, s, func(e transport.Event) transport.Action {
		free = e.Now
		return done()
	}), On{
		transport.Started: func(e transport.Event) transport.Action {
			return transport.Action{Until: e.Now.Add(short)}
		},
		transport.Expired: func(e transport.Event) transport.Action {
			if asked != 0 {
				expired = true
				return hangUp(transport.Now)
			}
			asked = e.Now
			a := dial(at)
			a.Until = e.Now.Add(long / 2)
			return a
		},
		transport.Opened: func(e transport.Event) transport.Action {
			began = e.Since
			return hangUp(transport.Polite)
		},
	})
	if expired || began < asked.Add(long/4) {
		s.Errorf("asked at %d, the turn came at %d, the other gave up at %d, expired %t", asked, began, free, expired)
	}
}

func waitGivenUp(s *stage) {
	nowhere := s.nowhere()
	wakers := make(chan transport.Waker, 1)
	var told []transport.EventKind
	var free, closed timing.Instant
	waits := Func(func(e transport.Event) transport.Action {
		told = append(told, e.Kind)
		switch e.Kind {
		case transport.Started:
			wakers <- e.Waker
			return transport.Action{Until: e.Now.Add(short)}
		case transport.Expired:
			return dial(nowhere)
		case transport.Woken:
			return hangUp(transport.Polite)
		}
		closed = e.Now
		return done()
	})
	s.play(giveUp(nowhere, s, func(e transport.Event) transport.Action {
		free = e.Now
		return done()
	}), waits, sleeper(2*short, func(transport.Event) { (<-wakers).Wake() }))
	want := []transport.EventKind{transport.Started, transport.Expired, transport.Woken, transport.Closed}
	if !slices.Equal(told, want) {
		s.Errorf("told %v (closed at %d, the turn was free at %d), want %v", told, closed, free, want)
	}
}

func dialsPass(s *stage) {
	at := s.listen(echo)
	var readers []*reader
	var clients []transport.Conversation
	for range 100 {
		readers = append(readers, newReader(at))
		clients = append(clients, readers[len(readers)-1])
	}
	s.play(clients...)
	for _, r := range readers {
		s.heardPoem(r)
	}
}

// socketPath is short: some systems allow a hundred octets.
func (s *stage) socketPath() string {
	s.Helper()
	dir, err := os.MkdirTemp("", "mm")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func echoesUNIX(s *stage) {
	path := s.socketPath()
	at := s.listenOn(transport.Endpoint{Path: path}, echo)
	if at.String() != "unix:"+path {
		s.Errorf("listening on %v, want %s", at, path)
	}
	var readers []*reader
	var clients []transport.Conversation
	for range 10 {
		readers = append(readers, newReader(at))
		clients = append(clients, readers[len(readers)-1])
	}
	s.play(clients...)
	for _, r := range readers {
		s.heardPoem(r)
	}
	if _, err := os.Lstat(path); err == nil {
		s.Errorf("%s is left", path)
	}
}

func noUNIX(s *stage) {
	var fault timing.Fault
	s.play(On{
		transport.Started: always(dial(transport.Endpoint{Path: s.socketPath()})),
		transport.Broken: func(e transport.Event) transport.Action {
			fault = e.Fault
			return done()
		},
	})
	if fault.Kind != timing.Unreachable || !strings.Contains(fault.Text, "no such file") {
		s.Errorf("the fault is %v, want unreachable: no such file", fault)
	}
}
