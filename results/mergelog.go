package results

import (
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A LogSource is the interval log of a document that was merged.
type LogSource struct {
	File string // for words
	Log  *LogReader
}

// MergeLogs adds the interval logs of all of the documents that d was merged from,
// writes the sum to w, and draws the percentiles of d's seconds from it. It reads
// a second at a time. A log that cannot be read, or does not hold what the documents
// say, is a *MergeError; other errors are w's.
func (d *Document) MergeLogs(w *LogWriter, in []LogSource) error {
	if err := w.Start(d.Window.Origin); err != nil {
		return err
	}
	m := logMerging{in: in, heads: make([]*LogSecond, len(in))}
	for i := range in {
		if err := m.advance(i); err != nil {
			return err
		}
	}
	for second := range d.Intervals {
		sum, err := m.second(second)
		if err != nil {
			return err
		}
		in := &d.Intervals[second]
		if !in.Response.holds(sum.Response) || !in.Service.holds(sum.Service) {
			return unmergeable("the interval logs do not belong to the documents: second %d has %d accepted slots in the documents, and %d in the logs",
				second, in.Response.Count, values(sum.Response))
		}
		if sum.Response == nil {
			continue
		}
		in.Response.draw(sum.Response)
		in.Service.draw(sum.Service)
		if err := w.Second(second, sum.Response, sum.Service); err != nil {
			return err
		}
	}
	return m.over()
}

// A logMerging reads several logs side by side.
type logMerging struct {
	in    []LogSource
	heads []*LogSecond // the next second of each; nil at its end
}

// advance reads the next second of a log.
func (m *logMerging) advance(i int) error {
	s, err := m.in[i].Log.Next()
	switch {
	case err == io.EOF:
		m.heads[i] = nil
	case err != nil:
		return unmergeable("%s: %w", m.in[i].File, err)
	default:
		m.heads[i] = &s
	}
	return nil
}

// second returns the sum of a second over all logs; no histograms if none has it.
func (m *logMerging) second(second int) (sum LogSecond, err error) {
	for i, head := range m.heads {
		if head == nil || head.Second != second {
			continue
		}
		if sum.Response, err = addHistogram(sum.Response, head.Response); err == nil {
			sum.Service, err = addHistogram(sum.Service, head.Service)
		}
		if err != nil {
			return sum, unmergeable("%s: second %d: %w", m.in[i].File, second, err)
		}
		if err := m.advance(i); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// over holds that every log has been read to its end.
func (m *logMerging) over() error {
	for i, head := range m.heads {
		if head != nil {
			return unmergeable("%s does not belong to the documents: they have no second %d", m.in[i].File, head.Second)
		}
	}
	return nil
}

func values(h *hdrhistogram.Histogram) int64 {
	if h == nil {
		return 0
	}
	return h.TotalCount()
}

// holds tells whether h has as many values as the second.
func (s *Spread) holds(h *hdrhistogram.Histogram) bool { return values(h) == s.Count }

// draw sets the percentiles to those of h: of rank ⌈p·N⌉, to the end of its bucket,
// and never more than the exact maximum.
func (s *Spread) draw(h *hdrhistogram.Histogram) {
	bars := h.Distribution()
	for _, row := range []struct {
		p  Percentile
		at *time.Duration
	}{{"50", &s.P50}, {"90", &s.P90}, {"99", &s.P99}} {
		rank := row.p.Rank(s.Count)
		*row.at = s.Max
		if rank >= s.Count {
			continue // exact, and the only one that can lie beyond the histogram's range
		}
		for _, bar := range bars {
			if rank -= bar.Count; rank <= 0 {
				*row.at = min(time.Duration(bar.To), s.Max)
				break
			}
		}
	}
}
