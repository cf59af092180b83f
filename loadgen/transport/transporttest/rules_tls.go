package transporttest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

var tlsRules = []rule{
	{says: "after StartTLS both sides are Secured, and an echo comes back", plays: securesEcho},
	{says: "ten megaoctets go both ways at once under TLS", plays: securesLarge},
	{says: "a PROXY line and a ClientHello may come together", plays: securesAfterProxy},
	{says: "after TLS has ended, Dial works again", plays: dialsAfterTLS},
	{says: "a client whose server spoke before the handshake is Broken", plays: clientInjected},
	{says: "a server whose client spoke before the handshake is Broken", plays: serverInjected},
	{says: "a handshake that is answered in clear is Broken", plays: answeredInClear},
	{says: "a handshake that is not answered ends with its Until", plays: handshakeExpires},
	{says: "a wake during the handshake is heard", plays: wokenInHandshake},
	{says: "a certificate of nobody's is Broken", plays: certificateRefused, real: true},
}

func startTLS(server bool) transport.Action {
	config := tlsConfigs().client
	if server {
		config = tlsConfigs().server
	}
	return transport.Action{Do: transport.StartTLS, TLS: &transport.TLS{Config: config, Server: server}}
}

// secureServer says go to the first line, shakes hands, and then is inner.
func secureServer(inner transport.Conversation) transport.Conversation {
	secured := false
	return Func(func(e transport.Event) transport.Action {
		switch {
		case secured, e.Kind == transport.Started, e.Kind == transport.Closed, e.Kind == transport.Broken:
			return inner.Handle(&e)
		case e.Kind == transport.Received:
			n := bytes.IndexByte(e.In, '\n') + 1
			if n == 0 {
				return transport.Action{}
			}
			return transport.Action{Do: transport.Write, Head: []byte("go\n"), Taken: n, Notify: true}
		case e.Kind == transport.Written:
			return startTLS(true)
		case e.Kind == transport.Ended:
			return hangUp(transport.Polite)
		case e.Kind == transport.Secured:
			secured = true
			e.Kind = transport.Opened
			return inner.Handle(&e)
		}
		return transport.Action{}
	})
}

// secureClient is secureServer's other side.
func secureClient(at transport.Endpoint, inner transport.Conversation) transport.Conversation {
	secured := false
	return Func(func(e transport.Event) transport.Action {
		switch {
		case secured, e.Kind == transport.Closed, e.Kind == transport.Broken:
			return inner.Handle(&e)
		case e.Kind == transport.Started:
			inner.Handle(&e)
			return dial(at)
		case e.Kind == transport.Opened:
			return write("STARTTLS\n")
		case e.Kind == transport.Received && string(e.In) == "go\n":
			a := startTLS(false)
			a.Taken = len(e.In)
			return a
		case e.Kind == transport.Secured:
			secured = true
			e.Kind = transport.Opened
			return inner.Handle(&e)
		}
		return transport.Action{}
	})
}

func securesEcho(s *stage) {
	var states [2]*tls.ConnectionState
	note := func(i int, c transport.Conversation) transport.Conversation {
		return Func(func(e transport.Event) transport.Action {
			if e.Kind == transport.Secured {
				states[i] = e.Peer.TLS
			}
			return c.Handle(&e)
		})
	}
	at := s.listen(func() transport.Conversation { return note(1, secureServer(echo())) })
	r := newReader(at)
	s.play(note(0, secureClient(at, r)))
	s.heardPoem(r)
	for i, state := range states {
		if state == nil || !state.HandshakeComplete || state.Version < tls.VersionTLS12 {
			s.Errorf("the state of side %d is %+v, want a complete handshake", i, state)
		}
	}
}

func securesLarge(s *stage) {
	up, down := large()[:10<<20], bytes.ToUpper(large()[:10<<20])
	client, server := &flood{body: up, left: down}, &flood{body: down, left: up}
	at := s.listen(func() transport.Conversation { return secureServer(server) })
	client.at = &at
	s.play(secureClient(at, client))
	s.flooded("client", client)
	s.flooded("server", server)
}

func securesAfterProxy(s *stage) {
	const line = "PROXY UNKNOWN\r\n"
	offered := ""
	at := s.listen(func() transport.Conversation {
		inner := echo()
		return Func(func(e transport.Event) transport.Action {
			switch {
			case e.Kind == transport.Opened: // so that both are there when it listens
				return transport.Action{Deaf: true, Until: e.Now.Add(long)}
			case e.Kind == transport.Received && offered == "" && strings.HasPrefix(string(e.In), line):
				offered = string(e.In)
				a := startTLS(true)
				a.Taken = len(line)
				return a
			case offered == "":
				return transport.Action{}
			}
			return inner.Handle(&e)
		})
	})
	r := newReader(at)
	s.play(Func(func(e transport.Event) transport.Action {
		switch e.Kind {
		case transport.Opened:
			return transport.Action{Do: transport.Write, Head: []byte(line), Notify: true}
		case transport.Written:
			return startTLS(false)
		case transport.Secured:
			e.Kind = transport.Opened
		}
		return r.Handle(&e)
	}))
	s.heardPoem(r)
	if !s.simulated() && len(offered) == len(line) {
		s.Error("the line and the ClientHello did not come together")
	}
}

