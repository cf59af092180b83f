package message

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailmill/loadgen/smtp"
)

// domains are those that {domain} stands for.
type domains struct {
	names []string
	odds  lottery
	key   key
}

// CheckDomains tells what is wrong with a list of domains, "a.example=3,b.example=1".
func CheckDomains(s string) error {
	_, _, err := parseDomains(s)
	return err
}

func parseDomains(s string) (names []string, weights []float64, err error) {
	for item := range strings.SplitSeq(s, ",") {
		name, text, weighted := strings.Cut(strings.TrimSpace(item), "=")
		if _, rest, err := smtp.ParseDomain([]byte(name), true); err != nil || len(rest) > 0 {
			return nil, nil, fmt.Errorf("%q is no domain; write a.example=3,b.example=1", name)
		}
		weight := 1.0
		if weighted {
			if weight, err = parseWeight(text); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		names, weights = append(names, name), append(weights, weight)
	}
	if slices.Max(weights) <= 0 {
		return nil, nil, errors.New("all weights are 0")
	}
	return names, weights, nil
}

// domains makes the domains of a setting; "" is example.com.
func (b *binder) domains(s string) (domains, error) {
	if s == "" {
		s = "example.com"
	}
	names, weights, err := parseDomains(s)
	if err != nil {
		return domains{}, err
	}
	return domains{names, newLottery(weights), b.run.key(b.class, drawDomain)}, nil
}

// pick is the domain of mailbox number n.
func (d *domains) pick(n int64) string {
	if len(d.names) == 1 {
		return d.names[0]
	}
	return d.names[d.odds.pick(d.key.draw(n))]
}
