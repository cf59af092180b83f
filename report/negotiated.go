package report

import (
	"fmt"
	"strings"

	"mailmill/results"
)

// negotiated says what sessions agreed on with the server before any mail, in one line each for TLS and AUTH.
func negotiated(d *results.Document) *section {
	s := &section{}
	var all, resumed int64
	var kinds []string
	for _, h := range d.TLS {
		all += h.Count
		kind := h.Version + " " + h.Cipher
		if h.Resumed {
			resumed += h.Count
			kind += " resumed"
		}
		kinds = append(kinds, fmt.Sprintf("%s (%s)", kind, grouped(h.Count)))
	}
	if all > 0 {
		s.add("TLS", joined("; ", plural(all, "handshake")+", "+grouped(resumed)+" resumed: "+strings.Join(kinds, ", "), certificates(d)))
	}
	var logins []string
	for _, l := range d.Logins {
		logins = append(logins, fmt.Sprintf("%s (%s)", l.Mechanism, grouped(l.Count)))
	}
	s.add("AUTH", strings.Join(logins, ", "))
	if len(s.lines) == 0 {
		return nil
	}
	return s
}

// certificates names those that servers showed.
func certificates(d *results.Document) string {
	var words []string
	for _, c := range d.Target.Certificates {
		w := fmt.Sprintf("certificate of %q until %s", c.Subject, c.NotAfter.UTC().Format("2006-01-02"))
		if !c.Verified {
			w += ", not verified"
		}
		if len(words) == 0 || words[len(words)-1] != w {
			words = append(words, w)
		}
	}
	return strings.Join(words, "; ")
}
