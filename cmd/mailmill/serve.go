package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"mailmill/loadgen/sink"
	"mailmill/loadgen/transport"
)

// farewell is how long sessions may take to QUIT when the sink has taken all the
// mail it was to take.
const farewell = 2 * time.Second

// runSink listens until it is told to stop, and prints what was counted.
func (p *program) runSink(ctx context.Context, o *sinkOptions) error {
	config, err := o.config()
	if err != nil {
		return err
	}
	endpoints, fixed, err := o.endpoints()
	if err != nil {
		return err
	}
	k, err := sink.New(config)
	if err != nil {
		return err
	}
	defer k.Close()
	t, err := transport.New(o.transport, transport.Options{Loops: o.loops, Spin: o.spin, Backlog: o.acceptQueue, Room: k.Room})
	if err != nil {
		return err
	}
	s := &serving{program: p, sink: k, transport: t, json: o.counters == "json"}
	if err := s.listen(endpoints, fixed); err != nil {
		t.Stop()
		return errors.Join(err, t.Run())
	}
	return s.serve(ctx, o.countersEvery)
}

// endpoints returns where to listen. They are fixed where the user named them: a
// default that this machine has not is left out.
func (o *sinkOptions) endpoints() (all []transport.Endpoint, fixed bool, err error) {
	if len(o.listen) == 0 {
		return []transport.Endpoint{
			{Addr: netip.MustParseAddrPort("127.0.0.1:2525")},
			{Addr: netip.MustParseAddrPort("[::1]:2525")},
		}, false, nil
	}
	var wrong mistakes
	for _, text := range o.listen {
		if path, ok := strings.CutPrefix(text, "unix:"); ok && path != "" {
			all = append(all, transport.Endpoint{Path: path})
			continue
		}
		addr, err := netip.ParseAddrPort(text)
		if err != nil {
			wrong.add("--listen", fmt.Errorf("%q is no address; write 127.0.0.1:2525, [::1]:2525 or unix:/path", text))
		}
		all = append(all, transport.Endpoint{Addr: addr})
	}
	return all, true, wrong.orNil()
}

// A serving is a sink at work.
type serving struct {
	*program
	sink      *sink.Sink
	transport transport.Transport
	listeners []transport.Listener
	json      bool
}

// listen binds the addresses and tells of each.
func (s *serving) listen(endpoints []transport.Endpoint, fixed bool) error {
	for _, e := range endpoints {
		l, err := s.transport.Listen(e, s.sink.Accept)
		if err != nil && !fixed && e.Addr.Addr().Is6() && missing(err) {
			s.note("there is no IPv6 here: %s is left out", e)
			continue
		} else if err != nil {
			return fmt.Errorf("cannot listen on %s: %s; give a free address with --listen, or port 0", e, reason(err))
		}
		s.listeners = append(s.listeners, l)
		if err := s.tell("listening on "+l.Endpoint().String(), map[string]string{"listening": l.Endpoint().String()}); err != nil {
			return err
		}
	}
	return nil
}

// missing tells that a machine has no such address at all.
func missing(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}

// serve drives the sessions until the context ends or the sink has taken all the
// mail that it was to take.
func (s *serving) serve(ctx context.Context, countersEvery time.Duration) error {
	ran := make(chan error, 1)
	go func() { ran <- s.transport.Run() }()
	var tick <-chan time.Time
	if countersEvery > 0 {
		ticker := time.NewTicker(countersEvery)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-tick:
			if err := s.count(); err != nil {
				return errors.Join(err, s.stop(ran))
			}
		case <-ctx.Done():
			return errors.Join(s.stop(ran), s.count())
		case <-s.sink.Done():
			s.bidFarewell(ctx)
			return errors.Join(s.stop(ran), s.count())
		case err := <-ran:
			return errors.Join(err, s.count())
		}
	}
}

// bidFarewell stops accepting and waits until the sessions that are open have
// ended, but not for long.
func (s *serving) bidFarewell(ctx context.Context) {
	for _, l := range s.listeners {
		l.Close()
	}
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	for s.sink.Counters().Active > 0 && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
}

// stop ends the sink and its transport.
func (s *serving) stop(ran <-chan error) error {
	err := s.sink.Close()
	s.transport.Stop()
	return errors.Join(err, <-ran)
}

// count prints the counters.
func (s *serving) count() error {
	counters := s.sink.Counters()
	return s.tell(counters.String(), counters)
}

// tell writes a line to stdout: words, or a JSON object.
func (s *serving) tell(words string, object any) error {
	if !s.json {
		_, err := fmt.Fprintln(s.stdout, words)
		return err
	}
	text, err := json.Marshal(object)
	if err == nil {
		_, err = fmt.Fprintf(s.stdout, "%s\n", text)
	}
	return err
}
