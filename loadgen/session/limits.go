package session

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"

	"mailmill/loadgen/message"
)

// beyond returns which of the server's limits (RFC 9422) the message that waits cannot be sent within; "" if it
// can. A limit on mail transactions is kept by Spent, one on domains between messages by Fits.
func (s *Session) beyond() string {
	most := s.offer.limits
	if n := s.mail.NumRecipients(); most.Rcpt > 0 && n > most.Rcpt {
		return fmt.Sprintf("the server takes RCPTMAX=%d recipients of a message: keep within it, or give --limits=false", most.Rcpt)
	}
	if most.RcptDomains == 0 {
		return ""
	}
	domains := s.withDomains(s.mail)
	if len(domains) > most.RcptDomains { // those of a message that is not sent are not the session's
		return fmt.Sprintf("the server takes RCPTDOMAINMAX=%d domains in a session: keep within it, or give --limits=false", most.RcptDomains)
	}
	s.domains = domains
	return ""
}

// Spent tells that a session has had as many mail transactions as the server takes in one (MAILMAX): QUIT is all
// that is left to say.
func (s *Session) Spent() bool {
	most := 0
	if s.config.Limits && s.offer != nil {
		most = s.offer.limits.Mail
	}
	return most > 0 && s.mails >= most
}

// Fits tells whether a message may be sent in a session that is Ready. If not, another session may take it: the
// server takes only so many different domains in one (RCPTDOMAINMAX).
func (s *Session) Fits(m *message.Mail) bool {
	if !s.config.Limits || s.offer.limits.RcptDomains == 0 || s.mails == 0 {
		return true
	}
	return len(s.withDomains(m)) <= s.offer.limits.RcptDomains
}

// domainSeed makes the hashes of domains alike in all sessions.
var domainSeed = maphash.MakeSeed()

// withDomains returns the domains that the session has had in forward-paths, and those of a message, by their
// hashes.
func (s *Session) withDomains(m *message.Mail) []uint64 {
	known := slices.Clip(s.domains)
	var path []byte
	for i := range m.NumRecipients() {
		path = m.AppendForwardPath(path[:0], i)
		domain := bytes.ToLower(path[bytes.LastIndexByte(path, '@')+1:])
		if hash := maphash.Bytes(domainSeed, domain); !slices.Contains(known, hash) {
			known = append(known, hash)
		}
	}
	return known
}
