package profiles

import (
	"fmt"
	"strings"
)

// transactionRules are what the settings of a mail transaction keep to.
var transactionRules = []rule{
	between("bdat", 0, MaxSize, func(p *Plan) int { return p.Chunk }),
	{[]string{"binary", "bdat"}, func(p *Plan, _ func(string) bool) string {
		if p.Binary && p.Chunk == 0 {
			return "content of BINARYMIME goes in chunks; give bdat, such as 64k"
		}
		return ""
	}},
	{[]string{"mail-params", "dsn"}, func(p *Plan, _ func(string) bool) string {
		return twice(p.DSN.MailParams(), p.MailParams, "mail-params")
	}},
	{[]string{"rcpt-params", "dsn"}, func(p *Plan, _ func(string) bool) string {
		return twice(p.DSN.RcptParams(), p.RcptParams, "rcpt-params")
	}},
}

// twice tells of a parameter that is given by dsn and by another setting.
func twice(dsn, other, setting string) string {
	given := map[string]bool{}
	for word := range strings.FieldsSeq(dsn) {
		key, _, _ := strings.Cut(word, "=")
		given[key] = true
	}
	for word := range strings.FieldsSeq(other) {
		if key, _, _ := strings.Cut(word, "="); given[strings.ToUpper(key)] {
			return fmt.Sprintf("%s is given by dsn and by %s; leave one out", key, setting)
		}
	}
	return ""
}
