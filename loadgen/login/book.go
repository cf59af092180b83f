package login

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"mailmill/loadgen/smtp"
)

// A User is who may log in. Password is also the token of XOAUTH2 and OAUTHBEARER.
type User struct {
	Name, Password string
	scram          keys
}

// ReadUsers reads users, "user:password" a line. Empty lines and those that begin with "#" are
// passed over. An error names the line, and nothing of the password.
func ReadUsers(r io.Reader) ([]*User, error) {
	var users []*User
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		name, password, ok := strings.Cut(line, ":")
		switch {
		case !ok || name == "":
			return nil, fmt.Errorf("line %d is not user:password", number)
		case strings.ContainsAny(line, "\x00\x01\r"):
			return nil, fmt.Errorf("line %d holds a control character, which no mechanism can send", number)
		case len(line) > maxCredentials:
			return nil, fmt.Errorf("line %d has more than %d octets", number, maxCredentials)
		}
		users = append(users, &User{Name: name, Password: password})
	}
	switch err := lines.Err(); {
	case err != nil:
		return nil, err
	case len(users) == 0:
		return nil, errors.New("there is no user in it; write user:password, one a line")
	}
	return users, nil
}

// maxCredentials keeps the longest response, in base64, within the longest line of an exchange (RFC
// 4954 section 4).
const maxCredentials = smtp.MaxAuthLine/2 - 64

// A Book is who logs in, and how. It does not change while sessions use it.
type Book struct {
	// Users are used in turn: by the worker's number, or by the session's.
	Users      []*User
	PerSession bool
	// Mechanisms are those of AUTH in the order of preference, in upper case; none stands for the best
	// that both sides know, of those that take a password.
	Mechanisms []string
}

// Check returns an error for a mechanism that is not known, naming those that are.
func (b *Book) Check() error {
	for _, name := range b.Mechanisms {
		if find(name) == nil {
			return fmt.Errorf("mechanism %q is not known; they are %s", name, strings.Join(Mechanisms(), ", "))
		}
	}
	return nil
}

// User returns who logs in in a session of that number, of that worker.
func (b *Book) User(worker int, session int64) *User {
	n := int64(worker)
	if b.PerSession {
		n = session
	}
	return b.Users[n%int64(len(b.Users))]
}

// An ErrNoMechanism says that a server offers none of the mechanisms that may be used.
var ErrNoMechanism = errors.New("no mechanism that both sides know")

// Begin begins an exchange with the best mechanism of those that the server offers, in upper case. refused
// is the mechanism of the exchange before, whose place in the order of preference the search goes on
// from; nil at first. The error is ErrNoMechanism, or that a user cannot log in by the mechanism.
func (b *Book) Begin(u *User, offered []string, refused *Exchange) (*Exchange, error) {
	order := b.Mechanisms
	if len(order) == 0 {
		order = automatic
	}
	if refused != nil {
		order = after(order, refused.Mechanism())
	}
	for _, name := range order {
		if contains(offered, name) {
			return find(name).begin(u)
		}
	}
	return nil, ErrNoMechanism
}

// after returns what comes behind a name in a list.
func after(list []string, name string) []string {
	for i, s := range list {
		if strings.EqualFold(s, name) {
			return list[i+1:]
		}
	}
	return nil
}

func contains(list []string, name string) bool {
	for _, s := range list {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}
