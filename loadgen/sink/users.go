package sink

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"mailmill/loadgen/smtp"
)

// A User is a mailbox that the sink knows.
type User struct {
	Address string // local-part@domain
	// Forward is another address for this user; "" is none. With Moved, RCPT is answered
	// 551 with it (the client should try there), without, 251 (taken, and forwarded).
	Forward string
	Moved   bool
	// Quota is how many octets of content the mailbox holds before 552; 0: no limit.
	Quota int64
}

// ParseUser reads "ADDRESS [251 FORWARD | 551 FORWARD] [quota OCTETS]", as in
// "old@example.com 551 new@example.org" or "small@example.com quota 1000000".
func ParseUser(s string) (User, error) {
	words := strings.Fields(s)
	if len(words) == 0 {
		return User{}, fmt.Errorf("user %q: no address", s)
	}
	u := User{Address: words[0]}
	for rest := words[1:]; len(rest) > 0; rest = rest[2:] {
		if len(rest) == 1 {
			return User{}, fmt.Errorf("user %q: nothing after %q", s, rest[0])
		}
		switch rest[0] {
		case "251", "551":
			u.Forward, u.Moved = rest[1], rest[0] == "551"
		case "quota":
			n, err := strconv.ParseInt(rest[1], 10, 64)
			if err != nil || n <= 0 {
				return User{}, fmt.Errorf("user %q: quota %q is not a number of octets", s, rest[1])
			}
			u.Quota = n
		default:
			return User{}, fmt.Errorf("user %q: %q is none of 251, 551 and quota", s, rest[0])
		}
	}
	return u, u.check()
}

func (u User) check() error {
	for _, a := range []string{u.Address, u.Forward} {
		if err := smtp.CheckMailbox(a, true); err != nil {
			return fmt.Errorf("user %q: address %q: %v", u.Address, a, err)
		}
	}
	switch {
	case !strings.Contains(u.Address, "@"):
		return fmt.Errorf("user %q: an address has a local-part and a domain", u.Address)
	case u.Quota < 0:
		return fmt.Errorf("user %q: quota %d is negative", u.Address, u.Quota)
	}
	return nil
}

// A mailbox is a known user and how full it is.
type mailbox struct {
	address string
	quota   int64
	used    atomic.Int64 // octets; over all loops
	answer  reply        // to RCPT
	open    bool         // whether RCPT accepts
}

// fits reports whether size more octets are within the quota.
func (m *mailbox) fits(size int64) bool {
	return m.quota == 0 || size <= m.quota-m.used.Load()
}

// charge takes size octets of the quota if they fit.
func (m *mailbox) charge(size int64) bool {
	if m.used.Add(size) <= m.quota {
		return true
	}
	m.used.Add(-size)
	return false
}

// A directory says whom mail is taken for. It does not change after New, but
// for how full its mailboxes are.
type directory struct {
	names   []string // of the domains, lower case, in their order
	domains map[string]bool
	boxes   map[string]*mailbox // by key
	quotas  bool                // some mailbox has a quota
}

func makeDirectory(c *Config) directory {
	d := directory{domains: map[string]bool{}, boxes: map[string]*mailbox{}}
	for _, name := range c.Domains {
		d.names = append(d.names, strings.ToLower(name))
		d.domains[strings.ToLower(name)] = true
	}
	for _, u := range c.Users {
		d.boxes[string(settingKey(u.Address))] = &mailbox{
			address: u.Address, quota: u.Quota, answer: u.answer(c), open: !u.Moved,
		}
		d.quotas = d.quotas || u.Quota > 0
	}
	return d
}

func (u User) answer(c *Config) reply {
	switch {
	case u.Forward == "":
		return c.reply(250, enhanced("2.1.5"), "Ok")
	case u.Moved:
		return c.reply(551, enhanced("5.1.6"), "User not local; please try <"+u.Forward+">")
	}
	return c.reply(251, enhanced("2.1.5"), "User not local; will forward to <"+u.Forward+">")
}

// settingKey is the key of an address from a Config.
func settingKey(address string) []byte {
	p, _, err := smtp.ParsePath([]byte("<"+address+">"), true)
	if err != nil {
		return []byte(strings.ToLower(address))
	}
	return appendKey(nil, p)
}

// appendKey appends what a mailbox is looked up by: the address in lower case,
// with the local-part unquoted. RFC 5321 section 2.4 lets local-parts differ by case;
// no server in use makes that difference.
func appendKey(dst []byte, p smtp.Path) []byte {
	dst = appendUnquoted(dst, p.Local)
	if len(p.Domain) > 0 {
		dst = append(append(dst, '@'), p.Domain...)
	}
	for i, c := range dst {
		if 'A' <= c && c <= 'Z' {
			dst[i] = c + 'a' - 'A'
		}
	}
	return dst
}

// appendUnquoted appends a local-part without the quoting of RFC 5321 section 4.1.2.
func appendUnquoted(dst, local []byte) []byte {
	if len(local) < 2 || local[0] != '"' {
		return append(dst, local...)
	}
	local = local[1 : len(local)-1]
	for i := 0; i < len(local); i++ {
		if local[i] == '\\' && i+1 < len(local) {
			i++
		}
		dst = append(dst, local[i])
	}
	return dst
}

// find returns the mailbox of a forward-path, if it is known, and the refusal, if
// mail for it is not taken. Postmaster is always taken (RFC 5321 section 4.5.1).
func (d *directory) find(p smtp.Path) (*mailbox, canned) {
	if len(d.domains) == 0 && len(d.boxes) == 0 {
		return nil, sayRcpt
	}
	var octets [256]byte // a path is no longer (RFC 5321 section 4.5.3.1.3)
	key := appendKey(octets[:0], p)
	if box := d.boxes[string(key)]; box != nil {
		return box, sayRcpt
	}
	host := key[len(key)-len(p.Domain):]
	switch {
	case len(p.Domain) > 0 && len(d.domains) > 0 && !d.domains[string(host)]:
		return nil, sayNoRelay
	case len(d.boxes) > 0 && !isPostmaster(key):
		return nil, sayNoUser
	}
	return nil, sayRcpt
}

func isPostmaster(key []byte) bool {
	const name = "postmaster"
	return len(key) >= len(name) && string(key[:len(name)]) == name &&
		(len(key) == len(name) || key[len(name)] == '@')
}

// verify finds a mailbox by what VRFY and EXPN are given: an address, or a
// local-part alone.
func (d *directory) verify(arg []byte) *mailbox {
	name := strings.ToLower(strings.Trim(string(arg), "<>"))
	if box := d.boxes[name]; box != nil {
		return box
	}
	for _, domain := range d.names {
		if box := d.boxes[name+"@"+domain]; box != nil {
			return box
		}
	}
	return nil
}
