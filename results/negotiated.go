package results

import (
	"cmp"
	"slices"
	"time"
)

// A Handshake is one kind of TLS handshake and how often it was completed, over the whole run.
type Handshake struct {
	Class   string `json:"class,omitempty"`
	Version string `json:"version"` // "TLS 1.3"
	Cipher  string `json:"cipher"`  // the suite's name in the registry
	Resumed bool   `json:"resumed,omitempty"`
	Count   int64  `json:"count"`
}

// A Login is a mechanism of AUTH and how often somebody was let in by it.
type Login struct {
	Class     string `json:"class,omitempty"`
	Mechanism string `json:"mechanism"`
	Count     int64  `json:"count"`
}

// A Certificate is the one that a server showed to the preflight: its words, hostile until quoted.
type Certificate struct {
	Address  string    `json:"address"` // of the server
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer,omitempty"`
	Names    []string  `json:"names,omitempty"`
	NotAfter time.Time `json:"not_after"`
	// Verified tells that the chain and the name were good.
	Verified bool `json:"verified"`
}

// SortHandshakes brings handshakes into the order of documents: by class, then the most frequent first.
func SortHandshakes(all []Handshake) {
	slices.SortFunc(all, func(a, b Handshake) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.Cipher, b.Cipher), compareBools(a.Resumed, b.Resumed))
	})
}

// SortLogins does the same with logins.
func SortLogins(all []Login) {
	slices.SortFunc(all, func(a, b Login) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Mechanism, b.Mechanism))
	})
}

// negotiated adds up what the parts agreed on with the server.
func (m *merging) negotiated() {
	d := m.sum
	for _, part := range m.docs {
		for _, h := range part.TLS {
			n := h.Count
			h.Count = 0
			i := slices.IndexFunc(d.TLS, func(s Handshake) bool { s.Count = 0; return s == h })
			if i < 0 {
				i = len(d.TLS)
				d.TLS = append(d.TLS, h)
			}
			d.TLS[i].Count += n
		}
		for _, l := range part.Logins {
			i := slices.IndexFunc(d.Logins, func(s Login) bool { return s.Class == l.Class && s.Mechanism == l.Mechanism })
			if i < 0 {
				d.Logins = append(d.Logins, l)
				continue
			}
			d.Logins[i].Count += l.Count
		}
	}
	SortHandshakes(d.TLS)
	SortLogins(d.Logins)
}
