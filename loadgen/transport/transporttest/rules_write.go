package transporttest

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// Two times that are told apart on a busy machine.
const (
	short = 20 * time.Millisecond
	long  = 100 * time.Millisecond
)

// large returns more octets than the sockets of a connection hold.
var large = sync.OnceValue(func() []byte {
	return bytes.Repeat([]byte("0123456789abcde\n"), 1<<20)
})

var writeRules = []rule{
	{says: "Written comes once if it was asked for, and not else", plays: writtenIfAsked},
	{says: "ten megaoctets go both ways at once", plays: largeBothWays},
	{says: "a body may change after Written", plays: bodiesChange},
	{says: "a head that does not fit at once is copied", plays: headsCopied},
	{says: "a reply is heard while a write is unfinished", plays: repliesBeforeEnd},
	{says: "octets that had arrived are heard before Broken, when a write fails", plays: heardBeforeBroken},
	{says: "a write of nothing is written", plays: writesNothing},
}

func writtenIfAsked(s *stage) {
	at := s.listen(echo)
	var told []transport.EventKind
	notify := true
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(transport.Action{Do: transport.Write, Head: []byte("1\n"), Notify: true}),
		transport.Written: func(e transport.Event) transport.Action {
			told = append(told, e.Kind)
			return transport.Action{}
		},
		transport.Received: func(e transport.Event) transport.Action {
			if len(e.In) < 2 {
				return transport.Action{}
			}
			told = append(told, e.Kind)
			if notify {
				notify = false
				return transport.Action{Do: transport.Write, Head: []byte("2\n"), Taken: 2}
			}
			return hangUp(transport.Polite)
		},
	})
	want := []transport.EventKind{transport.Written, transport.Received, transport.Received}
	if !slices.Equal(told, want) {
		s.Errorf("the client was told %v, want %v", told, want)
	}
}

// A flood writes a large body while it reads one. The client's closes when both
// are complete, the server's when the client has and its own is written.
type flood struct {
	at      *transport.Endpoint // the client's
	body    []byte
	left    []byte // of what is to be heard
	written bool
	ended   bool
	wrong   bool
	broke   timing.Fault
}

func (f *flood) Handle(e *transport.Event) transport.Action {
	switch e.Kind {
	case transport.Started:
		if f.at != nil {
			return dial(*f.at)
		}
		return transport.Action{}
	case transport.Opened:
		return transport.Action{Do: transport.Write, Body: f.body, Notify: true}
	case transport.Closed, transport.Broken:
		f.broke = e.Fault
		return done()
	}
	return f.hear(*e)
}

func (f *flood) hear(e transport.Event) transport.Action {
	f.written = f.written || e.Kind == transport.Written
	f.ended = f.ended || e.Kind == transport.Ended
	f.wrong = f.wrong || !bytes.HasPrefix(f.left, e.In)
	f.left = f.left[min(len(e.In), len(f.left)):]
	a := transport.Action{Taken: len(e.In)}
	if f.written && len(f.left) == 0 && (f.at != nil || f.ended) {
		a.Do = transport.Close
	}
	return a
}

func (s *stage) flooded(name string, f *flood) {
	s.Helper()
	if f.wrong || !f.written || len(f.left) > 0 {
		s.Errorf("%s: written %t, %d octets missing, wrong octets %t, fault %v", name, f.written, len(f.left), f.wrong, f.broke)
	}
}

func largeBothWays(s *stage) {
	up, down := large()[:10<<20], bytes.ToUpper(large()[:10<<20])
	client, server := &flood{body: up, left: down}, &flood{body: down, left: up}
	at := s.listen(func() transport.Conversation { return server })
	client.at = &at
	s.play(client)
	s.flooded("client", client)
	s.flooded("server", server)
}

func bodiesChange(s *stage) {
	const rounds, size = 4, 3 << 20
	heard, wrong := 0, 0
	at := s.listen(func() transport.Conversation {
		return On{transport.Received: func(e transport.Event) transport.Action {
			for i, c := range e.In {
				if c != byte('A'+(heard+i)/size) {
					wrong++
				}
			}
			heard += len(e.In)
			return transport.Action{Taken: len(e.In)}
		}}
	})
	body, round := make([]byte, size), 0
	next := func(transport.Event) transport.Action {
		if round == rounds {
			return hangUp(transport.Polite)
		}
		for i := range body {
			body[i] = byte('A' + round)
		}
		round++
		return transport.Action{Do: transport.Write, Body: body, Notify: true}
	}
	s.play(On{transport.Started: always(dial(at)), transport.Opened: next, transport.Written: next})
	if heard != rounds*size || wrong > 0 {
		s.Errorf("the server heard %d octets, %d of them wrong, want %d and none", heard, wrong, rounds*size)
	}
}

