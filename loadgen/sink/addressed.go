package sink

import (
	"bytes"
	"strconv"
	"strings"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// addressedWords are local-parts that say what is to be done with them.
var addressedWords = map[string]Behaviour{
	"tempfail": {Code: 450},
	"permfail": {Code: 550},
	"drop":     {Deed: Drop},
	"reset":    {Deed: Reset},
	"silence":  {Deed: Silence},
}

// addressed reads a local-part that says how it is to be answered: tempfail, permfail,
// drop, reset, silence, or a reply such as 550, 550_5.1.1 or 450_4.2.1_Mailbox_busy. What
// follows a "+" means nothing, so that addresses can differ.
func addressed(local []byte) (b Behaviour, ok bool) {
	word, _, _ := bytes.Cut(local, []byte{'+'})
	text := strings.ToLower(string(word))
	if b, ok := addressedWords[text]; ok {
		b.Odds = 1
		return b, true
	}
	code, rest, _ := strings.Cut(string(word), "_")
	n, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || n < 400 || n > 559 || n/10%10 > 5 {
		return Behaviour{}, false
	}
	b = Behaviour{Code: smtp.Code(n), Odds: 1}
	enhanced, rest, isEnhanced := parseAddressedEnhanced(rest, code)
	if isEnhanced {
		b.Enhanced = enhanced
	}
	b.Text = strings.ReplaceAll(rest, "_", " ")
	return b, true
}

// parseAddressedEnhanced takes an enhanced status code of the code's class off.
func parseAddressedEnhanced(s, code string) (e smtp.Enhanced, rest string, ok bool) {
	e, after, ok := smtp.ParseEnhanced([]byte(strings.ReplaceAll(s, "_", " ")))
	if !ok || s[0] != code[0] {
		return 0, s, false
	}
	return e, string(after), true
}

// answersByAddress does what a local-part says, and reports whether it said something.
func (s *session) answersByAddress(t *turn, step timing.Step, p smtp.Path) bool {
	b, ok := addressed(p.Local)
	if !ok {
		return false
	}
	b.Step = step
	s.loop.Behaved++
	s.misbehave(t, &rule{deed: b.Deed, reply: b.answer(&s.sink.config)})
	return true
}
