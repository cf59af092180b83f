package transporttest

import (
	"slices"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

var closeRules = []rule{
	{says: "Ended comes once, and writing goes on after it", plays: writesAfterEnded},
	{says: "after HalfWay the answer is heard and no Closed comes", plays: hearsAfterHalfWay},
	{says: "a polite Close is an end to the peer, and Dial works again", plays: closesAs(transport.Polite, transport.Ended)},
	{says: "Close Now is an end to the peer, and Dial works again", plays: closesAs(transport.Now, transport.Ended)},
	{says: "Close Reset breaks the peer, and Dial works again", plays: closesAs(transport.Reset, transport.Broken)},
	{says: "a polite Close loses none of the last octets", plays: politeKeepsLast},
	{says: "a wake during a polite Close is not lost", plays: wokenWhileClosing},
	{says: "Close without a connection is Closed", plays: closesNothing},
	{says: "Done closes the connection", plays: doneCloses},
	{says: "a reset by the peer is Broken, with its fault", plays: brokenByReset},
}

func writesAfterEnded(s *stage) {
	var told []transport.EventKind
	at := s.listen(func() transport.Conversation {
		return On{
			transport.Ended: func(e transport.Event) transport.Action {
				told = append(told, e.Kind)
				return transport.Action{Do: transport.Write, Body: large(), Taken: len(e.In), Notify: true}
			},
			transport.Written: func(e transport.Event) transport.Action {
				told = append(told, e.Kind)
				return hangUp(transport.Polite)
			},
		}
	})
	octets := 0
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(transport.Action{Do: transport.Write, Head: []byte("ping"), Notify: true}),
		transport.Written: always(hangUp(transport.HalfWay)),
		transport.Received: func(e transport.Event) transport.Action {
			octets += len(e.In)
			return transport.Action{Taken: len(e.In)}
		},
	})
	want := []transport.EventKind{transport.Ended, transport.Written}
	if !slices.Equal(told, want) || octets != len(large()) {
		s.Errorf("the server was told %v, the client heard %d octets, want %v and %d", told, octets, want, len(large()))
	}
}

func hearsAfterHalfWay(s *stage) {
	at := s.listen(func() transport.Conversation {
		return On{
			transport.Ended: func(e transport.Event) transport.Action {
				return transport.Action{Do: transport.Write, Head: append(e.Scratch, e.In...), Taken: len(e.In), Notify: true}
			},
			transport.Written: always(hangUp(transport.Polite)),
		}
	})
	var told []transport.EventKind
	heard := ""
	s.play(Func(func(e transport.Event) transport.Action {
		if e.Kind != transport.Received {
			told = append(told, e.Kind)
		}
		heard += string(e.In)
		a := transport.Action{Taken: len(e.In)}
		switch e.Kind {
		case transport.Started:
			return dial(at)
		case transport.Opened:
			return transport.Action{Do: transport.Write, Head: []byte("ping"), Notify: true}
		case transport.Written:
			a.Do, a.How = transport.Close, transport.HalfWay
		case transport.Ended:
			a.Do = transport.Close
		case transport.Closed, transport.Broken:
			a.Do = transport.Done
		}
		return a
	}))
	want := []transport.EventKind{transport.Started, transport.Opened, transport.Written, transport.Ended, transport.Closed}
	if heard != "ping" || !slices.Equal(told, want) {
		s.Errorf("the client heard %q and was told %v, want \"ping\" and %v", heard, told, want)
	}
}

// closesAs closes a connection on which nothing is unread; the peer is to be
// told of it by kind.
func closesAs(how transport.Closing, kind transport.EventKind) func(*stage) {
	return func(s *stage) {
		told := make(chan transport.Event, 2)
		end := func(e transport.Event) transport.Action {
			told <- e
			if e.Kind == transport.Broken {
				return done()
			}
			return hangUp(transport.Polite)
		}
		at := s.listen(func() transport.Conversation {
			return On{transport.Ended: end, transport.Broken: end, transport.Opened: always(write("hello\n"))}
		})
		dials, closed := 0, 0
		s.play(On{
			transport.Started: always(dial(at)),
			transport.Opened: func(transport.Event) transport.Action {
				dials++
				return transport.Action{}
			},
			transport.Received: func(e transport.Event) transport.Action {
				if string(e.In) != "hello\n" {
					return transport.Action{}
				}
				a := hangUp(how)
				a.Taken = len(e.In)
				return a
			},
			transport.Closed: func(transport.Event) transport.Action {
				if closed++; closed == 2 {
					return done()
				}
				return dial(at)
			},
		})
		if dials != 2 || closed != 2 {
			s.Fatalf("%d dials and %d closes, want two of each", dials, closed)
		}
		for range 2 {
			e := <-told
			if e.Kind != kind || kind == transport.Broken && e.Fault.Kind != timing.Reset {
				s.Errorf("the peer was told %d, fault %v, want %d", e.Kind, e.Fault, kind)
			}
		}
	}
}

