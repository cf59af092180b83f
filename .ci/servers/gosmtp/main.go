// Gosmtp is a mail server made of github.com/emersion/go-smtp: of all servers of the gate the one that takes BINARYMIME and
// announces LIMITS. It writes a line of JSON for each session that had a mail transaction and for each message, and stores
// mail for kept.example.com in a Maildir.
//
//	gosmtp FOLDER NAME=ADDRESS…
//
// NAME says how the server speaks at ADDRESS: smtp, smtps (TLS from the begin), proxy and smtps_proxy (behind a PROXY header),
// lmtp, or unix (LMTP, ADDRESS is a path).
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/pires/go-proxyproto"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: gosmtp FOLDER NAME=ADDRESS…")
	}
	h, err := newHouse(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan error)
	for _, listener := range os.Args[2:] {
		name, address, _ := strings.Cut(listener, "=")
		go func() { ended <- h.serve(name, address) }()
	}
	log.Fatal(<-ended)
}

// A house is what the listeners share.
type house struct {
	folder string
	tls    *tls.Config
	users  map[string]string // password by user
	log    *log.Logger
	stored atomic.Int64
}

func newHouse(folder string) (*house, error) {
	h := &house{folder: folder, users: map[string]string{}, log: log.New(os.Stdout, "", 0)}
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "tls/server.pem"), filepath.Join(folder, "tls/server.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(folder, "tls/ca.pem"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	h.tls = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven}
	users, err := os.Open(filepath.Join(folder, "users"))
	if err != nil {
		return nil, err
	}
	defer users.Close()
	for lines := bufio.NewScanner(users); lines.Scan(); {
		user, password, _ := strings.Cut(lines.Text(), ":")
		h.users[user] = password
	}
	return h, nil
}

func (h *house) serve(name, address string) error {
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{house: h, conn: c, listener: name}, nil
	}))
	s.Domain = "gosmtp.example.com"
	s.TLSConfig = h.tls
	s.MaxMessageBytes = 1 << 20
	s.MaxRecipients = 5
	s.EnableSMTPUTF8, s.EnableBINARYMIME, s.EnableDSN, s.EnableREQUIRETLS = true, true, true, true
	s.LMTP = name == "lmtp" || name == "unix"
	s.ErrorLog = log.New(os.Stderr, "go-smtp: ", log.LstdFlags)
	network := "tcp"
	if name == "unix" {
		network = name
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, "proxy") {
		l = &proxyproto.Listener{Listener: l, ConnPolicy: func(proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) {
			return proxyproto.REQUIRE, nil
		}}
	}
	if strings.HasPrefix(name, "smtps") {
		l = tls.NewListener(l, h.tls)
	}
	return s.Serve(l)
}

// A record is a line of the log.
type record struct {
	Listener   string
	Client     string
	Helo       string
	TLS        string   `json:",omitempty"`
	Resumed    bool     `json:",omitempty"`
	Subject    string   `json:",omitempty"` // of the client's certificate
	Mechanism  string   `json:",omitempty"`
	User       string   `json:",omitempty"`
	From       string   `json:",omitempty"`
	Body       string   `json:",omitempty"`
	Size       int64    `json:",omitempty"`
	UTF8       bool     `json:",omitempty"`
	Return     string   `json:",omitempty"`
	EnvelopeID string   `json:",omitempty"`
	To         []string `json:",omitempty"`
	Notify     []string `json:",omitempty"`
	Original   []string `json:",omitempty"`
	Octets     int64
}

type session struct {
	house    *house
	conn     *smtp.Conn
	listener string
	record   record
}

func (s *session) AuthMechanisms() []string {
	if _, secured := s.conn.TLSConnectionState(); !secured {
		return nil
	}
	return []string{"PLAIN", "OAUTHBEARER", "EXTERNAL"}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		if known, ok := s.house.users[user]; !ok || known != password {
			return smtp.ErrAuthFailed
		}
		s.record.Mechanism, s.record.User = mechanism, user
		return nil
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case "OAUTHBEARER":
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if check(o.Username, o.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		}), nil
	case "EXTERNAL":
		return sasl.NewExternalServer(func(identity string) error {
			name := s.subject()
			if name == "" || identity != "" && identity != name {
				return smtp.ErrAuthFailed
			}
			s.record.Mechanism, s.record.User = mechanism, name
			return nil
		}), nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// subject returns the common name of the client's certificate, or "".
func (s *session) subject() string {
	state, _ := s.conn.TLSConnectionState()
	if len(state.VerifiedChains) == 0 {
		return ""
	}
	return state.PeerCertificates[0].Subject.CommonName
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	r := record{Listener: s.listener, Client: s.conn.Conn().RemoteAddr().String(), Helo: s.conn.Hostname(),
		Mechanism: s.record.Mechanism, User: s.record.User, Subject: s.subject(), From: from, Body: string(o.Body), Size: o.Size,
		UTF8: o.UTF8, Return: string(o.Return), EnvelopeID: o.EnvelopeID}
	if state, secured := s.conn.TLSConnectionState(); secured {
		r.TLS, r.Resumed = tls.VersionName(state.Version), state.DidResume
	}
	s.record = r
	return nil
}

func (s *session) Rcpt(to string, o *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "User unknown"}
	}
	s.record.To = append(s.record.To, to)
	for _, n := range o.Notify {
		s.record.Notify = append(s.record.Notify, string(n))
	}
	if o.OriginalRecipient != "" {
		s.record.Original = append(s.record.Original, o.OriginalRecipient)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.record.Octets = int64(len(content))
	for _, to := range s.record.To {
		if strings.HasSuffix(to, "@kept.example.com") {
			if err := s.house.store(to, content); err != nil {
				return err
			}
		}
	}
	line, err := json.Marshal(s.record)
	if err != nil {
		return err
	}
	s.house.log.Print(string(line))
	return nil
}

func (s *session) Reset() {
	s.record = record{Mechanism: s.record.Mechanism, User: s.record.User}
}

func (s *session) Logout() error { return nil }

func (h *house) store(to string, content []byte) error {
	name := fmt.Sprintf("%d.%d.gosmtp", time.Now().Unix(), h.stored.Add(1))
	tmp := filepath.Join(h.folder, "mail/tmp", name)
	whole := append([]byte("Delivered-To: "+to+"\n"), bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))...)
	if err := os.WriteFile(tmp, whole, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(h.folder, "mail/new", name))
}
