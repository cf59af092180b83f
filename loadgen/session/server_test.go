package session

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A script is what a server says and hears in one session of a dialogue.
type script struct {
	d     *dialogue
	lines []line
	next  int
}

// scripts returns the sessions of a dialogue in which a server takes part.
func (d *dialogue) scripts() (all []*script) {
	for _, l := range d.lines {
		switch l.act {
		case "connect":
			all = append(all, &script{d: d})
		case "refuse":
		default:
			last := all[len(all)-1]
			last.lines = append(last.lines, l)
		}
	}
	return all
}

// refusals returns how many addresses refuse a connection before one accepts it.
func (d *dialogue) refusals() (n int) {
	for n+1 < len(d.lines) && d.lines[n+1].act == "refuse" {
		n++
	}
	return n
}

// A peer is the server of one session: a conversation that follows its script.
type peer struct {
	t     testing.TB
	stage string
	*script
	*cues
	owner  *owner // whose content is heard
	octets bool   // each octet is written alone

	saying  string // not yet written
	content []byte // not yet heard
	deaf    bool   // to the rest of a content, so that the client cannot write all of it
	begun   bool   // a content, which is not heard to its end
	paused  bool   // before a reset
	shaking bool   // a handshake was begun
	until   timing.Instant
}

// pause is how long a server waits where its script has a pause.
const pause = 20 * time.Millisecond

// Handle implements transport.Conversation.
func (p *peer) Handle(e *transport.Event) transport.Action {
	switch e.Kind {
	case transport.Started:
		waker := e.Waker
		p.server.Store(&waker)
		p.cues.said.Store(0)
		return transport.Action{}
	case transport.Broken, transport.Closed:
		p.ended()
		return transport.Action{Do: transport.Done}
	case transport.Ended:
		p.ended()
		return transport.Action{Do: transport.Close}
	case transport.Expired:
		p.until = 0
		if p.lines[p.next].act == "pause" {
			p.next++
		}
	}
	if p.saying != "" {
		return p.say()
	}
	return p.proceed(e)
}

// ended notes the end of the connection, which is what some lines wait for.
func (p *peer) ended() {
	for p.next < len(p.lines) && awaitsEnd[p.lines[p.next].act] {
		p.next++
	}
}

// awaitsEnd are the acts that the end of the connection completes.
var awaitsEnd = map[string]bool{"close": true, "reset": true, "silence": true}

// A part is what a peer does at a line. It reports whether the action is to be carried out, or the
// next line looked at.
type part func(p *peer, e *transport.Event, taken *int) (transport.Action, bool)

var parts = map[string]part{
	"content":        (*peer).hearContent,
	"content begins": (*peer).hearBeginning,
	"chunk":          (*peer).hear,
	"close":          (*peer).close,
	"reset":          (*peer).reset,
	"pause":          (*peer).pause,
	"tls":            (*peer).shake,
	"idle":           (*peer).idle,
	"silence":        (*peer).silence,
}

// proceed goes on with the script until it has to wait.
func (p *peer) proceed(e *transport.Event) transport.Action {
	taken := 0
	for p.next < len(p.lines) {
		l := p.lines[p.next]
		do := parts[l.act]
		switch {
		case l.says():
			do = (*peer).beginSaying
		case l.act == "":
			do = (*peer).hear
		}
		if a, wait := do(p, e, &taken); wait {
			a.Taken = taken
			return a
		}
		p.next++
	}
	if len(e.In) > taken {
		p.t.Errorf("%s: %s: heard %q after the last line", p.stage, p.d.name, e.In[taken:])
	}
	return transport.Action{Taken: len(e.In)}
}

func (p *peer) beginSaying(_ *transport.Event, _ *int) (transport.Action, bool) {
	n := reads(p.lines[p.next:])
	for _, l := range p.lines[p.next : p.next+n] {
		p.saying += l.octets
	}
	p.next += n
	return p.say(), true
}

