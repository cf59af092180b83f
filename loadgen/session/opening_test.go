package session

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mailmill/loadgen/login"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// beside is a goroutine whose time comes when the test lets it.
type beside struct {
	work  []func()
	wakes int
}

func (b *beside) Wake() { b.wakes++ }

func (b *beside) finish() {
	for _, f := range b.work {
		f()
	}
	b.work = nil
}

// resolving returns a session that waits for its server's addresses.
func resolving(t *testing.T, found []transport.Endpoint, err error) (*owner, *wire, *beside) {
	t.Helper()
	o, w := dialing(t, 1, 1)
	w.lose(timing.Fault{Kind: timing.Refused}) // the owner's own, which is no part of this
	b := &beside{}
	loop := o.session.Loop
	loop.Aside = func(work func()) { b.work = append(b.work, work) }
	loop.Servers[0].Resolve = func(Opening) ([]transport.Endpoint, error) { return found, err }
	a := o.session.Open(w.now, Opening{Config: &o.config, Endpoint: 5, Waker: b}, nil, true)
	if a.Do != transport.Wait || a.Until != w.now.Add(o.config.Timeouts[timing.Resolve]) || len(b.work) != 1 {
		t.Fatalf("verb %d until %d with %d look-ups, want to wait for one", a.Do, a.Until, len(b.work))
	}
	return o, w, b
}

func woken(w *wire) *transport.Event { return &transport.Event{Kind: transport.Woken, Now: w.now} }

func TestALookUpHoldsNothingUp(t *testing.T) {
	o, w, b := resolving(t, []transport.Endpoint{{Path: "/a"}, {Path: "/b"}}, nil)
	if a := o.session.Handle(woken(w)); a.Do != transport.Wait {
		t.Errorf("verb %d before the look-up is done", a.Do)
	}
	began := w.now
	w.now += 5
	b.finish()
	a := o.session.Handle(woken(w))
	if a.Do != transport.Dial || a.Dial.Path != "/a" || b.wakes != 1 {
		t.Fatalf("verb %d, %v after %d wakes; want to dial the first address", a.Do, a.Dial, b.wakes)
	}
	a = o.session.Handle(&transport.Event{Kind: transport.Broken, Now: w.now, Since: w.now, Fault: timing.Fault{Kind: timing.Refused}})
	if a.Do != transport.Dial || a.Dial.Path != "/b" {
		t.Errorf("verb %d, %v; want to dial the second address", a.Do, a.Dial)
	}
	if h := &o.recorder.Finish().Steps[timing.Resolve]; h.Count() != 1 || h.Max() != w.now.Sub(began) {
		t.Errorf("%d look-ups were timed, the longest %v", h.Count(), h.Max())
	}
}

func TestALookUpThatFindsNothingIsAFault(t *testing.T) {
	o, w, b := resolving(t, nil, errors.New("no such host"))
	b.finish()
	if a := o.session.Handle(woken(w)); a.Do != transport.Close {
		t.Errorf("verb %d, want Close", a.Do)
	}
	o.session.Handle(&transport.Event{Kind: transport.Closed, Now: w.now})
	totals := o.recorder.Finish()
	f := totals.Faults[0]
	if o.session.Phase() != Off || f.Step != timing.Resolve || f.Kind != timing.Unresolved || f.Example != "no such host" || totals.SessionsClosed != 0 {
		t.Errorf("phase %d, faults %+v, %d sessions closed", o.session.Phase(), totals.Faults, totals.SessionsClosed)
	}
}

// A look-up that comes back when nobody waits for it any more changes nothing.
func TestALookUpThatComesTooLate(t *testing.T) {
	o, w, b := resolving(t, []transport.Endpoint{{Path: "/a"}}, nil)
	o.session.Handle(&transport.Event{Kind: transport.Expired, Now: w.now + 1})
	o.session.Handle(&transport.Event{Kind: transport.Closed, Now: w.now + 1})
	b.finish()
	if a := o.session.Handle(woken(w)); a.Do != transport.Wait || o.session.Phase() != Off {
		t.Errorf("verb %d in phase %d", a.Do, o.session.Phase())
	}
	if f := o.recorder.Finish().Faults[0]; f.Step != timing.Resolve || f.Kind != timing.Timeout {
		t.Errorf("the fault is %+v, want a time-out", f)
	}
}

