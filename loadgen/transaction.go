package loadgen

import (
	"slices"
	"strings"

	"mailmill/loadgen/message"
	"mailmill/loadgen/session"
	"mailmill/profiles"
)

// transact enters how the mail transactions of a class are carried out.
func transact(c *session.Config, plan *profiles.Plan) {
	c.Pipeline, c.Chunk, c.Binary, c.Force, c.Limits = plan.Pipeline, plan.Chunk, plan.Binary, plan.Force, plan.Limits
	c.Needs = announced(mailParams(plan), rcptParams(plan))
	for _, w := range plan.Before {
		if c.Before == nil {
			c.Before = new(session.Words)
		}
		c.Before[w.Before] = append(c.Before[w.Before], session.Word{Step: w.Step, Argument: w.Argument})
	}
}

// envelope enters what goes with the envelopes of a class, and whether its contents go in chunks.
func envelope(c *message.ClassConfig, plan *profiles.Plan) {
	c.Chunked, c.Binary = plan.Chunk > 0, plan.Binary && plan.Chunk > 0
	c.MailParams, c.RcptParams = mailParams(plan), rcptParams(plan)
}

func mailParams(plan *profiles.Plan) []string {
	return strings.Fields(plan.DSN.MailParams() + " " + plan.MailParams)
}

func rcptParams(plan *profiles.Plan) []string {
	return strings.Fields(plan.DSN.RcptParams() + " " + plan.RcptParams)
}

// announcedBy are the keywords of the extensions that define parameters. One that is not here needs none.
var announcedBy = map[string]string{
	"RET": "DSN", "ENVID": "DSN", "NOTIFY": "DSN", "ORCPT": "DSN", // RFC 3461
	"AUTH":    "AUTH",                                        // RFC 4954
	"BY":      "DELIVERBY",                                   // RFC 2852
	"HOLDFOR": "FUTURERELEASE", "HOLDUNTIL": "FUTURERELEASE", // RFC 4865
	"MT-PRIORITY": "MT-PRIORITY", // RFC 6710
	"RRVS":        "RRVS",        // RFC 7293
	"REQUIRETLS":  "REQUIRETLS",  // RFC 8689
	"CONPERM":     "CONPERM",     // RFC 4141
	"CONNEG":      "CONNEG",      // RFC 4141
	"MTRK":        "MTRK",        // RFC 3885
}

// announced returns the keywords that a server has to offer for these parameters.
func announced(params ...[]string) (keywords []string) {
	for _, param := range slices.Concat(params...) {
		key, _, _ := strings.Cut(param, "=")
		keyword := announcedBy[strings.ToUpper(key)]
		if keyword != "" && !slices.Contains(keywords, keyword) {
			keywords = append(keywords, keyword)
		}
	}
	return keywords
}