func politeKeepsLast(s *stage) {
	const size = 1 << 20
	heard := 0
	var end transport.EventKind
	at := s.listen(func() transport.Conversation {
		return On{
			transport.Opened: always(transport.Action{Do: transport.Write, Head: []byte("some octets nobody reads"), Deaf: true, Notify: true}),
			transport.Written: func(e transport.Event) transport.Action {
				return transport.Action{Deaf: true, Until: e.Now.Add(short)}
			},
			transport.Expired: always(write("more of them")),
			transport.Received: func(e transport.Event) transport.Action {
				heard += len(e.In)
				return transport.Action{Taken: len(e.In)}
			},
			transport.Ended: func(e transport.Event) transport.Action {
				end = e.Kind
				return hangUp(transport.Polite)
			},
			transport.Broken: func(e transport.Event) transport.Action {
				end = e.Kind
				return done()
			},
		}
	})
	began := false
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Received: func(transport.Event) transport.Action {
			if began {
				return transport.Action{}
			}
			began = true
			return transport.Action{Do: transport.Write, Body: large()[:size], Notify: true}
		},
		transport.Written: always(hangUp(transport.Polite)),
	})
	if heard != size || end != transport.Ended {
		s.Errorf("the server heard %d octets and then event %d, want %d and Ended", heard, end, size)
	}
}

func wokenWhileClosing(s *stage) {
	at := s.listen(func() transport.Conversation {
		return On{
			transport.Opened: func(e transport.Event) transport.Action {
				return transport.Action{Do: transport.Write, Head: []byte("unread"), Deaf: true, Until: e.Now.Add(long)}
			},
			transport.Expired: always(hangUp(transport.Polite)),
		}
	})
	var waker transport.Waker
	woken, closed := 0, 0
	step := func() transport.Action {
		if woken > 0 && closed > 0 {
			return done()
		}
		return transport.Action{}
	}
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Received: func(transport.Event) transport.Action {
			waker.Wake()
			return hangUp(transport.Polite)
		},
		transport.Woken: func(transport.Event) transport.Action {
			woken++
			return step()
		},
		transport.Closed: func(transport.Event) transport.Action {
			closed++
			return step()
		},
	}.atStart(func(w transport.Waker) { waker = w }))
	if woken != 1 || closed != 1 {
		s.Errorf("Woken came %d times, Closed %d times, want both once", woken, closed)
	}
}

func closesNothing(s *stage) {
	closed := 0
	s.play(On{
		transport.Started: always(hangUp(transport.Polite)),
		transport.Closed: func(transport.Event) transport.Action {
			closed++
			return done()
		},
	})
	if closed != 1 {
		s.Errorf("Closed came %d times, want once", closed)
	}
}

func doneCloses(s *stage) {
	ended := false
	at := s.listen(func() transport.Conversation {
		return On{transport.Opened: always(write("hello\n")), transport.Ended: func(transport.Event) transport.Action {
			ended = true
			return hangUp(transport.Polite)
		}}
	})
	s.play(On{transport.Started: always(dial(at)), transport.Received: always(done())}, sleeper(long, func(transport.Event) {}))
	if !ended {
		s.Error("the server was not told of the end")
	}
}

func brokenByReset(s *stage) {
	at := s.listen(func() transport.Conversation {
		return On{transport.Received: always(hangUp(transport.Reset))}
	})
	var faults []timing.Fault
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(write("x")),
		transport.Broken: func(e transport.Event) transport.Action {
			faults = append(faults, e.Fault)
			return done()
		},
	})
	if len(faults) != 1 || faults[0].Kind != timing.Reset || faults[0].Text == "" {
		s.Errorf("the client was told of %v, want one reset with a text", faults)
	}
}
