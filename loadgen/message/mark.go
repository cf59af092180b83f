package message

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
)

// MarkField is the name of the header field that each message has beside its Date and
// Message-ID: which slot of which run it is, and the digest of its body.
const MarkField = "X-Mailmill"

// A Mark is what the MarkField of a message says.
type Mark struct {
	// Run is Config.Run.
	Run string
	// Slot is the slot's number.
	Slot int64
	// SHA256 is the digest of the body: see the package's comment.
	SHA256 [sha256.Size]byte
}

// digestLength is that of a SHA-256 in hexadecimal.
const digestLength = 2 * sha256.Size

// markField is the field "X-Mailmill: run=R; slot=N;" CRLF " sha256=D".
func (run Config) markField() field {
	return made(MarkField, fixedPart("run="+quoteRun(run.Run)+"; slot="), part{kind: number},
		fixedPart(";\r\n sha256="), part{kind: digest})
}

// quoteRun writes a run's name as a word: other octets than those of a name or an
// instant are a "%" and two hexadecimal digits.
func quoteRun(s string) string {
	var out []byte
	for _, c := range []byte(s) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("-._:+", c) >= 0 {
			out = append(out, c)
			continue
		}
		out = fmt.Appendf(out, "%%%02X", c)
	}
	return string(out)
}

func unquoteRun(s string) (string, error) {
	before, rest, found := strings.Cut(s, "%")
	if !found {
		return s, nil
	}
	if len(rest) < 2 {
		return "", errMark
	}
	octet, err := hex.DecodeString(rest[:2])
	if err != nil {
		return "", errMark
	}
	after, err := unquoteRun(rest[2:])
	return before + string(octet) + after, err
}

var errMark = errors.New(MarkField + ": not run=…; slot=N; sha256=…")

// ParseMark reads the value of a MarkField, folded or not.
func ParseMark(value string) (Mark, error) {
	var m Mark
	seen := map[string]bool{}
	for item := range strings.SplitSeq(value, ";") {
		name, text, _ := strings.Cut(textproto.TrimString(item), "=")
		var err error
		switch name {
		case "run":
			m.Run, err = unquoteRun(text)
		case "slot":
			m.Slot, err = strconv.ParseInt(text, 10, 64)
		case "sha256":
			var n int
			if len(text) == digestLength {
				n, err = hex.Decode(m.SHA256[:], []byte(text))
			}
			if n != sha256.Size {
				err = errMark
			}
		default:
			continue
		}
		if err != nil || m.Slot < 0 || seen[name] {
			return Mark{}, errMark
		}
		seen[name] = true
	}
	if len(seen) != 3 {
		return Mark{}, errMark
	}
	return m, nil
}

// ErrDigest says that a message has its mark, and is not what was sent.
var ErrDigest = errors.New("the body is not that of the mark's digest")

// ReadMark finds the mark of a message as it was delivered, with CRLF or LF as its line
// ends, and holds its body against the digest. Other fields of the header are not looked
// at: servers add and change some. The error is ErrDigest if the body is another one,
// and tells otherwise that there is no mark.
func ReadMark(message []byte) (Mark, error) {
	m, err := readMark(message) // as it is: such a body may hold LF that is no line end
	if err == nil {
		return m, nil
	}
	return readMark(appendCanonical(make([]byte, 0, len(message)+2), message))
}

// readMark is ReadMark of a message with CRLF as its line ends.
func readMark(message []byte) (Mark, error) {
	h, body := splitMessage(message)
	i := h.index(MarkField)
	if i < 0 {
		return Mark{}, fmt.Errorf("no field %s in the header", MarkField)
	}
	_, value, _ := strings.Cut(h[i].parts[0].plain, ":")
	m, err := ParseMark(strings.NewReplacer("\r\n", "").Replace(value))
	if err == nil && sha256.Sum256(body) != m.SHA256 {
		err = ErrDigest
	}
	return m, err
}

// A digester makes the digests of bodies that differ from message to message.
type digester struct {
	hash    hash.Hash
	scratch []byte
	sum     [sha256.Size]byte
}

var digesters = sync.Pool{New: func() any { return &digester{hash: sha256.New(), scratch: make([]byte, 0, 1024)} }}

// appendDigest appends the digest of the body, in hexadecimal.
func (m *Mail) appendDigest(dst []byte) []byte {
	if m.content.varying == nil {
		return append(dst, m.content.digest...)
	}
	d := digesters.Get().(*digester)
	d.digest(m)
	dst = hex.AppendEncode(dst, d.sum[:])
	digesters.Put(d)
	return dst
}

// digest makes the digest of a body with parts of the message's own.
func (d *digester) digest(m *Mail) {
	d.gather(m)
	d.hash.Reset()
	d.hash.Write(d.scratch)
	d.hash.Write(m.content.varying.rest)
	d.hash.Sum(d.sum[:0])
}

// gather makes the beginning of a body up to its last part that is the message's own,
// before transparency.
func (d *digester) gather(m *Mail) {
	at := place{m: m, number: m.slot}
	d.scratch = d.scratch[:0]
	for i := m.content.varying.from; i < len(m.content.head); i++ {
		if p := &m.content.head[i]; p.kind == fixed {
			d.scratch = append(d.scratch, p.plain...)
		} else {
			d.scratch = p.append(d.scratch, at)
		}
	}
}
