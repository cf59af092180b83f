package loadgen

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mailmill/loadgen/identity"
	"mailmill/loadgen/login"
	"mailmill/loadgen/session"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/target"
	"mailmill/profiles"
)

// An opener makes what the sessions of classes do before any mail, from plans and the files that they name.
type opener struct {
	targets []target.Target
	stdin   *standardInput
	proof   *proof // of the built-in sink; nil unless it has TLS
}

func newOpener(targets []target.Target, input io.Reader) *opener {
	return &opener{targets: targets, stdin: &standardInput{from: input}}
}

// furnish enters into a class's configuration what its plan says of names, TLS, logins and identities.
func (o *opener) furnish(c *session.Config, plan profiles.Plan) (err error) {
	if c.Names, err = identity.Names(plan.HELO, readLines); err != nil {
		return planError("--helo: %w", err)
	}
	for _, name := range c.Names {
		if _, rest, err := smtp.ParseDomain([]byte(name), false); err != nil || len(rest) > 0 {
			return planError("--helo: %q is neither a domain nor an address literal", name)
		}
	}
	if c.TLS, err = o.tls(plan); err != nil {
		return err
	}
	if c.Login, err = o.login(plan); err != nil {
		return err
	}
	c.Identity, err = newIdentity(plan)
	return err
}

// secure tells whether a target has TLS.
func (o *opener) secure() bool {
	for _, t := range o.targets {
		if t.Security() != target.Plain {
			return true
		}
	}
	return false
}

func (o *opener) tls(plan profiles.Plan) (*session.TLS, error) {
	house := len(o.targets) == 0 && plan.SinkSecurity != "none"
	if !house && !o.secure() {
		return nil, nil
	}
	base, err := clientTLS(plan)
	if err != nil {
		return nil, err
	}
	if house {
		return o.houseTLS(base, plan)
	}
	names := make([]string, len(o.targets))
	for i, t := range o.targets {
		names[i] = t.Host
	}
	return session.NewTLS(base, names, plan.TLSResume), nil
}

// houseTLS is for sessions with the built-in sink, whose certificate is trusted unless the plan says whom to trust.
func (o *opener) houseTLS(base *tls.Config, plan profiles.Plan) (*session.TLS, error) {
	if o.proof == nil {
		var err error
		if o.proof, err = newProof(); err != nil {
			return nil, err
		}
	}
	if base.RootCAs == nil {
		base.RootCAs = o.proof.roots
	}
	return session.NewTLS(base, []string{houseName}, plan.TLSResume), nil
}

// clientTLS returns what is the same in the handshakes with all servers.
func clientTLS(plan profiles.Plan) (*tls.Config, error) {
	c := &tls.Config{ServerName: plan.TLSServerName, InsecureSkipVerify: plan.TLSInsecure,
		MinVersion: uint16(plan.TLSMin), MaxVersion: uint16(plan.TLSMax)}
	for _, suite := range plan.TLSCiphers {
		c.CipherSuites = append(c.CipherSuites, uint16(suite))
	}
	return c, addTrust(c, plan)
}

// addTrust reads whom to trust, and the client's own certificate.
func addTrust(c *tls.Config, plan profiles.Plan) error {
	if plan.TLSCA != "" {
		pem, err := os.ReadFile(plan.TLSCA)
		if err != nil {
			return planError("--tls-ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return planError("--tls-ca %s: there is no certificate in it; it has to be PEM, with BEGIN CERTIFICATE", plan.TLSCA)
		}
	}
	if plan.TLSCert != "" {
		key := plan.TLSKey
		if key == "" {
			key = plan.TLSCert
		}
		pair, err := tls.LoadX509KeyPair(plan.TLSCert, key)
		if err != nil {
			return planError("--tls-cert %s: %w", plan.TLSCert, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return nil
}

func (o *opener) login(plan profiles.Plan) (*login.Book, error) {
	if !plan.LogsIn() {
		return nil, nil
	}
	b := &login.Book{PerSession: plan.AuthPer == "session"}
	if len(plan.Auth) > 1 || plan.Auth[0] != profiles.AnyMechanism {
		b.Mechanisms = plan.Auth
	}
	if plan.AuthUsers == "" { // EXTERNAL alone: the certificate says who it is
		b.Users = []*login.User{{}}
		return b, nil
	}
	text, err := o.users(plan.AuthUsers)
	if err == nil {
		b.Users, err = login.ReadUsers(strings.NewReader(text))
	}
	switch {
	case mistaken(plan.AuthUsers, err):
		return nil, planError("--auth-users: what it is given is no file: write user:password into one, and give its name")
	case err != nil:
		return nil, planError("--auth-users %s: %w", plan.AuthUsers, err)
	}
	return b, nil
}

// users reads the lines of users from where they are.
func (o *opener) users(from string) (string, error) {
	if name, isVariable := strings.CutPrefix(from, "env:"); isVariable {
		text, ok := os.LookupEnv(name)
		if !ok {
			return "", errors.New("there is no such environment variable")
		}
		return text, nil
	}
	if number, madeUp := strings.CutPrefix(from, "example:"); madeUp {
		return exampleUsers(number)
	}
	if from == "-" {
		text, err := o.stdin.read()
		return string(text), err
	}
	text, err := os.ReadFile(from)
	return string(text), err
}

// mistaken reports whether a user and a password stand where the name of their file belongs, which no error may repeat.
func mistaken(from string, err error) bool {
	return errors.Is(err, fs.ErrNotExist) && strings.Contains(from, ":") && filepath.VolumeName(from) == ""
}

// mostExamples bounds the memory of users that are made up.
const mostExamples = 100_000

// exampleUsers are users that are made up, all with one password that everybody knows: for the built-in sink, and for
// servers to which they were added.
func exampleUsers(number string) (string, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > mostExamples {
		return "", fmt.Errorf("%q is no number of users from 1 to %d; write example:100", number, mostExamples)
	}
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "user%d@example.com:example\n", i)
	}
	return lines.String(), nil
}

func newIdentity(plan profiles.Plan) (*identity.Book, error) {
	if !plan.Claims() {
		return nil, nil
	}
	b := &identity.Book{Seed: plan.Seed}
	switch plan.Proxy {
	case "v1":
		b.Proxy = 1
	case "v2":
		b.Proxy = 2
	}
	var err error
	if len(plan.ClientAddrs) > 0 {
		entries, err := identity.Names(plan.ClientAddrs, readLines)
		if err == nil {
			b.Clients, err = identity.ParsePool(entries)
		}
		if err != nil {
			return nil, planError("--client-addr: %w", err)
		}
	}
	if b.Claims[identity.XCLIENT], err = identity.ParseAttributes(identity.XCLIENT, plan.XCLIENT, readLines); err != nil {
		return nil, planError("--xclient: %w", err)
	}
	if b.Claims[identity.XFORWARD], err = identity.ParseAttributes(identity.XFORWARD, plan.XFORWARD, readLines); err != nil {
		return nil, planError("--xforward: %w", err)
	}
	return b, nil
}

// readLines reads the lines of a file, without empty ones and those that begin with "#".
func readLines(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var lines []string
	in := bufio.NewScanner(file)
	for in.Scan() {
		if line := strings.TrimSpace(in.Text()); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s holds nothing", path)
	}
	return lines, nil
}