func dialsAfterTLS(s *stage) {
	at := s.listen(func() transport.Conversation { return secureServer(echo()) })
	first, second := newReader(at), newReader(at)
	again := false
	a, b := secureClient(at, first), secureClient(at, second)
	s.play(Func(func(e transport.Event) transport.Action {
		switch {
		case again:
			return b.Handle(&e)
		case e.Kind == transport.Closed:
			again = true
			e.Kind = transport.Started
			return b.Handle(&e)
		}
		return a.Handle(&e)
	}))
	s.heardPoem(first)
	s.heardPoem(second)
}

// fault is the kind of the fault that breaks c.
func fault(f *timing.Fault, c transport.Conversation) transport.Conversation {
	return Func(func(e transport.Event) transport.Action {
		if e.Kind == transport.Broken && f.Kind == timing.NoFault {
			*f = e.Fault
		}
		return c.Handle(&e)
	})
}

func (s *stage) wantTLSFailed(f timing.Fault) {
	s.Helper()
	if f.Kind != timing.TLSFailed || f.Text == "" {
		s.Errorf("the fault is %v, want one of TLS with a text", f)
	}
}

func clientInjected(s *stage) {
	at := s.listen(func() transport.Conversation {
		return On{transport.Received: func(e transport.Event) transport.Action {
			return transport.Action{Do: transport.Write, Head: []byte("go\nmore\n"), Taken: len(e.In)}
		}}
	})
	var f timing.Fault
	s.play(fault(&f, On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(write("STARTTLS\n")),
		transport.Received: func(e transport.Event) transport.Action {
			if len(e.In) < len("go\nmore\n") {
				return transport.Action{}
			}
			a := startTLS(false)
			a.Taken = len("go\n")
			return a
		},
	}))
	s.wantTLSFailed(f)
}

func serverInjected(s *stage) {
	const lines = "STARTTLS\nMAIL\n"
	var f timing.Fault
	at := s.listen(func() transport.Conversation {
		return fault(&f, On{
			transport.Received: func(e transport.Event) transport.Action {
				if string(e.In) != lines {
					return transport.Action{}
				}
				return transport.Action{Do: transport.Write, Head: []byte("go\n"), Taken: len("STARTTLS\n"), Notify: true}
			},
			transport.Written: always(startTLS(true)),
		})
	})
	s.play(On{transport.Started: always(dial(at)), transport.Opened: always(write(lines))})
	s.wantTLSFailed(f)
}

func answeredInClear(s *stage) {
	at := s.listen(func() transport.Conversation {
		return On{transport.Received: func(e transport.Event) transport.Action {
			return transport.Action{Do: transport.Write, Head: []byte("502 what is that?\r\n"), Taken: len(e.In)}
		}}
	})
	var f timing.Fault
	s.play(fault(&f, On{transport.Started: always(dial(at)), transport.Opened: always(startTLS(false))}))
	s.wantTLSFailed(f)
}

func handshakeExpires(s *stage) {
	at := s.listen(func() transport.Conversation { return On{} })
	var told []transport.EventKind
	var due, fired timing.Instant
	s.play(Func(func(e transport.Event) transport.Action {
		told = append(told, e.Kind)
		switch e.Kind {
		case transport.Started:
			return dial(at)
		case transport.Opened:
			a := startTLS(false)
			due = e.Now.Add(long)
			a.Until = due
			return a
		case transport.Expired:
			fired = e.Now
			return hangUp(transport.Now)
		}
		return done()
	}))
	want := []transport.EventKind{transport.Started, transport.Opened, transport.Expired, transport.Closed}
	if !slices.Equal(told, want) || fired < due {
		s.Errorf("told %v, expired at %d, want %v, not before %d", told, fired, want, due)
	}
}

func wokenInHandshake(s *stage) {
	at := s.listen(func() transport.Conversation { return On{} })
	wakers := make(chan transport.Waker, 1)
	woken := false
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(startTLS(false)),
		transport.Woken: func(transport.Event) transport.Action {
			woken = true
			return hangUp(transport.Reset)
		},
	}.atStart(func(w transport.Waker) { wakers <- w }), sleeper(long, func(transport.Event) { (<-wakers).Wake() }))
	if !woken {
		s.Error("the client was not woken")
	}
}

func certificateRefused(s *stage) {
	at := s.listen(func() transport.Conversation { return secureServer(echo()) })
	var f timing.Fault
	s.play(fault(&f, On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(write("STARTTLS\n")),
		transport.Received: func(e transport.Event) transport.Action {
			a := startTLS(false)
			a.TLS.Config = &tls.Config{ServerName: "mail.example.com", RootCAs: x509.NewCertPool()}
			a.Taken = len(e.In)
			return a
		},
	}))
	s.wantTLSFailed(f)
	if !strings.Contains(f.Text, "certificate") {
		s.Errorf("the fault's text is %q, want it to speak of the certificate", f.Text)
	}
}