// say writes what is to be said, or its first octet. Of very much, only the last thousand octets are
// written alone.
func (p *peer) say() transport.Action {
	n := len(p.saying)
	if p.octets {
		n = max(1, n-1000)
	}
	head := p.saying[:n]
	p.saying = p.saying[n:]
	p.cues.said.Add(int64(n))
	return transport.Action{Do: transport.Write, Head: []byte(head), Notify: true, Deaf: p.deaf}
}

// shake shakes hands.
func (p *peer) shake(e *transport.Event, _ *int) (transport.Action, bool) {
	switch {
	case e.Kind == transport.Secured:
		p.shaking = false
		return transport.Action{}, false
	case p.shaking:
		return transport.Action{}, true
	}
	p.shaking = true
	return transport.Action{Do: transport.StartTLS, TLS: &transport.TLS{Config: serverTLS(), Server: true}}, true
}

// serverTLS is that of a server which nobody vouches for.
var serverTLS = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mail.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
})

// hear waits for a command.
func (p *peer) hear(e *transport.Event, taken *int) (transport.Action, bool) {
	want, in := p.owner.spoken(p.lines[p.next]), string(e.In[*taken:])
	switch {
	case strings.HasPrefix(in, want):
		*taken += len(want)
		return transport.Action{}, false
	case strings.HasPrefix(want, in):
		return transport.Action{}, true
	}
	return p.mistaken(in, want)
}

func (p *peer) mistaken(heard, want string) (transport.Action, bool) {
	p.t.Errorf("%s: %s, line %d: heard %q, want %q", p.stage, p.d.name, p.lines[p.next].number, heard, want)
	return transport.Action{Do: transport.Close}, true
}

func (p *peer) hearContent(e *transport.Event, taken *int) (transport.Action, bool) {
	in := e.In[*taken:]
	if len(in) == 0 {
		return transport.Action{}, true
	}
	if len(p.content) == 0 {
		p.content = slices.Concat(p.owner.sending())
	}
	n := min(len(in), len(p.content))
	if !bytes.Equal(in[:n], p.content[:n]) {
		return p.mistaken(string(in[:n]), string(p.content[:n]))
	}
	*taken += n
	p.content = p.content[n:]
	return transport.Action{}, len(p.content) > 0
}

// hearBeginning hears a first part of the content, and holds the rest back.
func (p *peer) hearBeginning(e *transport.Event, taken *int) (transport.Action, bool) {
	a, wait := p.hearContent(e, taken)
	if wait && len(p.content) == 0 {
		return a, true
	}
	p.deaf, p.begun = true, true
	return transport.Action{}, false
}

// close closes the connection, or waits until the client has.
func (p *peer) close(e *transport.Event, taken *int) (transport.Action, bool) {
	switch in := e.In[*taken:]; {
	case p.lines[p.next].by == server:
		return transport.Action{Do: transport.Close}, true
	case p.deaf && !p.hungUp.Load():
		return transport.Action{Deaf: true}, true
	case len(in) > 0 && !p.begun:
		return p.mistaken(string(in), "")
	}
	*taken = len(e.In)
	return transport.Action{}, true
}

// reset waits where RST would catch up with what came before it: with the connection itself, and with
// octets that were written alone.
func (p *peer) reset(e *transport.Event, _ *int) (transport.Action, bool) {
	switch {
	case !p.opened.Load():
		return transport.Action{}, true
	case p.octets && !p.paused:
		p.paused = true
		return p.wait(e, 5*pause), true
	case p.until > e.Now:
		return transport.Action{Until: p.until}, true
	}
	return transport.Action{Do: transport.Close, How: transport.Reset}, true
}

func (p *peer) idle(*transport.Event, *int) (transport.Action, bool) {
	give(&p.cues.idle, &p.client)
	return transport.Action{}, false
}

func (p *peer) silence(*transport.Event, *int) (transport.Action, bool) {
	give(&p.silent, &p.client)
	return transport.Action{}, false
}

func (p *peer) pause(e *transport.Event, _ *int) (transport.Action, bool) {
	return p.wait(e, pause), true
}

// wait waits, from the first event on that finds it waiting.
func (p *peer) wait(e *transport.Event, d time.Duration) transport.Action {
	if p.until == 0 {
		p.until = e.Now.Add(d)
	}
	return transport.Action{Until: p.until}
}