// headsCopied scribbles over a head at the first event after its Write.
func headsCopied(s *stage) {
	const size = 12 << 20
	heard, wrong := 0, 0
	at := s.listen(func() transport.Conversation {
		return On{
			transport.Opened: func(e transport.Event) transport.Action {
				return transport.Action{Do: transport.Write, Head: []byte("x"), Deaf: true, Until: e.Now.Add(long)}
			},
			transport.Received: func(e transport.Event) transport.Action {
				wrong += len(e.In) - bytes.Count(e.In, []byte("h"))
				heard += len(e.In)
				return transport.Action{Taken: len(e.In)}
			},
		}
	})
	head := bytes.Repeat([]byte("h"), size)
	scribbled := false
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(transport.Action{Do: transport.Write, Head: head}),
		transport.Received: func(e transport.Event) transport.Action {
			clear(head)
			scribbled = true
			return transport.Action{Taken: len(e.In)}
		},
		transport.Written: always(hangUp(transport.Polite)),
	})
	if heard != size || wrong > 0 || !scribbled {
		s.Errorf("the server heard %d octets, %d of them wrong, want %d and none (scribbled: %t)", heard, wrong, size, scribbled)
	}
}

// refuser says its word at once, and hears what the client sends when then allows it.
func refuser(then func(transport.Event) transport.Action) transport.Conversation {
	return On{
		transport.Opened:   always(transport.Action{Do: transport.Write, Head: []byte("no\n"), Notify: true, Deaf: true}),
		transport.Written:  then,
		transport.Received: func(e transport.Event) transport.Action { return transport.Action{Taken: len(e.In)} },
	}
}

// listenWriting tells what a client hears that writes more than fits.
func listenWriting(s *stage, at transport.Endpoint, heard func(transport.Event) transport.Action) []transport.EventKind {
	var told []transport.EventKind
	s.play(Func(func(e transport.Event) transport.Action {
		told = append(told, e.Kind)
		switch e.Kind {
		case transport.Started:
			return dial(at)
		case transport.Opened:
			return transport.Action{Do: transport.Write, Body: large()}
		case transport.Received:
			return heard(e)
		case transport.Closed, transport.Broken:
			return done()
		}
		return transport.Action{}
	}))
	return told
}

func repliesBeforeEnd(s *stage) {
	at := s.listen(func() transport.Conversation {
		return refuser(func(e transport.Event) transport.Action {
			return transport.Action{Deaf: true, Until: e.Now.Add(2 * long)}
		})
	})
	heard := ""
	told := listenWriting(s, at, func(e transport.Event) transport.Action {
		if heard = string(e.In); heard == "no\n" {
			return hangUp(transport.Now)
		}
		return transport.Action{}
	})
	if heard != "no\n" || slices.Contains(told, transport.Written) || told[len(told)-1] != transport.Closed {
		s.Errorf("the client heard %q and was told %v, want the reply, then Closed, and never Written", heard, told)
	}
}

func heardBeforeBroken(s *stage) {
	at := s.listen(func() transport.Conversation {
		return On{ // it waits for the first octets: a reset can be taken for the end of the attempt to connect
			transport.Received: always(transport.Action{Do: transport.Write, Head: []byte("no\n"), Notify: true, Deaf: true}),
			transport.Written:  always(hangUp(transport.Reset)),
		}
	})
	heard := ""
	told := listenWriting(s, at, func(e transport.Event) transport.Action {
		heard += string(e.In)
		return transport.Action{Taken: len(e.In)}
	})
	if heard != "no\n" || told[len(told)-1] != transport.Broken {
		s.Errorf("the client heard %q and was told %v, want the reply, then Broken", heard, told)
	}
}

func writesNothing(s *stage) {
	at := s.listen(echo)
	written := 0
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(transport.Action{Do: transport.Write, Notify: true}),
		transport.Written: func(transport.Event) transport.Action {
			written++
			return hangUp(transport.Polite)
		},
	})
	if written != 1 {
		s.Errorf("Written came %d times, want once", written)
	}
}