// Of any sessions in a row, the share that was asked for resumes, give or take one; which, follows from the number.
func TestSessionsThatResumeAreSpreadEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		first, n := rapid.Int64Range(0, 1<<40).Draw(t, "first"), rapid.Int64Range(1, 500).Draw(t, "n")
		h := NewTLS(&tls.Config{}, []string{"a", "b"}, share)
		var resuming int64
		for i := range n {
			if h.of(1, first+i) == &h.servers[1].resuming {
				resuming++
			}
		}
		if want := share * float64(n); float64(resuming) < want-1.01 || float64(resuming) > want+1.01 {
			t.Fatalf("%d of %d resume, want %.2f", resuming, n, want)
		}
	})
}

func TestTheNameToVerify(t *testing.T) {
	if c := NewTLS(&tls.Config{}, []string{"a", "b"}, 0).of(1, 0).Config; c.ServerName != "b" || c.ClientSessionCache != nil {
		t.Errorf("the second server is asked for %q, with a cache: %t", c.ServerName, c.ClientSessionCache != nil)
	}
	if c := NewTLS(&tls.Config{ServerName: "c"}, []string{"a"}, 0).of(0, 0).Config; c.ServerName != "c" {
		t.Errorf("the server is asked for %q, want c", c.ServerName)
	}
}

// Tickets go from every session to those that resume, and to them alone.
func TestTicketsAreForThoseThatResume(t *testing.T) {
	h := NewTLS(&tls.Config{}, []string{"a"}, 0.5)
	full, resuming := h.servers[0].full.Config.ClientSessionCache, h.servers[0].resuming.Config.ClientSessionCache
	if _, ok := resuming.Get("a"); ok {
		t.Error("there is a ticket before a server gave one")
	}
	given := &tls.ClientSessionState{}
	full.Put("a", given)
	full.Put("a", nil)
	if s, ok := resuming.Get("a"); !ok || s != given {
		t.Error("the ticket of a full handshake is not used")
	}
	if _, ok := full.Get("a"); ok {
		t.Error("a full handshake resumes")
	}
	resuming.Put("a", nil)
	if _, ok := resuming.Get("a"); ok {
		t.Error("a ticket that failed is used again")
	}
}

// While a key is derived the exchange belongs to that: a server that does not wait for the answer is out of order,
// and the answer to it is never said.
func TestAReplyThatDoesNotWaitForTheKey(t *testing.T) {
	for _, row := range []struct{ name, says string }{
		{"a second challenge", "334 cj1hYmM=\r\n"},
		{"a welcome", "235 2.7.0 come in\r\n"},
		{"a refusal", "535 5.7.8 no\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			o, w := dialing(t, 1, 1)
			b := &beside{}
			o.config.Login = &login.Book{Users: []*login.User{{Name: "user", Password: "pencil"}}, Mechanisms: []string{"SCRAM-SHA-256"}}
			o.session.Loop.Aside = func(work func()) { b.work = append(b.work, work) }
			o.session.which.Waker = b
			w.connect()
			w.hear("220 mail.example.com\r\n")
			w.hear("250-mail.example.com\r\n250 AUTH SCRAM-SHA-256\r\n")
			_, initial, _ := strings.Cut(strings.TrimSpace(string(w.out)), "AUTH SCRAM-SHA-256 ")
			first, err := base64.StdEncoding.DecodeString(initial)
			_, nonce, ok := strings.Cut(string(first), "r=")
			if err != nil || !ok {
				t.Fatalf("it says %q", w.out)
			}
			w.out = nil
			challenge := base64.StdEncoding.EncodeToString([]byte("r=" + nonce + "x,s=QSXCR+Q6sek8bf92,i=4096"))
			w.hear("334 " + challenge + "\r\n" + row.says)
			b.finish()
			if !w.done {
				w.event(transport.Event{Kind: transport.Woken})
			}
			if len(w.out) > 0 || w.hungUp != 1 {
				t.Errorf("it says %q after %d closes", w.out, w.hungUp)
			}
			if f := o.recorder.Finish().Faults; len(f) != 1 || f[0].Step != timing.Auth || f[0].Kind != timing.Desync {
				t.Errorf("faults are %+v", f)
			}
		})
	}
}
