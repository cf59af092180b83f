package report

import (
	"fmt"
	"time"

	"mailmill/results"
)

// What makes seconds without an accepted message worth a word: so long, and so many messages that the other seconds
// would have had in that time.
const (
	leastSilence = 2 * time.Second
	leastMissed  = 10
)

// silence sees the longest stretch of whole seconds in which nothing was accepted though something was under way, due
// or failed. One that is no longer than the service of some message is that of slow messages, not of the server.
func silence(d *results.Document) string {
	seconds := d.Steady()
	var accepted, from, to int
	for i, begin := 0, 0; i < len(seconds); i++ {
		accepted += int(seconds[i].AcceptedEnded)
		if !silent(seconds[i]) {
			begin = i + 1
		} else if i+1-begin > to-from {
			from, to = begin, i+1
		}
	}
	others := len(seconds) - (to - from)
	length := time.Duration(to-from) * time.Second
	if length < leastSilence || accepted == 0 || accepted*(to-from) < leastMissed*others {
		return ""
	}
	if s := d.Latency.Service; s != nil && length <= s.Max {
		return ""
	}
	begin := seconds[from].Start
	return fmt.Sprintf("nothing was accepted from %s to %s", duration(begin), duration(begin+length))
}

// silent tells a second in which nothing was accepted, and not for want of messages.
func silent(i results.Interval) bool {
	return i.AcceptedEnded == 0 && i.InFlight+i.Backlog+i.Failed+i.Unknown+i.Deferred+i.Rejected > 0
}
