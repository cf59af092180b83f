package message

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"

	"mailmill/loadgen/smtp"
)

// A Config is what the messages of a run have in common.
type Config struct {
	// Seed and Run make the messages of one run differ from those of another:
	// Seed alone decides everything that is drawn, both together the Message-IDs.
	Seed uint64
	Run  string
	// Classes are the kinds of messages, at least one.
	Classes []ClassConfig
}

// A ClassConfig is what the messages of one class of traffic have in common.
//
// From, To, Subject and Headers are patterns: each {n} in them becomes a
// decimal number, counted from 0. In To it is the running number of the
// recipient (slot * Recipients + i); elsewhere it is the number of the slot.
type ClassConfig struct {
	// Name is the class's name in {class}; "" where there is one class.
	Name string
	// Weight is the share of the slots that are of this class, beside the weights
	// of the others; 0 is 1.
	Weight float64
	// Chunked leaves the content as it is, for BDAT (RFC 3030): without
	// transparency, and without the end of mail data.
	Chunked bool
	// From is the reverse-path without its angle brackets; "" is the null path.
	From string
	// To is the forward-path without its angle brackets.
	To string
	// Recipients is the number of forward-paths of each message; 0 is 1.
	Recipients int
	// Size is the length of a synthetic body in octets, line ends included and
	// before transparency. The header is not counted.
	Size int
	// Data, if it is not nil, is a whole message in place of a synthetic one. Its
	// lines may end in LF, CR or CRLF. Date and Message-ID become each message's
	// own; From is added if it is missing; an mbox "From " line at the top is left
	// out.
	Data []byte
	// Headers are fields "Name: value". Each replaces the fields of that name
	// which the message would otherwise have.
	Headers []string
	// Subject is the subject's text; "" is that of Data, or "message {n}".
	Subject string
	// Domain is the right side of each Message-ID; "" is the domain of From, and
	// example.com for the null path.
	Domain string
}

// check returns the configuration with its defaults filled in, or an error that
// says which setting cannot be sent.
func (c ClassConfig) check() (ClassConfig, error) {
	if err := checkMailboxes("reverse-path", c.From); err != nil {
		return c, err
	}
	if c.To == "" {
		return c, errors.New("forward-path: empty; a message needs a recipient, such as user{n}@example.com")
	}
	if err := checkMailboxes("forward-path", c.To); err != nil {
		return c, err
	}
	c.Recipients = cmp.Or(c.Recipients, 1)
	if c.Recipients < 1 {
		return c, fmt.Errorf("recipients: %d; a message needs at least 1", c.Recipients)
	}
	if c.Size < 0 || c.Size == 1 {
		return c, fmt.Errorf("size: %d; a body has no octets, or at least the 2 of a line end", c.Size)
	}
	if c.Data != nil && len(c.Data) == 0 {
		return c, errors.New("data: the message file is empty")
	}
	if c.Weight < 0 || math.IsNaN(c.Weight) || math.IsInf(c.Weight, 0) {
		return c, fmt.Errorf("weight: %v; a class has a share of the slots, from 0", c.Weight)
	}
	if c.Subject == "" && c.Data == nil {
		c.Subject = "message {n}"
	}
	return c.withDomain()
}

// withDomain fills in the domain, and checks it.
func (c ClassConfig) withDomain() (ClassConfig, error) {
	from := string(parsePattern(c.From).append(nil, 0))
	c.Domain = cmp.Or(c.Domain, from[strings.LastIndexByte(from, '@')+1:], "example.com")
	if _, rest, err := smtp.ParseDomain([]byte(c.Domain), false); err != nil || len(rest) > 0 {
		return c, fmt.Errorf("domain %q: not a domain; the Message-IDs need one, such as example.com", c.Domain)
	}
	return c, nil
}

// checkMailboxes checks the shortest and the longest mailbox of a pattern.
func checkMailboxes(what, s string) error {
	p := parsePattern(s)
	for _, n := range []int64{0, math.MaxInt64} {
		if err := smtp.CheckMailbox(string(p.append(nil, n)), false); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// tag is the part of a Message-ID that tells runs apart: 64 bits, in hexadecimal.
func (c Config) tag() string {
	sum := sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, c.Seed), c.Run...))
	return hex.EncodeToString(sum[:8])
}
