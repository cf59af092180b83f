package report

import (
	"fmt"

	"mailmill/results"
)

// idle is about sessions that are in no other section.
func idle(d *results.Document) *section {
	i := d.Idle
	if i == nil {
		return nil
	}
	words := fmt.Sprintf("%s beside what was measured (--idle-sessions): opened %s times, refused %s, lost %s",
		plural(int64(i.Wanted), "session"), grouped(i.Opened), grouped(i.Refused), grouped(i.Lost))
	if n := i.NOOP.Size(); n > 0 {
		words += fmt.Sprintf("; %s, p50 %s, p99 %s, at most %s", plural(n, "NOOP"), percentile(i.NOOP, "50"), percentile(i.NOOP, "99"), maximum(i.NOOP))
	}
	return &section{lines: []line{{"IDLE", words, heading}}}
}
