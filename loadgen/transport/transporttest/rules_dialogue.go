package transporttest

import (
	"bytes"
	"slices"
	"strings"

	"mailmill/loadgen/transport"
)

var dialogueRules = []rule{
	{says: "a conversation is Started, Opened, hears its echo, and is Closed", plays: echoes},
	{says: "an echo is the same when each octet is written alone", plays: echoesSingly},
	{says: "an echo is the same when each octet is offered alone", plays: echoesOneOctet},
	{says: "five hundred conversations at once each hear their own echo", plays: echoesManyTimes},
	{says: "octets not taken are offered again at once, if some were taken", plays: takesOneAtATime},
	{says: "octets not taken are offered again when more arrive, if none were taken", plays: takesWhenComplete},
	{says: "pipelined lines are answered one at a time, in order", plays: answersPipelined},
	{says: "nothing is offered to the deaf until their timer fires", plays: deafUntilExpired},
	{says: "the peer of the deaf is held back", plays: deafHoldsBack},
	{says: "who takes nothing is offered no more than two megaoctets", plays: hoardsLittle},
	{says: "both ends know each other's address", plays: peersKnown},
}

// echo answers each line with itself.
func echo() transport.Conversation {
	return On{transport.Received: func(e transport.Event) transport.Action {
		n := bytes.IndexByte(e.In, '\n') + 1
		if n == 0 {
			return transport.Action{}
		}
		return transport.Action{Do: transport.Write, Taken: n, Head: append(e.Scratch, e.In[:n]...)}
	}}
}

// A reader is a client that sends lines one by one, each when the answer to the
// one before is complete, and then closes. It notes what it was told.
type reader struct {
	at     transport.Endpoint
	lines  []string
	heard  strings.Builder
	events []transport.EventKind
}

func (r *reader) Handle(e *transport.Event) transport.Action {
	r.events = append(r.events, e.Kind)
	switch e.Kind {
	case transport.Started:
		return dial(r.at)
	case transport.Opened:
		return write(r.lines[0])
	case transport.Received:
		n := len(e.In)
		if e.In[n-1] != '\n' {
			return transport.Action{}
		}
		r.heard.Write(e.In)
		a := r.next()
		a.Taken = n
		return a
	case transport.Closed, transport.Broken:
		return done()
	}
	return transport.Action{}
}

func (r *reader) next() transport.Action {
	if r.lines = r.lines[1:]; len(r.lines) == 0 {
		return hangUp(transport.Polite)
	}
	return write(r.lines[0])
}

var poem = []string{"a\n", "bc\n", "the quick brown fox\n", strings.Repeat("x", 500) + "\n", "\n"}

func newReader(at transport.Endpoint) *reader { return &reader{at: at, lines: poem} }

func (s *stage) heardPoem(r *reader) {
	s.Helper()
	if got, want := r.heard.String(), strings.Join(poem, ""); got != want {
		s.Errorf("the client heard %d octets %.60q, want %d (events %v)", len(got), got, len(want), r.events)
	}
}

func echoes(s *stage) {
	r := newReader(s.listen(echo))
	s.play(r)
	s.heardPoem(r)
	want := []transport.EventKind{transport.Started, transport.Opened, transport.Closed}
	got := slices.DeleteFunc(slices.Clone(r.events), func(k transport.EventKind) bool { return k == transport.Received })
	if !slices.Equal(got, want) {
		s.Errorf("beside Received the client was told %v, want %v", got, want)
	}
}

// singly writes all of text, each octet when the one before has gone, and then
// waits for as much to come back.
func singly(at transport.Endpoint, text string, heard *string) transport.Conversation {
	sent := 0
	next := func(e transport.Event) transport.Action {
		*heard += string(e.In)
		a := transport.Action{Taken: len(e.In)}
		switch {
		case len(*heard) == len(text):
			a.Do = transport.Close
		case e.Kind != transport.Received && sent < len(text):
			a.Do, a.Notify, a.Head = transport.Write, true, []byte{text[sent]}
			sent++
		}
		return a
	}
	return On{
		transport.Started:  always(dial(at)),
		transport.Opened:   next,
		transport.Written:  next,
		transport.Received: next,
	}
}

func echoesSingly(s *stage) {
	text, heard := strings.Join(poem, ""), ""
	s.play(singly(s.listen(echo), text, &heard))
	if heard != text {
		s.Errorf("the client heard %q, want %q", heard, text)
	}
}

func echoesOneOctet(s *stage) {
	r := newReader(s.listen(func() transport.Conversation { return OneOctet(echo()) }))
	s.play(OneOctet(r))
	s.heardPoem(r)
}

func echoesManyTimes(s *stage) {
	at := s.listen(echo)
	var readers []*reader
	var clients []transport.Conversation
	for range 500 {
		readers = append(readers, newReader(at))
		clients = append(clients, readers[len(readers)-1])
	}
	s.play(clients...)
	for _, r := range readers {
		s.heardPoem(r)
	}
}

func takesOneAtATime(s *stage) {
	const text = "abcdefghij"
	var took strings.Builder
	events := 0
	at := s.listen(func() transport.Conversation {
		return On{transport.Received: func(e transport.Event) transport.Action {
			events++
			took.WriteByte(e.In[0])
			if took.Len() == len(text) {
				return transport.Action{Do: transport.Close, Taken: 1}
			}
			return transport.Action{Taken: 1}
		}}
	})
	s.play(On{transport.Started: always(dial(at)), transport.Opened: always(write(text))})
	if took.String() != text || events != len(text) {
		s.Errorf("%q was taken in %d events, want %q in %d", took.String(), events, text, len(text))
	}
}

