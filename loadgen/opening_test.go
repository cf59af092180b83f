package loadgen

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"mailmill/loadgen/session"
	"mailmill/loadgen/sink"
	"mailmill/loadgen/target"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// What sessions do before mail, over sockets, against the sink and what it logs.

// A safeLog is written by the sink, and read when that is closed.
type safeLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// open starts a sink; its log is complete when stop has returned.
func open(t *testing.T, c sink.Config, at transport.Endpoint) (address string, stop func() string) {
	t.Helper()
	log := &safeLog{}
	c.Hostname, c.Log = "sink.example.com", log
	k, err := sink.New(c)
	if err != nil {
		t.Fatal(err)
	}
	over := transport.NewGoroutines(transport.Options{})
	l, err := over.Listen(at, k.Accept)
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- over.Run() }()
	stop = sync.OnceValue(func() string {
		over.Stop()
		<-stopped
		k.Close()
		return log.text.String()
	})
	t.Cleanup(func() { stop() })
	return l.Endpoint().String(), stop
}

// papers are certificates: of the server, of a stranger to it, and of a client, each in files of its own.
type papers struct {
	folder string
	pair   map[string]tls.Certificate
}

func newPapers(t *testing.T) *papers {
	t.Helper()
	p := &papers{folder: t.TempDir(), pair: map[string]tls.Certificate{}}
	for file, host := range map[string]string{"server": "localhost", "stranger": "elsewhere.example.com", "client": "ann"} {
		pair, err := sink.SelfSigned(host)
		if err != nil {
			t.Fatal(err)
		}
		key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		p.pair[file] = pair
		p.write(t, file+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}))
		p.write(t, file+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	}
	return p
}

func (p *papers) path(file string) string { return filepath.Join(p.folder, file) }

func (p *papers) write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(p.path(file), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *papers) roots(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	leaf, err := x509.ParseCertificate(p.pair[file].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return pool
}

var anywhere = transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}

// accounts are who may log in at the sinks of these tests.
var accounts = []sink.Account{{User: "ann", Password: "secret1"}, {User: "bob", Password: "sec:ret2"}, {User: "cid", Password: "secret3"}}

// An aim is a run against a sink of its own: settings "name=value", in which {server} stands for the sink's address and
// {F} for the folder of papers.
type aim struct {
	name, settings string
	sink           func(*sink.Config)
	// err is what the run fails with; "": it comes to twelve messages, all taken.
	err string
	// log is how many lines of the sink's log hold a text; negotiated is what the document says of TLS and AUTH.
	log        map[string]int
	negotiated string
}

