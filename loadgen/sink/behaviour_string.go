package sink

import (
	"strconv"
	"strings"

	"mailmill/loadgen/smtp"
)

// String returns the behaviour in the grammar of ParseBehaviour.
func (b Behaviour) String() string {
	s := b.Step.String() + ": " + b.deed()
	if b.For != "" {
		s += " for " + b.For
	}
	if b.Above > 0 {
		s += " above " + strconv.FormatFloat(b.Above, 'f', -1, 64) + "/s"
	}
	if b.PerSource {
		s += " per source"
	}
	if b.First > 0 {
		s += " first " + strconv.FormatInt(b.First, 10)
	}
	if b.Every > 0 {
		s += " every " + strconv.FormatInt(b.Every, 10)
	}
	if b.Odds != 1 {
		s += " " + strconv.FormatFloat(b.Odds*100, 'g', -1, 64) + "%"
	}
	return s
}

func (b Behaviour) deed() string {
	switch {
	case b.Deed >= numDeeds:
		return "deed " + strconv.Itoa(int(b.Deed))
	case b.Deed == Delay && b.Least == b.Most, b.Deed == Dribble:
		return b.Deed.String() + " " + b.Least.String()
	case b.Deed == Delay:
		return "delay " + b.Least.String() + ".." + b.Most.String()
	case b.Deed == Certificate:
		return b.Deed.String() + " " + b.Text
	case b.Deed != Answer:
		return b.Deed.String()
	}
	s := strconv.Itoa(int(b.Code))
	if b.Early {
		s = "early " + s
	}
	if b.Enhanced != 0 {
		s += " " + b.Enhanced.String()
	}
	if b.Text != "" {
		s += " " + quotedText(b.Text)
	}
	return s
}

// quotedText puts a text into quotes where it would be read as something else without.
func quotedText(text string) string {
	p := behaviourParser{s: text}
	var b Behaviour
	p.limits(&b)
	_, _, isEnhanced := smtp.ParseEnhanced([]byte(text))
	if p.s != text || isEnhanced || text != strings.TrimSpace(text) || strings.ContainsAny(text, "\"\n\t") {
		return strconv.Quote(text)
	}
	return text
}
