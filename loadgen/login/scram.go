package login

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"

	"mailmill/loadgen/smtp"
)

// Bounds of the derivation of SCRAM's keys (RFC 5802 section 2.2), whose cost the server sets.
const (
	// maxIterations takes about a third of a second; servers ask for 4096 to 600000.
	maxIterations = 1_000_000
	// mostKeys is how many pairs of a salt and a count are kept for one user. Most servers have one; some
	// make a new one for each session, which must not fill the memory.
	mostKeys = 8
)

// deriving is how many keys are derived at the same time: event loops must find a processor free.
var deriving = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))

// keys are what was derived for a user, by the size of the hash function: once for each salt, whatever the number
// of sessions.
type keys struct {
	mu      sync.Mutex
	derived map[int]*derived
}

// derived are the keys of one user and one hash function. The client keeps them; known says which it has.
type derived struct {
	client *scram.Client
	one    sync.Mutex // held while a key is derived, so that sessions that need the same wait for one derivation

	mu    sync.Mutex
	known map[string]bool // by salt and count as the server writes them
}

func (d *derived) has(factors string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[factors]
}

func (d *derived) full() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.known) >= mostKeys
}

func (d *derived) learn(factors string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[factors] = true
}

// scramWith returns the start of SCRAM (RFC 5802, RFC 7677) with a hash function.
func scramWith(hash scram.HashGeneratorFcn) func(*User) (sasl.Client, error) {
	size := hash().Size()
	return func(u *User) (sasl.Client, error) {
		u.scram.mu.Lock()
		defer u.scram.mu.Unlock()
		d := u.scram.derived[size]
		if d == nil || d.full() {
			client, err := hash.NewClient(u.Name, u.Password, "")
			if err != nil { // whose text may quote the name
				return nil, errors.New("the name or the password holds what SCRAM does not allow in them (RFC 4013)")
			}
			if u.scram.derived == nil {
				u.scram.derived = map[int]*derived{}
			}
			d = &derived{client: client, known: map[string]bool{}}
			u.scram.derived[size] = d
		}
		return &salted{derived: d, conversation: d.client.NewConversation()}, nil
	}
}

// salted is SCRAM, whose server shows in its last challenge that it knows the password too.
type salted struct {
	derived      *derived
	conversation *scram.ClientConversation
	challenged   bool
}

func (s *salted) Start() (string, []byte, error) {
	first, err := s.conversation.Step("")
	return "SCRAM", []byte(first), err
}

func (s *salted) Next(challenge []byte) ([]byte, error) {
	if s.challenged {
		return s.step(challenge)
	}
	s.challenged = true
	factors, err := factorsOf(string(challenge))
	if err != nil {
		return nil, err
	}
	if s.derived.has(factors) {
		return s.step(challenge)
	}
	s.derived.one.Lock()
	defer s.derived.one.Unlock()
	deriving <- struct{}{}
	defer func() { <-deriving }()
	answer, err := s.step(challenge)
	if err == nil {
		s.derived.learn(factors)
	}
	return answer, err
}

// step never returns nil without an error: an empty answer is one.
func (s *salted) step(challenge []byte) ([]byte, error) {
	answer, err := s.conversation.Step(string(challenge))
	return []byte(answer), err
}

// slow tells that the key for a challenge is not known yet.
func (s *salted) slow(challenge []byte) bool {
	decoded, err := smtp.DecodeResponse(challenge)
	if s.challenged || err != nil {
		return false
	}
	factors, err := factorsOf(string(decoded))
	return err == nil && !s.derived.has(factors)
}

// factorsOf returns the salt and the count of the server's first message, "r=…,s=…,i=…".
func factorsOf(message string) (string, error) {
	_, factors, _ := strings.Cut(message, ",")
	_, count, ok := strings.Cut(factors, ",i=")
	count, _, _ = strings.Cut(count, ",")
	n, err := strconv.ParseUint(count, 10, 32)
	switch {
	case !ok || err != nil:
		return "", errors.New("the server's first message is not SCRAM's (RFC 5802 section 7)")
	case n > maxIterations:
		return "", fmt.Errorf("the server asks for %d iterations; more than %d are not done", n, maxIterations)
	}
	return factors, nil
}
