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
// From, To, Unknown, Subject, Headers, MailParams, RcptParams and templates are
// patterns with fields, such as {n}; see the package's comment.
type ClassConfig struct {
	// Name is the class's name in {class}; "" where there is one class.
	Name string
	// Weight is the share of the slots that are of this class, beside the weights
	// of the others; 0 is 1.
	Weight float64
	// Chunked leaves the content as it is, for BDAT (RFC 3030): without
	// transparency, and without the end of mail data.
	Chunked bool
	// Binary leaves attachments as they are, in place of base64: such content needs
	// BINARYMIME and BDAT, so Chunked too.
	Binary bool

	// From is the reverse-path without its angle brackets, or a list of them: with
	// commas between them, or @FILE with one a line; "" is the null path. {0..99}
	// stands for the numbers of so many mailboxes.
	From string
	// To is the forward-path, or a list, written in the same way.
	To string
	// FromOrder and ToOrder are how those of a list are taken.
	FromOrder, ToOrder Order
	// Domains are what {domain} stands for in them, by weights:
	// "a.example=3,b.example=1"; "" is example.com.
	Domains string
	// NullShare is the part of the messages that have the null reverse-path, 0 to 1.
	NullShare float64
	// UnknownShare is the part of the recipients, 0 to 1, that are Unknown in place
	// of To: mailboxes that the server should refuse. "" is nobody{n}@{domain}.
	UnknownShare float64
	Unknown      string
	// Recipients is the number of forward-paths of each message; 0 is 1.
	Recipients Quantity
	// MailParams and RcptParams are further parameters of MAIL and of each RCPT, such
	// as "ENVID=m{n}". What fields stand for is written as xtext (RFC 3461 section 4).
	MailParams, RcptParams []string

	// Size is the length of a synthetic text in octets, line ends included and
	// before transparency. The header is not counted, and no attachment.
	Size Quantity
	// Attachments are parts beside the synthetic text.
	Attachments []Attachment
	// Sample makes the synthetic message one that filters are tested with: "eicar", a
	// file that anti-virus programs find, or "gtube", a line that is spam.
	Sample string
	// Data, if it is not nil, is a whole message in place of a synthetic one. Its
	// lines may end in LF, CR or CRLF. Date and Message-ID become each message's
	// own; From is added if it is missing; an mbox "From " line at the top is left
	// out.
	Data []byte
	// Corpus is the path of many such messages: a folder of .eml files, an mbox, a
	// Maildir. CorpusOrder is how they are taken.
	Corpus      string
	CorpusOrder Order
	// Template is the path of a message with fields in its header and its body. One
	// that begins with no header field is a body alone.
	Template string
	// Headers are fields "Name: value". Each replaces the fields of that name
	// which the message would otherwise have.
	Headers []string
	// Subject is the subject's text; "" is that of the file, or "message {n}".
	Subject string
	// Domain is the right side of each Message-ID; "" is the domain of From, and
	// example.com for the null path.
	Domain string
	// DKIM says how each message is signed; the zero DKIM signs none.
	DKIM DKIM
}

// Limits of messages.
const (
	// MaxRecipients bounds the forward-paths of one message.
	MaxRecipients = 1_000_000
	// MaxSize is the longest synthetic text, in octets. It is held in memory.
	MaxSize = 1 << 30
)

// check returns the configuration with its defaults filled in, or an error that
// says which setting cannot be sent.
func (c ClassConfig) check() (ClassConfig, error) {
	if c.To == "" {
		return c, errors.New("forward-path: empty; a message needs a recipient, such as user{n}@example.com")
	}
	if c.Weight < 0 || math.IsNaN(c.Weight) || math.IsInf(c.Weight, 0) {
		return c, fmt.Errorf("weight: %v; a class has a share of the slots, from 0", c.Weight)
	}
	if c.Recipients == (Quantity{}) {
		c.Recipients = Fixed(1)
	}
	if err := c.Recipients.Check(1, MaxRecipients); err != nil {
		return c, fmt.Errorf("recipients: %w", err)
	}
	if err := c.Size.Check(0, MaxSize); err != nil {
		return c, fmt.Errorf("size: %w", err)
	}
	if c.Size == Fixed(1) {
		return c, errors.New("size: 1; a body has no octets, or at least the 2 of a line end")
	}
	if c.Binary && !c.Chunked {
		return c, errors.New("binary: octets as they are cannot be sent with transparency; send them in chunks, by BDAT")
	}
	if c.Data != nil && len(c.Data) == 0 {
		return c, errors.New("data: the message file is empty")
	}
	if c.Subject == "" && c.Data == nil && c.Corpus == "" && c.Template == "" {
		c.Subject = "message {n}"
	}
	c.Unknown = cmp.Or(c.Unknown, "nobody{n}@{domain}")
	return c.withDomain()
}

// withDomain fills in the domain, and checks it.
func (c ClassConfig) withDomain() (ClassConfig, error) {
	c.Domain = cmp.Or(c.Domain, c.firstDomain(), "example.com")
	if _, rest, err := smtp.ParseDomain([]byte(c.Domain), false); err != nil || len(rest) > 0 {
		return c, fmt.Errorf("domain %q: not a domain; the Message-IDs need one, such as example.com", c.Domain)
	}
	return c, nil
}

// firstDomain is the domain of slot 0's reverse-path; "" if it cannot be the right side
// of a Message-ID.
func (c ClassConfig) firstDomain() string {
	if strings.HasPrefix(c.From, "@") || !isASCII(c.From) {
		return ""
	}
	p, err := parsePattern(splitMailboxes(c.From)[0], addressFields, true)
	if err != nil {
		return "" // which is told elsewhere
	}
	names, _, _ := parseDomains(cmp.Or(c.Domains, "example.com"))
	if len(names) == 0 || !isASCII(names[0]) {
		return ""
	}
	b := binder{name: c.Name}
	k := class{domains: domains{names: names[:1]}}
	from := string(b.bind(p).append(nil, place{m: &Mail{class: &k}}))
	return from[strings.LastIndexByte(from, '@')+1:]
}

// tag is the part of a Message-ID that tells runs apart: 64 bits, in hexadecimal.
func (c Config) tag() string {
	sum := c.sum()
	return hex.EncodeToString(sum[:8])
}

// runKey is the key of what differs between runs of one seed.
func (c Config) runKey() key {
	sum := c.sum()
	return key(binary.LittleEndian.Uint64(sum[8:]))
}

func (c Config) sum() [sha256.Size]byte {
	return sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, c.Seed), c.Run...))
}
