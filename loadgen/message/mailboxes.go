package message

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"mailmill/loadgen/smtp"
)

// mailboxes are the addresses of a reverse-path or of forward-paths: patterns, a list,
// or numbered ones.
type mailboxes struct {
	fixed    []string // where none has a field
	patterns []pattern
	count    int
	order    orderKind
	odds     lottery
	key      key
	utf8     bool // some need SMTPUTF8
}

// A mailboxList is what a setting of addresses says.
type mailboxList struct {
	texts   []string
	weights []float64 // nil: all alike
}

// CheckMailboxes tells what is wrong with addresses as From and To are written. A file
// is looked at in [New].
func CheckMailboxes(s string) error {
	if s == "@" {
		return errors.New("@ without a file; write @FILE, with an address in each line")
	}
	if strings.HasPrefix(s, "@") {
		return nil
	}
	texts := splitMailboxes(s)
	if err := checkGaps(texts); err != nil {
		return err
	}
	for _, text := range texts {
		p, err := parsePattern(text, addressFields, true)
		if err == nil {
			p = (&binder{name: "class"}).bind(p)
			err = p.checkMailbox(&Mail{class: &class{domains: domains{names: []string{"example.com"}}}})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkGaps refuses a list with a comma too many.
func checkGaps(texts []string) error {
	if len(texts) > 1 && slices.Contains(texts, "") {
		return errors.New("a list with nothing between two commas, or behind the last one")
	}
	return nil
}

// Distinct tells whether addresses as To is written are so many, or have a field, that
// the recipients of a message need not be one and the same.
func Distinct(s string) bool {
	return strings.HasPrefix(s, "@") || strings.Contains(strings.ReplaceAll(s, "{{", ""), "{") || len(splitMailboxes(s)) > 1
}

// Listed tells whether addresses as From and To are written are a list, of which some
// order can take one after the other.
func Listed(s string) bool {
	if strings.HasPrefix(s, "@") || len(splitMailboxes(s)) > 1 {
		return true
	}
	p, _ := parsePattern(s, addressFields, true)
	return slices.ContainsFunc(p, func(q part) bool { return q.kind == member })
}

// splitMailboxes splits a list at its commas, but for those in a quoted local part.
func splitMailboxes(s string) []string {
	var texts []string
	quoted, from := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			texts = append(texts, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(texts, strings.TrimSpace(s[from:]))
}

// readMailboxes reads addresses as a setting has them: one pattern, several with commas
// between them, or @FILE with one a line, which may have a comma and a weight behind it.
func readMailboxes(s string) (mailboxList, error) {
	file, ok := strings.CutPrefix(s, "@")
	if !ok {
		texts := splitMailboxes(s)
		return mailboxList{texts: texts}, checkGaps(texts)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return mailboxList{}, err
	}
	var l mailboxList
	for i, row := range rowsOf(string(text)) {
		switch {
		case i == 0 && !strings.Contains(row.cell, "@"):
			continue // a heading
		case row.err != nil:
			return l, fmt.Errorf("%s:%d: %w", file, row.line, row.err)
		case row.weighted && l.weights == nil:
			l.weights = slices.Repeat([]float64{1}, len(l.texts))
		}
		if err := smtp.CheckMailbox(row.cell, true); err != nil && !strings.Contains(row.cell, "{") {
			return l, fmt.Errorf("%s:%d: %w", file, row.line, err)
		}
		l.texts = append(l.texts, row.cell)
		if l.weights != nil {
			l.weights = append(l.weights, row.weight)
		}
	}
	if len(l.texts) == 0 {
		return l, fmt.Errorf("%s: no addresses in it", file)
	}
	return l, nil
}

// maxDrawn bounds the mailboxes that are drawn: Zipf's law keeps odds for each of them.
const maxDrawn = 10_000_000

// mailboxes makes the addresses of a setting.
func (b *binder) mailboxes(s string, order Order, what purpose) (mailboxes, error) {
	list, err := readMailboxes(s)
	if err != nil {
		return mailboxes{}, err
	}
	a := mailboxes{order: order.kind, key: b.run.key(b.class, what), count: len(list.texts)}
	for _, text := range list.texts {
		p, err := parsePattern(text, addressFields, len(list.texts) == 1)
		if err != nil {
			return a, err
		}
		a.utf8 = a.utf8 || !isASCII(text)
		a.add(b.bind(p), text)
	}
	if i := slices.IndexFunc(a.patterns[0], func(p part) bool { return p.kind == member }); i >= 0 {
		a.count = int(min(a.patterns[0][i].span, math.MaxInt))
	}
	a.settle()
	return a, a.weigh(s, list, order)
}

// weigh makes the odds of mailboxes that are not all drawn alike.
func (a *mailboxes) weigh(s string, list mailboxList, order Order) error {
	switch {
	case list.weights != nil && order.kind != atRandom:
		return fmt.Errorf("%s has weights, and the order is %s; take them at random, or leave the weights out", s, order)
	case list.weights != nil && slices.Max(list.weights) <= 0:
		return fmt.Errorf("%s: all weights are 0", s)
	case list.weights != nil:
		a.odds = newLottery(list.weights)
	case a.drawn() && a.count > maxDrawn:
		return fmt.Errorf("%q: %d mailboxes; %s draws from up to %d", s, a.count, order, maxDrawn)
	case order.kind == byZipf:
		a.odds = newLottery(zipfWeights(a.count, order.zipf))
	}
	return nil
}

func (a *mailboxes) add(p pattern, text string) {
	if len(p) == 1 && p[0].kind == fixed {
		text = p[0].plain
	}
	a.fixed, a.patterns = append(a.fixed, text), append(a.patterns, p)
}

// settle keeps what is needed: the texts, if none of the mailboxes has a field.
func (a *mailboxes) settle() {
	if slices.ContainsFunc(a.patterns, pattern.varies) {
		a.fixed = nil
		return
	}
	a.patterns = nil
}

// varies tells whether a pattern has a field.
func (p pattern) varies() bool {
	return slices.ContainsFunc(p, func(q part) bool { return q.kind != fixed })
}

// drawn tells whether mailboxes are drawn from several.
func (a *mailboxes) drawn() bool { return a.order != inTurn && a.count > 1 }

// index is which mailbox number n gets.
func (a *mailboxes) index(n int64) int {
	switch {
	case a.count == 1:
		return 0
	case a.odds != nil:
		return a.odds.pick(a.key.draw(n))
	case a.order == atRandom:
		return int(scale(a.key.draw(n), uint64(a.count)))
	}
	return int(uint64(n) % uint64(a.count))
}

// append appends a mailbox.
func (a *mailboxes) append(dst []byte, at place) []byte {
	if a.fixed != nil {
		return append(dst, a.fixed[at.member]...)
	}
	if len(a.patterns) == 1 {
		return a.patterns[0].append(dst, at)
	}
	return a.patterns[at.member].append(dst, at)
}

// length is the length of what append appends.
func (a *mailboxes) length(at place) int {
	if a.fixed != nil {
		return len(a.fixed[at.member])
	}
	if len(a.patterns) == 1 {
		return a.patterns[0].length(at)
	}
	return a.patterns[at.member].length(at)
}

// checkMailbox checks the shortest and the longest mailbox of a pattern.
func (p pattern) checkMailbox(m *Mail) error {
	for _, n := range []int64{0, math.MaxInt64} {
		at := place{m: m, number: n}
		for _, q := range p {
			if q.kind == member && n > 0 {
				at.member = int(q.span - 1)
			}
		}
		if err := smtp.CheckMailbox(string(p.append(nil, at)), true); err != nil {
			return err
		}
	}
	return nil
}

// check checks every mailbox, under every domain.
func (a *mailboxes) check(k *class) error {
	patterns := a.patterns
	for _, text := range a.fixed {
		if err := smtp.CheckMailbox(text, true); err != nil {
			return err
		}
	}
	for _, name := range k.domains.names {
		one := class{domains: domains{names: []string{name}}}
		for _, p := range patterns {
			if err := p.checkMailbox(&Mail{class: &one}); err != nil {
				return err
			}
		}
	}
	return nil
}