func takesWhenComplete(s *stage) {
	const text = "abcdefghij\n"
	var seen []string
	at := s.listen(func() transport.Conversation {
		return On{transport.Received: func(e transport.Event) transport.Action {
			seen = append(seen, string(e.In))
			if e.In[len(e.In)-1] != '\n' {
				return transport.Action{}
			}
			return transport.Action{Do: transport.Write, Taken: len(e.In), Head: append(e.Scratch, e.In...)}
		}}
	})
	heard := ""
	s.play(singly(at, text, &heard))
	if heard != text {
		s.Errorf("the client heard %q, want %q", heard, text)
	}
	for i, in := range seen {
		if !strings.HasPrefix(text, in) || i > 0 && len(in) <= len(seen[i-1]) {
			s.Errorf("offer %d of %q: want ever more of %q", i, seen, text)
		}
	}
}

func answersPipelined(s *stage) {
	at := s.listen(echo)
	want, heard := strings.Join(poem, ""), ""
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(write(want)),
		transport.Received: func(e transport.Event) transport.Action {
			heard += string(e.In)
			if len(heard) < len(want) {
				return transport.Action{Taken: len(e.In)}
			}
			return transport.Action{Do: transport.Close, Taken: len(e.In)}
		},
	})
	if heard != want {
		s.Errorf("the client heard %q, want %q", heard, want)
	}
}

func deafUntilExpired(s *stage) {
	heard, expired := "", false
	at := s.listen(func() transport.Conversation {
		return On{
			transport.Received: func(e transport.Event) transport.Action {
				if !expired {
					return transport.Action{Deaf: true, Until: e.Now.Add(long)}
				}
				if heard = string(e.In); heard == "ab" {
					return hangUp(transport.Polite)
				}
				return transport.Action{}
			},
			transport.Expired: func(transport.Event) transport.Action {
				expired = true
				return transport.Action{}
			},
		}
	})
	a := write("a")
	a.Notify = true
	b := false
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(a),
		transport.Written: func(e transport.Event) transport.Action {
			if b {
				return transport.Action{}
			}
			b = true
			return transport.Action{Until: e.Now.Add(short)}
		},
		transport.Expired: always(write("b")),
	})
	if heard != "ab" || !expired {
		s.Errorf("the server heard %q (its timer fired: %t), want \"ab\" after the timer", heard, expired)
	}
}

func deafHoldsBack(s *stage) {
	var listens, written transport.Event
	at := s.listen(func() transport.Conversation {
		return On{
			transport.Opened: func(e transport.Event) transport.Action {
				return transport.Action{Deaf: true, Until: e.Now.Add(long)}
			},
			transport.Expired: func(e transport.Event) transport.Action {
				listens = e
				return transport.Action{}
			},
			transport.Received: func(e transport.Event) transport.Action { return transport.Action{Taken: len(e.In)} },
		}
	})
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(transport.Action{Do: transport.Write, Body: large()}),
		transport.Written: func(e transport.Event) transport.Action {
			written = e
			return hangUp(transport.Polite)
		},
	})
	if written.Now == 0 || written.Now < listens.Now {
		s.Errorf("the client had written %d octets at %d, the server began to listen at %d", len(large()), written.Now, listens.Now)
	}
}

func hoardsLittle(s *stage) {
	most, heard := 0, 0
	takes := false
	step := func(e transport.Event) transport.Action {
		most = max(most, len(e.In))
		takes = takes || e.Kind == transport.Expired
		if !takes {
			return transport.Action{Until: e.Now.Add(long)} // so it listens as long as anything comes
		}
		heard += len(e.In)
		return transport.Action{Taken: len(e.In)}
	}
	at := s.listen(func() transport.Conversation {
		return On{transport.Received: step, transport.Expired: step}
	})
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(transport.Action{Do: transport.Write, Body: large(), Notify: true}),
		transport.Written: always(hangUp(transport.Polite)),
	})
	if most > 2<<20 || heard != len(large()) {
		s.Errorf("%d octets were offered at once and %d heard, want at most %d and %d", most, heard, 2<<20, len(large()))
	}
}

func peersKnown(s *stage) {
	var client, server transport.Peer
	at := s.listen(func() transport.Conversation {
		return On{transport.Opened: func(e transport.Event) transport.Action {
			server = *e.Peer
			return hangUp(transport.Polite)
		}}
	})
	from := at
	from.Local = at.Addr.Addr()
	s.play(On{
		transport.Started: always(dial(from)),
		transport.Opened: func(e transport.Event) transport.Action {
			client = *e.Peer
			return transport.Action{}
		},
	})
	if client.Remote.Addr != at.Addr || server.Local.Addr != at.Addr {
		s.Errorf("listening on %v: the client's peer is %v, the server's own end %v", at, client.Remote, server.Local)
	}
	if client.Local.Addr.Addr() != from.Local || server.Remote.Addr.Addr() != from.Local {
		s.Errorf("bound to %v: the client's own end is %v, the server's peer %v", from.Local, client.Local, server.Remote)
	}
}
