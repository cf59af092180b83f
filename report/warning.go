package report

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mailmill/results"
)

// A Warning is something that a person would want to know who reads the numbers
// of a run, and what to do about it. It is not a verdict: the numbers stand.
type Warning struct {
	Name   string
	Words  string // what was seen
	Advice string // what to do
}

// kinds is the enumeration of all warnings.
var kinds = []struct {
	name, advice string
	// seen returns what was seen, "" when there is nothing to warn of.
	seen func(*results.Document) string
	// precise returns advice that fits what was seen, "" when there is none better.
	precise func(*results.Document) string
}{
	{"delayed-ack", "Nagle's algorithm waits for a delayed ACK: set TCP_NODELAY on the server; with --quickack the spike goes away", delayedACK, nil},
	{"workers", "raise --concurrency, or what you measure is the queue for a worker", fewWorkers, nil},
	{"open-rate", "raise --open-rate, or --messages-per-session so that a session lasts longer", fewOpenings, nil},
	{"one-refusal", "a limit of the server was met: raise it there", oneRefusal, settingFor},
	{"silence", "look what the server did then: rates and ratios are means over the whole window, that time included", silence, nil},
	{"rows", "write --out to a faster disk, or leave out --raw", rowsWaited, nil},
	{"unpipelined", "leave out --pipeline, or switch PIPELINING on in the server", unpipelined, nil},
	{"withheld", "switch the extension on in the server, or leave out what needs it; --force sends it all the same", withheld, nil},
	{"spent", "raise the limit in the server, or give --limits=false to see what it does beyond it", spent, nil},
	{"closed-early", "look for a limit on errors, on messages a session or on idle time; --messages-per-session keeps below it", closedEarly, nil},
}

// Warnings returns the warnings that a document gives rise to.
func Warnings(d *results.Document) []Warning {
	var found []Warning
	for _, k := range kinds {
		words := k.seen(d)
		if words == "" {
			continue
		}
		w := Warning{k.name, words, k.advice}
		if k.precise != nil {
			w.Advice = cmp.Or(k.precise(d), w.Advice)
		}
		found = append(found, w)
	}
	return found
}

func warnings(d *results.Document) *section {
	s := &section{}
	for _, w := range Warnings(d) {
		s.lines = append(s.lines, line{"warning", w.Words + " → " + w.Advice, doubtful})
	}
	if len(s.lines) == 0 {
		return nil
	}
	return s
}

// The band in which replies come that wait for a delayed ACK, which systems send
// after 40 ms, and what makes it a spike.
const (
	ackFrom, ackTo = 40 * time.Millisecond, 45 * time.Millisecond
	spikeLeast     = 10   // samples
	spikeShare     = 0.01 // of all samples
	spikeFactor    = 3    // over each of the bands beside it
)

func delayedACK(d *results.Document) string {
	for _, s := range d.Steps {
		h, err := s.Latency.Histogram()
		if h == nil || err != nil {
			continue
		}
		bars := h.Distribution()
		in := between(bars, ackFrom, ackTo)
		beside := max(between(bars, 2*ackFrom-ackTo, ackFrom), between(bars, ackTo, 2*ackTo-ackFrom))
		together := max(1, s.Latency.Count/max(1, d.Counts.Begun)) // replies to a group of commands come as one
		if in >= spikeLeast*together && float64(in) >= spikeShare*float64(s.Latency.Count) && in > spikeFactor*beside {
			return fmt.Sprintf("%s of %s took 40 to 45 ms", percent(in, s.Latency.Count), s.Name)
		}
	}
	return ""
}

func between(bars []hdrhistogram.Bar, from, to time.Duration) (n int64) {
	for _, b := range bars {
		if b.From >= int64(from) && b.From < int64(to) {
			n += b.Count
		}
	}
	return n
}

// peakShare is how far the highest rate lies above the mean before it is worth a word: a constant one
// differs from its mean by a slot at the edge of the window.
const peakShare = 0.05

func rowsWaited(d *results.Document) string {
	if d.Generator.RowsWaited == 0 {
		return ""
	}
	return "the load waited " + duration(d.Generator.RowsWaited) + " for rows to be written: latencies hold that wait"
}

// fewWorkers uses Little's law: slots in flight = rate × service. Of a rate that changes the highest
// counts, since there are no more workers for that.
func fewWorkers(d *results.Document) string {
	l := d.Latency.Service
	offered, highest := d.Rates.Offered, ""
	if peak := d.Load.Peak(d.Window); peak > offered*(1+peakShare) {
		offered, highest = peak, " at the highest"
	}
	if d.Rates.Offered == 0 || d.Load.Workers == 0 || l.Size() == 0 || l.Count == 0 {
		return ""
	}
	needed := func(service time.Duration) int { return int(math.Ceil(offered * service.Seconds())) }
	words := func(n int, what string, service time.Duration) string {
		return fmt.Sprintf("%s/s%s × %s of service, %s, keeps %s busy; there are %d", rate(offered), highest, what, duration(service), plural(int64(n), "worker"), d.Load.Workers)
	}
	if n := needed(l.Mean); n > d.Load.Workers {
		return words(n, "the mean", l.Mean)
	}
	if v, _, ok := l.Percentile("99"); ok && needed(v) > d.Load.Workers {
		return words(needed(v), "the p99", v)
	}
	return ""
}

// openShare is how near the sessions opened come to their limit before it is met.
const openShare = 0.95

// fewOpenings sees an open loop that had to wait for the rate at which sessions may be opened.
func fewOpenings(d *results.Document) string {
	l, length := d.Load, d.Window.SteadyEnd.Seconds()
	limit := l.OpenRate
	if l.Share != nil {
		limit /= float64(max(1, l.Share.N))
	}
	if l.Model != results.Open || limit == 0 || length == 0 || float64(d.Counts.Sessions) < openShare*limit*length {
		return ""
	}
	return fmt.Sprintf("as many sessions were opened as might be, %s a second, and messages waited for them", rate(limit))
}

func closedEarly(d *results.Document) string {
	var n int64
	for _, f := range d.Faults {
		if f.Kind == "closed" {
			n += f.Count
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("the server closed %s without the reply that was due", plural(n, "session"))
}

func unpipelined(d *results.Document) string {
	n := d.Counts.SessionsUnpipelined
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("pipelining was asked for, and %s of %s had none: the server does not offer it", grouped(n), plural(d.Counts.Sessions, "session"))
}

// withheld tells of messages that were not sent, with the reason of most of them.
func withheld(d *results.Document) string {
	var n, most int64
	why := ""
	for _, f := range d.Faults {
		if f.Kind != "not-offered" || f.Step != "mail" {
			continue
		}
		if n += f.Count; f.Count > most {
			most, why = f.Count, f.Example
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s not sent: %s", plural(n, "message"), why)
}

func spent(d *results.Document) string {
	n := d.Counts.SessionsSpent
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s ended because the server takes no more messages in one (LIMITS MAILMAX)", plural(n, "session"))
}
