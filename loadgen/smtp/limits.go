package smtp

import (
	"strconv"
	"strings"
)

// Limits are what a server allows in one session (RFC 9422 section 4); 0 is no
// limit. They count commands that were sent, whatever came of them.
type Limits struct {
	Mail        int // MAIL commands in a session
	Rcpt        int // RCPT commands in a mail transaction
	RcptDomains int // different domains of forward-paths in a session
}

// ParseLimits reads the parameters of the keyword LIMITS, such as "MAILMAX=10
// RCPTMAX=50". A limit that is unknown, given twice, 0 or no number of at most
// six digits is as good as not given.
func ParseLimits(params string) Limits {
	var l Limits
	limits := []struct {
		name  string
		value *int
	}{{"MAILMAX", &l.Mail}, {"RCPTMAX", &l.Rcpt}, {"RCPTDOMAINMAX", &l.RcptDomains}}
	for word := range strings.FieldsSeq(params) {
		name, digits, _ := strings.Cut(word, "=")
		for _, limit := range limits {
			if strings.EqualFold(name, limit.name) && *limit.value == 0 {
				*limit.value = limitOf(digits)
			}
		}
	}
	return l
}

// limitDigits is how long the value of a limit may be (RFC 9422 section 3).
const limitDigits = 6

func limitOf(digits string) int {
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || len(digits) > limitDigits {
		return 0
	}
	return int(n)
}

// ParseSizeLimit reads the parameter of the keyword SIZE: the largest message in
// octets (RFC 1870 section 4). 0 is no limit that the server would tell.
func ParseSizeLimit(params string) int64 {
	n, err := strconv.ParseInt(params, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
