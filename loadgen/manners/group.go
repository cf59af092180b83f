package manners

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// A Group is clients of one manner.
type Group struct {
	Manner
	// Clients is how many there are; 0 where Percent says it.
	Clients int
	// Percent is how many there are for each hundred workers.
	Percent float64
}

// The most that a group can ask for: it is a thousandfold of the workers in per cent, and as many as there
// can be workers.
const (
	mostPercent = 100_000
	mostClients = 1_000_000
)

var errShare = errors.New("the share is neither a count from 1 on nor a percentage above 0; write @3 or @5%")

// ParseGroup reads a manner and, behind it, how many clients have it: "@3" is three, "@5%" five for
// each hundred workers, and none is one.
func ParseGroup(s string) (Group, error) {
	name, share, given := strings.Cut(s, "@")
	m, err := ParseManner(strings.TrimSpace(name))
	if err != nil {
		return Group{}, err
	}
	g := Group{Manner: m, Clients: 1}
	if !given {
		return g, nil
	}
	if number, ok := strings.CutSuffix(share, "%"); ok {
		g.Clients = 0
		g.Percent, err = strconv.ParseFloat(number, 64)
		if err != nil || !(g.Percent > 0 && g.Percent <= mostPercent) {
			return Group{}, errShare
		}
		return g, nil
	}
	if g.Clients, err = strconv.Atoi(share); err != nil || g.Clients < 1 || g.Clients > mostClients {
		return Group{}, errShare
	}
	return g, nil
}

// String writes the group as ParseGroup reads it.
func (g Group) String() string {
	if g.Clients > 0 {
		return g.Manner.String() + "@" + strconv.Itoa(g.Clients)
	}
	return g.Manner.String() + "@" + strconv.FormatFloat(g.Percent, 'f', -1, 64) + "%"
}

// Count returns how many clients the group has beside so many workers: a percentage is rounded up, so
// that there is at least one.
func (g Group) Count(workers int) int {
	if g.Clients > 0 {
		return g.Clients
	}
	return max(1, int(math.Ceil(g.Percent*float64(workers)/100)))
}

// Count returns how many clients several groups have together.
func Count(groups []Group, workers int) (clients int) {
	for _, g := range groups {
		clients += g.Count(workers)
	}
	return clients
}
