package sink

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/smtp"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/transport"
)

// serverTLS is TLS with a certificate of its own making, and what a client needs to
// believe it.
func serverTLS(t *testing.T) (server *tls.Config, roots *x509.CertPool) {
	t.Helper()
	certificate, err := SelfSigned("sink.example")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{certificate}}, roots
}

// The standard library's client verifies the certificate, and its PlainAuth refuses to
// speak in clear.
func TestForeignClientSecuresAndAuthenticates(t *testing.T) {
	server, roots := serverTLS(t)
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		d := &Maildir{Root: t.TempDir()}
		k := newSink(t, Config{
			TLS: server, RequireTLS: true, RequireAuth: true, Accounts: []Account{{"user", "secret"}}, Store: d, ExitAfter: 2,
		})
		address := serve(t, k, make)
		for _, auth := range []smtp.Auth{smtp.PlainAuth("", "user", "secret", "sink.example"), smtp.CRAMMD5Auth("user", "secret")} {
			deliverSecurely(t, address, roots, auth)
		}
		within10s(t, k.Done())
		got := stored(t, filepath.Join(d.Root, "r@example.com"))
		if len(got) != 2 || !strings.Contains(got[0], " with UTF8SMTPSA ") {
			t.Errorf("stored %.300q", got)
		}
		awaitEnd(k)
		if n := k.Counters(); n.TLSSessions != 2 || n.Authenticated != 2 || n.Broken != 0 {
			t.Errorf("counters %+v", n)
		}
	})
}

func deliverSecurely(t *testing.T, address string, roots *x509.CertPool, auth smtp.Auth) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := smtp.NewClient(conn, "sink.example")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	steps := []func() error{
		func() error { return c.StartTLS(&tls.Config{ServerName: "sink.example", RootCAs: roots}) },
		func() error { return c.Auth(auth) },
		func() error { return c.Mail("s@example.com") },
		func() error { return c.Rcpt("r@example.com") },
		func() error {
			w, err := c.Data()
			if err == nil {
				w.Write([]byte("Subject: x\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n", 6000)))
				err = w.Close()
			}
			return err
		},
		c.Quit,
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
}

// The reply to a command that came with STARTTLS must never seem to have been protected.
func TestInjectionBeforeTheHandshakeIsRefused(t *testing.T) {
	server, _ := serverTLS(t)
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		k := newSink(t, Config{TLS: server})
		w := connect(t, serve(t, k, make))
		defer w.conn.Close()
		w.reply(false)
		w.say("EHLO c.example\r\nSTARTTLS\r\nMAIL FROM:<evil@example.com>\r\n")
		for _, want := range []string{"250", "554", "EOF"} {
			if got := w.reply(false); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		w.conn.Close()
		awaitEnd(k)
		if n := k.Counters(); n.StartTLSInjections != 1 || n.TLSSessions != 0 || n.Commands["MAIL"] != 0 {
			t.Errorf("counters %+v", n)
		}
	})
}

func TestOctetsWhileTheReplyLeavesAreAnInjection(t *testing.T) {
	k := newSink(t, Config{TLS: &tls.Config{}})
	c := hello(t, k)
	c.held = true
	c.send("STARTTLS\r\n")
	c.send("MAIL FROM:<evil@example.com>\r\n")
	c.release()
	c.expect("220 2.0.0")
	if n := k.Counters(); !c.closed || n.StartTLSInjections != 1 || n.TLSSessions != 0 {
		t.Errorf("closed %v, counters %+v", c.closed, n)
	}
}

func TestImplicitTLSOverSockets(t *testing.T) {
	server, roots := serverTLS(t)
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		k := newSink(t, Config{TLS: server, ImplicitTLS: true})
		address := serve(t, k, make)
		conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: "sink.example", RootCAs: roots})
		if err != nil {
			t.Fatal(err)
		}
		c, err := smtp.NewClient(conn, "sink.example")
		if err != nil {
			t.Fatal(err)
		}
		if ok, _ := c.Extension("STARTTLS"); ok {
			t.Error("STARTTLS is offered inside TLS")
		}
		if err := c.Quit(); err != nil {
			t.Error(err)
		}
		w := connect(t, address) // in clear: not a word
		defer w.conn.Close()
		w.say("EHLO c.example\r\n")
		for got := ""; got != "EOF"; {
			if got = w.reply(false); got == "220" || got == "250" {
				t.Fatalf("answered %s in clear", got)
			}
		}
		awaitEnd(k)
		if n := k.Counters(); n.TLSSessions != 1 || n.TLSFailures != 1 || n.Commands["EHLO"] != 1 {
			t.Errorf("counters %+v", n)
		}
	})
}

// A handshake that never comes ends with the time-out, and without a word in clear.
func TestHandshakeExpires(t *testing.T) {
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		server, _ := serverTLS(t)
		k := newSink(t, Config{TLS: server, CommandTimeout: 30 * time.Millisecond})
		w := connect(t, serve(t, k, make))
		defer w.conn.Close()
		w.reply(false)
		w.say("STARTTLS\r\n")
		w.reply(false)
		w.say("\x16\x03\x01")
		if got := w.reply(false); got != "EOF" {
			t.Errorf("%s, want EOF", got)
		}
		awaitEnd(k)
		if n := k.Counters(); n.Timeouts != 1 || n.Replies["421"] != 0 {
			t.Errorf("counters %+v", n)
		}
	})
}

// EXTERNAL is offered to who has shown a certificate, and believes what is in it.
func TestExternalBelievesTheCertificate(t *testing.T) {
	server, roots := serverTLS(t)
	server.ClientCAs, server.ClientAuth = roots, tls.VerifyClientCertIfGiven
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		k := newSink(t, Config{TLS: server}) // nobody else is known
		address := serve(t, k, make)
		for _, test := range []struct {
			shown []tls.Certificate
			auth  string
			want  string
		}{
			{nil, "=", "50[24]"},
			{server.Certificates, "=", "235"},
			{server.Certificates, "c2luay5leGFtcGxl", "235"}, // sink.example
			{server.Certificates, "dXNlcg==", "535"},         // user
		} {
			w := connect(t, address)
			w.reply(false)
			w.say("STARTTLS\r\n")
			w.reply(false)
			if err := w.handshake(&tls.Config{ServerName: "sink.example", RootCAs: roots, Certificates: test.shown}); err != nil {
				t.Fatal(err)
			}
			w.say("EHLO c.example\r\n")
			w.reply(false)
			w.say("AUTH EXTERNAL " + test.auth + "\r\n")
			if got := w.reply(false); !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("EXTERNAL %s with %d certificates: %s, want %s", test.auth, len(test.shown), got, test.want)
			}
			w.conn.Close()
		}
	})
}

// awaitEnd waits until the sessions have ended, of which the clients hear a little before.
func awaitEnd(k *Sink) {
	for end := time.Now().Add(10 * time.Second); k.Counters().Active > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}
