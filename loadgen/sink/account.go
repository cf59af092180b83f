package sink

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/xdg-go/scram"
)

// An Account is somebody who may authenticate (RFC 4954).
type Account struct {
	User string
	// Password is also the token of the bearer mechanisms.
	Password string
}

// ReadAccounts reads accounts, "user:password" a line. Empty lines and those that begin
// with "#" are passed over. An error names the line, and nothing of the password.
func ReadAccounts(r io.Reader) (all []Account, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		user, password, found := strings.Cut(line, ":")
		if !found || user == "" || password == "" {
			return nil, fmt.Errorf("line %d: not user:password", n)
		}
		all = append(all, Account{user, password})
	}
	return all, lines.Err()
}

// checkAccounts returns what is wrong with accounts. No fault repeats a password.
func checkAccounts(all []Account) error {
	var faults []error
	seen := map[string]bool{}
	for _, a := range all {
		switch {
		case a.User == "" || a.Password == "":
			faults = append(faults, fmt.Errorf("account %q: user or password is empty", a.User))
		case strings.ContainsRune(a.User+a.Password, 0):
			faults = append(faults, fmt.Errorf("account %q: NUL in user or password", a.User))
		case seen[a.User]:
			faults = append(faults, fmt.Errorf("account %q: given twice", a.User))
		}
		seen[a.User] = true
	}
	return errors.Join(faults...)
}

// An account is an Account made ready. What SCRAM stores of its password is derived
// once, when first asked for: it takes about a millisecond.
type account struct {
	Account
	sha1, sha256 func() (scram.StoredCredentials, error)
}

// accounts are those of a sink, by user.
type accounts map[string]*account

func makeAccounts(all []Account) accounts {
	m := accounts{}
	for i, a := range all {
		m[a.User] = &account{a, derive(scram.SHA1, a, i), derive(scram.SHA256, a, i)}
	}
	return m
}

// scramRounds is the fewest iterations that RFC 7677 section 4 allows.
const scramRounds = 4096

// derive returns the stored credentials of RFC 5802 section 3. The salt differs from
// account to account; that it is no secret is why it can be so simple.
func derive(hash scram.HashGeneratorFcn, a Account, number int) func() (scram.StoredCredentials, error) {
	return sync.OnceValues(func() (scram.StoredCredentials, error) {
		c, err := hash.NewClient(a.User, a.Password, "")
		if err != nil { // not to be prepared as RFC 4013 has it: taken as it is
			c, err = hash.NewClientUnprepped(a.User, a.Password, "")
		}
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		salt := fmt.Sprintf("mailmill%08d", number)
		return c.GetStoredCredentialsWithError(scram.KeyFactors{Salt: salt, Iters: scramRounds})
	})
}

// admits reports whether a user gets in with a password, or a token. Where it is compared,
// time is not kept constant over users: a test sink has no secrets from who runs it.
func (k *Sink) admits(user, password string) bool {
	a := k.accounts[user]
	return k.config.AuthAny || a != nil && sameSecret(a.Password, password)
}