// fly carries an aim out.
func (a aim) fly(t *testing.T, p *papers) {
	c := sink.Config{Accounts: accounts, TLS: &tls.Config{Certificates: []tls.Certificate{p.pair["server"]}}}
	if a.sink != nil {
		a.sink(&c)
	}
	address, stop := open(t, c, anywhere)
	plan := twelve(t, strings.NewReplacer("{server}", address, "{F}", p.folder).Replace(a.settings))
	var transcript bytes.Buffer
	plan.Transcript = 100
	d, err := Run(context.Background(), plan, Options{Transcript: &transcript})
	log := stop()
	if a.err != "" {
		if err == nil || !strings.Contains(err.Error(), a.err) {
			t.Errorf("the run failed with %v, want %s", err, a.err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if d.Counts.Accepted != 12 || len(d.Faults) > 0 || strings.Count(log, "\n") != 12 {
		t.Errorf("the books are %+v, with faults %s, and the sink says\n%s", d.Counts, faultsOf(d), log)
	}
	for _, text := range slices.Sorted(maps.Keys(a.log)) {
		if n := strings.Count(log, text); n != a.log[text] {
			t.Errorf("%d lines of the sink's log hold %s, want %d:\n%s", n, text, a.log[text], log)
		}
	}
	if got := agreed(d); got != a.negotiated {
		t.Errorf("negotiated was %q, want %q", got, a.negotiated)
	}
	p.keepSecrets(t, d, transcript.String())
}

// twelve is a plan of twelve messages with settings "name=value"; a name that comes again is another of a list.
func twelve(t *testing.T, settings string) profiles.Plan {
	t.Helper()
	plan := profiles.Default()
	plan.Messages, plan.Concurrency = 12, 3
	values := map[string]pflag.Value{}
	for pair := range strings.FieldsSeq(settings) {
		name, text, _ := strings.Cut(pair, "=")
		s, ok := profiles.Lookup(name)
		if !ok {
			t.Fatalf("there is no setting %s", name)
		}
		if values[name] == nil {
			values[name] = s.Value(&plan)
		}
		if err := values[name].Set(text); err != nil {
			t.Fatalf("--%s: %v", name, err)
		}
	}
	if err := plan.Check(); err != nil {
		t.Fatal(err)
	}
	return plan
}

// keepSecrets checks that no password stands where everybody may look, not even in base64.
func (p *papers) keepSecrets(t *testing.T, d *results.Document, transcript string) {
	t.Helper()
	document, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"secret1", "sec:ret2", "c2VjcmV0", "AGFubgBz", "c2VjOnJldDI"} {
		if strings.Contains(transcript, secret) || bytes.Contains(document, []byte(secret)) {
			t.Errorf("the password, or a part of it, is there for everybody: %q", secret)
		}
	}
}

// agreed puts what a document says of TLS and AUTH into words.
func agreed(d *results.Document) string {
	var words []string
	for _, h := range d.TLS {
		resumed := ""
		if h.Resumed {
			resumed = " resumed"
		}
		words = append(words, fmt.Sprintf("%s%s %d", h.Version, resumed, h.Count))
	}
	for _, l := range d.Logins {
		words = append(words, fmt.Sprintf("%s %d", l.Mechanism, l.Count))
	}
	return strings.Join(words, ", ")
}

func implicit(c *sink.Config)  { c.ImplicitTLS = true }
func proxied(c *sink.Config)   { c.Proxy = true }
func noAuth(c *sink.Config)    { c.Accounts = nil }
func lmtp(c *sink.Config)      { c.LMTP = true }
func plainOnly(c *sink.Config) { c.Mechanisms = []string{"PLAIN"} }

const (
	starttls = "target=smtp+starttls://{server} tls-ca={F}/server.pem"
	smtps    = "target=smtps://{server} tls-ca={F}/server.pem"
)

func TestWhatSessionsDoBeforeMail(t *testing.T) {
	defer goleak.VerifyNone(t)
	p := newPapers(t)
	p.write(t, "users", []byte("ann:secret1\nbob:sec:ret2\ncid:secret3\n"))
	p.write(t, "wrong", []byte("ann:secret2\n"))
	p.write(t, "names", []byte("one.example.com\ntwo.example.com\n"))
	p.write(t, "networks", []byte("192.0.2.7\n"))
	t.Setenv("MILL_TEST_USERS", "bob:sec:ret2")
	external := func(c *sink.Config) {
		c.TLS.ClientAuth, c.TLS.ClientCAs = tls.RequireAndVerifyClientCert, p.roots(t, "client")
	}
	for _, row := range []aim{
		{name: "STARTTLS", settings: starttls, negotiated: "TLS 1.3 12", log: map[string]int{"proto=ESMTPS ": 12}},
		{name: "STARTTLS once for several messages", settings: starttls + " concurrency=1 messages-per-session=4", negotiated: "TLS 1.3 3"},
		{name: "STARTTLS by the name of the target", settings: "target=smtp+starttls://{server} tls-ca={F}/stranger.pem", err: "signed by unknown authority: give the authority's certificate with --tls-ca"},
		{name: "a certificate that nobody vouches for", settings: "target=smtp+starttls://{server}", err: "tls: failed to verify certificate"},
		{name: "any certificate", settings: "target=smtp+starttls://{server} tls-insecure=true", negotiated: "TLS 1.3 12"},
		{name: "a certificate of somebody else", settings: starttls + " tls-server-name=other.example.com", err: "certificate is valid for localhost, not other.example.com: give one of these names with --tls-server-name"},
		{name: "the name that the certificate has", settings: starttls + " tls-server-name=localhost", negotiated: "TLS 1.3 12"},
		{name: "no STARTTLS", settings: starttls, sink: func(c *sink.Config) { c.TLS = nil }, err: "starttls: not-offered: the server offers no STARTTLS: give a target of smtp://"},
		{name: "TLS from the start", settings: smtps, sink: implicit, negotiated: "TLS 1.3 12"},
		{name: "TLS from the start, and a server that greets in clear", settings: smtps, err: "the server speaks in clear here: give a target of smtp+starttls:// or smtp://"},
		{name: "at most TLS 1.2", settings: smtps + " tls-max=1.2", sink: implicit, negotiated: "TLS 1.2 12"},
		{name: "at least TLS 1.3, which the server has not", settings: starttls + " tls-min=1.3", sink: func(c *sink.Config) { c.TLS.MaxVersion = tls.VersionTLS12 },
			err: "protocol version"},
		{name: "a suite that the server has not", settings: smtps + " tls-max=1.2 tls-ciphers=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", sink: implicit, err: "--tls-ciphers"},
		{name: "half of the sessions resume", settings: smtps + " concurrency=1 tls-resume=50%", sink: implicit, negotiated: "TLS 1.3 6, TLS 1.3 resumed 6"},
		{name: "all sessions resume", settings: starttls + " tls-max=1.2 tls-resume=100%", negotiated: "TLS 1.2 resumed 12"},
		{name: "a client's certificate, and who it says", settings: starttls + " tls-cert={F}/client.pem tls-key={F}/client.key auth=EXTERNAL", sink: external,
			negotiated: "TLS 1.3 12, EXTERNAL 12", log: map[string]int{`login="ann"`: 12}},
		{name: "no certificate for a server that wants one", settings: starttls, sink: external, err: "tls: remote error: tls: certificate required: the server asks for a client's certificate: --tls-cert and --tls-key"},

		{name: "the best mechanism", settings: "target={server} auth-users={F}/users", negotiated: "SCRAM-SHA-256 12"},
		{name: "the best that the server knows", settings: "target={server} auth-users={F}/users", sink: plainOnly, negotiated: "PLAIN 12"},
		{name: "users by session", settings: "target={server} auth-users={F}/users auth-per=session messages-per-session=1 concurrency=1 auth=PLAIN", negotiated: "PLAIN 12",
			log: map[string]int{`login="ann"`: 4, `login="bob"`: 4, `login="cid"`: 4}},
		{name: "users by worker", settings: "target={server} auth-users={F}/users concurrency=1 auth=LOGIN", negotiated: "LOGIN 12", log: map[string]int{`login="ann"`: 12}},
		{name: "CRAM-MD5", settings: "target={server} auth-users={F}/users auth=CRAM-MD5", negotiated: "CRAM-MD5 12"},
		{name: "SCRAM-SHA-1", settings: "target={server} auth-users={F}/users auth=SCRAM-SHA-1", negotiated: "SCRAM-SHA-1 12"},
		{name: "XOAUTH2", settings: "target={server} auth-users={F}/users auth=XOAUTH2", negotiated: "XOAUTH2 12"},
		{name: "OAUTHBEARER", settings: "target={server} auth-users={F}/users auth=OAUTHBEARER", negotiated: "OAUTHBEARER 12"},
		{name: "AUTH within TLS", settings: starttls + " auth-users={F}/users", negotiated: "TLS 1.3 12, SCRAM-SHA-256 12"},
		{name: "users of the environment", settings: "target={server} auth-users=env:MILL_TEST_USERS", negotiated: "SCRAM-SHA-256 12", log: map[string]int{`login="bob"`: 12}},
		{name: "a mechanism that is too weak without TLS", settings: "target={server} auth-users={F}/users auth=PLAIN",
			sink: func(c *sink.Config) {
				c.Behaviours = []sink.Behaviour{{Step: timing.Auth, Odds: 1, Code: 538, Text: "Encryption required"}}
			}, err: `auth: the server answered 538 "Encryption required"`},
		{name: "no AUTH", settings: "target={server} auth-users={F}/users", sink: noAuth, err: "auth: not-offered: the server offers no AUTH: leave out --auth-users"},
		{name: "no mechanism in common", settings: "target={server} auth-users={F}/users auth=CRAM-MD5", sink: plainOnly,
			err: "the server offers AUTH PLAIN, and none of them is to be used: see --auth"},
		{name: "a users file that is not there", settings: "target={server} auth-users={F}/nobody", err: "--auth-users"},
		{name: "AUTH in clear with another machine", settings: "target=10.1.2.3:25 auth-users={F}/users", err: "10.1.2.3:25 is another machine"},

		{name: "names in turn", settings: "target={server} helo=@{F}/names messages-per-session=1 concurrency=1", log: map[string]int{`helo="one.example.com"`: 6, `helo="two.example.com"`: 6}},
		{name: "PROXY, version 1", settings: "target={server} proxy=v1 client-addr=@{F}/networks", sink: proxied, log: map[string]int{`client="192.0.2.7"`: 12}},
		{name: "PROXY, version 2", settings: "target={server} proxy=v2 client-addr=2001:db8::7", sink: proxied, log: map[string]int{`client="2001:db8::7"`: 12}},
		{name: "PROXY of nobody", settings: "target={server} proxy=v2", sink: proxied, log: map[string]int{`client="127.0.0.1"`: 12}},
		{name: "PROXY in front of TLS", settings: smtps + " proxy=v2 client-addr=192.0.2.7", sink: func(c *sink.Config) { implicit(c); proxied(c) },
			negotiated: "TLS 1.3 12", log: map[string]int{`client="192.0.2.7"`: 12}},
		{name: "XCLIENT", settings: "target={server} xclient=ADDR,LOGIN=user{n},HELO client-addr=192.0.2.7 concurrency=1",
			log: map[string]int{`client="192.0.2.7"`: 12, `login="user0"`: 1, `login="user11"`: 1, `helo="client.example.com"`: 12}},
		{name: "XCLIENT behind STARTTLS, and AUTH behind that", settings: starttls + " xclient=ADDR client-addr=192.0.2.7 auth-users={F}/users auth=PLAIN",
			negotiated: "TLS 1.3 12, PLAIN 12", log: map[string]int{`client="192.0.2.7"`: 12}},
		{name: "XCLIENT for strangers", settings: "target={server} xclient=ADDR client-addr=192.0.2.7", sink: func(c *sink.Config) { c.Trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} },
			err: "xclient: "},
		{name: "XFORWARD before each message", settings: "target={server} xforward=ADDR,IDENT client-addr=192.0.2.7 messages-per-session=4",
			log: map[string]int{"ADDR=192.0.2.7": 12}},
		{name: "LMTP", settings: "target=lmtp://{server} recipients=2", sink: lmtp},
		{name: "LMTP and STARTTLS", settings: "target=lmtp+starttls://{server} tls-ca={F}/server.pem", sink: lmtp, negotiated: "TLS 1.3 12"},
		{name: "one target of two that is none", settings: "target={server} target=localhost:1", err: ", localhost:1 is not usable: 127.0.0.1:1: connect: connection refused: nobody listens on this port"},
	} {
		t.Run(row.name, func(t *testing.T) { row.fly(t, p) })
	}
}

// A wrong password is a reply, which is counted at each login: no mail is sent, and nothing of it is a fault. With
// users of whom one is wrong, the others' mail is taken.
func TestAWrongPasswordIsCounted(t *testing.T) {
	defer goleak.VerifyNone(t)
	p := newPapers(t)
	p.write(t, "wrong", []byte("ann:secret2\n"))
	p.write(t, "mixed", []byte("ann:secret2\nbob:sec:ret2\n"))
	server, stop := open(t, sink.Config{Accounts: []sink.Account{{User: "ann", Password: "secret1"}, {User: "bob", Password: "sec:ret2"}}}, anywhere)
	defer stop()
	for users, wrong := range map[string]int64{"wrong": 12, "mixed": 6} {
		d, err := Run(t.Context(), twelve(t, "concurrency=1 messages-per-session=1 auth=PLAIN auth-per=session target="+server+" auth-users="+p.path(users)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d.Counts.Rejected != wrong || d.Counts.Accepted != 12-wrong || len(d.Faults) > 0 {
			t.Errorf("%s: the books are %+v, with faults %s", users, d.Counts, faultsOf(d))
		}
		i := slices.IndexFunc(d.Replies, func(r results.Reply) bool { return r.Step == "auth" && r.Code == 535 })
		if i < 0 || d.Replies[i].Count != wrong {
			t.Errorf("%s: the replies are %+v, want %d of 535", users, d.Replies, wrong)
		}
		if len(d.Target.EHLO) == 0 {
			t.Errorf("%s: what the server offers is not in the document", users)
		}
	}
}

// Some servers quote the line that they do not like.
func TestAServerThatRepeatsAPassword(t *testing.T) {
	defer goleak.VerifyNone(t)
	p := newPapers(t)
	p.write(t, "users", []byte("ann:secret1\nbob:sec:ret2\n"))
	server, stop := open(t, sink.Config{Accounts: []sink.Account{{User: "ann", Password: "secret1"}, {User: "bob", Password: "sec:ret2"}}, Behaviours: []sink.Behaviour{
		{Step: timing.Auth, Odds: 1, Code: 535, Text: "Not AGFubgBzZWNyZXQx and not secret1", First: 2},
		{Step: timing.Auth, Odds: 1, Code: 500, Text: "Unknown command: AUTH PLAIN AGJvYgBzZWM6cmV0Mg==", First: 2},
		{Step: timing.Auth, Odds: 1, Code: 235, Text: "Welcome with AGFubgBz", First: 2},
	}}, anywhere)
	defer stop()
	var transcript bytes.Buffer
	d, err := Run(t.Context(), twelve(t, "concurrency=1 messages-per-session=1 auth=PLAIN transcript=12 target="+server+" auth-users="+p.path("users")), Options{Transcript: &transcript})
	if err != nil {
		t.Fatal(err)
	}
	p.keepSecrets(t, d, transcript.String())
	if said := transcript.String(); d.Counts.Rejected < 2 || strings.Count(said, "[not shown]") < 2 {
		t.Errorf("the books are %+v, and the transcript is\n%s", d.Counts, said)
	}
}

// Sessions use several targets in turn, each as its scheme says; those in clear stay on event loops, and those with TLS are handed over.
func TestTargetsAreUsedInTurn(t *testing.T) {
	defer goleak.VerifyNone(t)
	p := newPapers(t)
	plain, stopPlain := open(t, sink.Config{}, anywhere)
	secure, stopSecure := open(t, sink.Config{TLS: &tls.Config{Certificates: []tls.Certificate{p.pair["server"]}}}, anywhere)
	plan := twelve(t, "concurrency=1 target=smtp://"+plain+" target=smtp+starttls://"+secure+" tls-ca="+p.path("server.pem"))
	d, err := Run(t.Context(), plan, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Counts.Accepted != 12 || agreed(d) != "TLS 1.3 6" {
		t.Errorf("the books are %+v, negotiated was %q", d.Counts, agreed(d))
	}
	if a, b := strings.Count(stopPlain(), "proto=ESMTP "), strings.Count(stopSecure(), "proto=ESMTPS "); a != 6 || b != 6 {
		t.Errorf("%d messages in clear and %d in TLS, want 6 of each", a, b)
	}
	if want := "smtp://" + plain + ", smtp+starttls://" + secure; d.Target.URL != want || len(d.Target.Addresses) != 2 || len(d.Target.Certificates) != 1 {
		t.Errorf("the target is %+v, want %s", d.Target, want)
	}
}

func TestUNIXSocketsAreTargets(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // its UNIX sockets have other paths
	}
	defer goleak.VerifyNone(t)
	for scheme, lmtp := range map[string]bool{"smtp+unix": false, "lmtp+unix": true} {
		path := filepath.Join(t.TempDir(), "s")
		_, stop := open(t, sink.Config{LMTP: lmtp}, transport.Endpoint{Path: path})
		d, err := Run(t.Context(), twelve(t, "target="+scheme+"://"+path), Options{})
		if err != nil || d.Counts.Accepted != 12 || strings.Count(stop(), "\n") != 12 {
			t.Errorf("%s: %v", scheme, err)
		}
	}
}

// moving is a name whose address changes from look-up to look-up: the last one stays.
type moving struct {
	target.Resolver
	mu      sync.Mutex
	answers []any // addresses, or errors
	asked   int
}

func (m *moving) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	answer := m.answers[min(m.asked, len(m.answers)-1)]
	m.asked++
	if err, failed := answer.(error); failed {
		return nil, err
	}
	return []netip.Addr{netip.MustParseAddr(answer.(string))}, nil
}

// Each session looks its server up anew: what it finds may be nothing, or a place where no load may go.
func TestEachSessionResolvesAnew(t *testing.T) {
	defer goleak.VerifyNone(t)
	address, stop := open(t, sink.Config{}, anywhere)
	defer stop()
	_, port, _ := strings.Cut(address, ":")
	for _, row := range []struct {
		name    string
		answers []any
		plan    string
		asked   int // the first time before the run
		want    string
	}{
		{"once", []any{"127.0.0.1"}, "dns=once", 1, "accepted 12"},
		{"for each session", []any{"127.0.0.1"}, "dns=session messages-per-session=1", 13, "accepted 12"},
		{"no longer there", []any{"127.0.0.1", "127.0.0.1", &net.DNSError{Err: "no such host", IsNotFound: true}}, "dns=session messages-per-session=1 concurrency=1 max-faults=2", 4,
			"accepted 1, resolve dns 2"},
		{"public now", []any{"127.0.0.1", "127.0.0.1", "192.0.2.1"}, "dns=session messages-per-session=1 concurrency=1 max-faults=1", 3, "accepted 1, connect local 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dns := &moving{answers: row.answers}
			d, err := Run(t.Context(), twelve(t, "target=mx.example.com:"+port+" "+row.plan), Options{Resolver: dns})
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint("accepted ", d.Counts.Accepted)
			for _, f := range d.Faults {
				got += fmt.Sprintf(", %s %s %d", f.Step, f.Kind, f.Count)
			}
			if got != row.want || dns.asked != row.asked {
				t.Errorf("%s, after %d look-ups; want %s, %d", got, dns.asked, row.want, row.asked)
			}
			if n := handshakes(d, "resolve"); strings.Contains(row.plan, "session ") && n == 0 {
				t.Error("no look-up was timed")
			}
		})
	}
}

// A password crosses no network in clear unless that is asked for.
func TestWhoMayLogInInClear(t *testing.T) {
	server := func(security session.Security, address string) session.Server {
		return session.Server{Name: "smtp://mx", Security: security, Endpoints: []transport.Endpoint{{Addr: netip.MustParseAddrPort(address)}}}
	}
	for _, row := range []struct {
		what, settings string
		server         session.Server
		refused        bool
	}{
		{"nobody logs in", "", server(session.Plain, "10.1.2.3:25"), false},
		{"this machine", "auth-users=example:1", server(session.Plain, "127.0.0.9:25"), false},
		{"another machine", "auth-users=example:1", server(session.Plain, "10.1.2.3:25"), true},
		{"another machine, on request", "auth-users=example:1 auth-plaintext=true", server(session.Plain, "10.1.2.3:25"), false},
		{"another machine, within TLS", "auth-users=example:1", server(session.MustStartTLS, "10.1.2.3:25"), false},
		{"a UNIX socket", "auth-users=example:1", session.Server{Endpoints: []transport.Endpoint{{Path: "/s"}}}, false},
	} {
		l := &locator{plan: twelve(t, row.settings)}
		if err := l.mayLogIn(row.server); (err != nil) != row.refused {
			t.Errorf("%s: %v", row.what, err)
		}
	}
}
