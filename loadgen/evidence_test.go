package loadgen

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/profiles"
	"mailmill/results"
)

// The library's own reader finds in the interval log what the document says of each second.
func TestTheIntervalLogIsThatOfTheDocument(t *testing.T) {
	var log bytes.Buffer
	s := scenario{plan: func(p *profiles.Plan) { p.Rate, p.Duration = 40, 5*time.Second },
		answer: func(m moment) answer { return answer{after: time.Duration(max(0, m.slot)%17) * time.Millisecond} }}
	s.options.Log = results.NewLogWriter(&log)
	d := s.play(t).document
	r := hdrhistogram.NewHistogramLogReader(&log)
	for i := range d.Intervals {
		for _, tagged := range []struct {
			tag  string
			want results.Spread
		}{{"response", d.Intervals[i].Response}, {"service", d.Intervals[i].Service}} {
			h, err := r.NextIntervalHistogram()
			if err != nil || h == nil {
				t.Fatalf("second %d of %s is not there: %v", i, tagged.tag, err)
			}
			begin := d.Window.Origin.Add(time.Duration(i) * time.Second).UnixMilli()
			if h.Tag() != tagged.tag || h.StartTimeMs() < begin-1 || h.StartTimeMs() > begin+1 {
				t.Errorf("second %d of %s is tagged %s and begins at %d, want %d", i, tagged.tag, h.Tag(), h.StartTimeMs(), begin)
			}
			// The document knows the exact maximum, where the log has the end of its bucket.
			most := tagged.want.Max
			got := results.Spread{Count: h.TotalCount(), P50: min(ranked(h, "50"), most), P90: min(ranked(h, "90"), most),
				P99: min(ranked(h, "99"), most), Max: min(time.Duration(h.Max()), most)}
			if got != tagged.want {
				t.Errorf("second %d of %s has %+v in the log and %+v in the document", i, tagged.tag, got, tagged.want)
			}
		}
	}
	if h, err := r.NextIntervalHistogram(); h != nil || err != nil {
		t.Errorf("the log goes on after the last second: %v, %v", h, err)
	}
}

// ranked is the value of rank ⌈p·N⌉. The library's own percentiles are of the nearest rank.
func ranked(h *hdrhistogram.Histogram, p results.Percentile) time.Duration {
	rank := p.Rank(h.TotalCount())
	for _, bar := range h.Distribution() {
		if rank -= bar.Count; rank <= 0 {
			return time.Duration(bar.To)
		}
	}
	return 0
}

// Every slot has its row, also those that were dropped, were cut off, or that no worker ever saw.
func TestEverySlotHasARow(t *testing.T) {
	for _, row := range []struct {
		when string
		plan func(*profiles.Plan)
		// outcomes of which there must be some, in the document and in the rows
		some []string
	}{
		{"two workers are too few, and what is late is dropped", func(p *profiles.Plan) {
			p.Concurrency, p.MaxLateness = 2, profiles.Limit{Set: true, Most: 30 * time.Millisecond}
		}, []string{"accepted", "dropped"}},
		{"two workers are too few, and the drain is short", func(p *profiles.Plan) { p.Concurrency, p.Drain = 2, 50*time.Millisecond },
			[]string{"accepted", "unfinished"}},
	} {
		var rows bytes.Buffer
		s := scenario{answer: func(m moment) answer { return answer{after: 10 * time.Millisecond} }}
		s.plan = func(p *profiles.Plan) { p.Rate, p.Messages = 100, 200; row.plan(p) }
		s.options.Rows = results.NewRowWriter(&rows)
		d := s.play(t).document
		all := table(t, &rows)
		slices.SortFunc(all, func(a, b []string) int { return slot(t, a) - slot(t, b) })
		count := map[string]int64{}
		for i, r := range all {
			count[r[6]]++
			if slot(t, r) != i || r[2] != fmt.Sprint(int64(i)*1e7) {
				t.Fatalf("when %s, row %d is of slot %s, due at %s", row.when, i, r[0], r[2])
			}
			if begun := r[4] != ""; begun && r[3] == "" || r[6] == "accepted" && !begun || r[6] == "dropped" && begun {
				t.Errorf("when %s, slot %d was claimed at %q, begun at %q, and is %s", row.when, i, r[3], r[4], r[6])
			}
		}
		want := map[string]int64{"accepted": d.Counts.Accepted, "dropped": d.Counts.Dropped, "unfinished": d.Counts.Unfinished}
		for outcome, n := range want {
			if count[outcome] != n || n == 0 && slices.Contains(row.some, outcome) {
				t.Errorf("when %s, %d rows are %s, and %d slots of the document", row.when, count[outcome], outcome, n)
			}
		}
		if len(all) != 200 {
			t.Errorf("when %s, there are %d rows of 200 slots", row.when, len(all))
		}
	}
}

// full is a disk that takes so many octets.
type full int64

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(b), nil
}

func TestWhatCannotBeWrittenEndsTheRun(t *testing.T) {
	for _, row := range []struct {
		what  string
		to    func(*Options, io.Writer)
		room  full
		slots int64 // so few that all are sent before it is known
		says  string
	}{
		{"the log's header", func(o *Options, w io.Writer) { o.Log = results.NewLogWriter(w) }, 0, 0, "the interval log could not be written"},
		{"the log's seconds", func(o *Options, w io.Writer) { o.Log = results.NewLogWriter(w) }, 5000, 0, "the interval log could not be written"},
		{"rows", func(o *Options, w io.Writer) { o.Rows = results.NewRowWriter(w) }, 100_000, 0, "the rows of the run could not be written"},
		{"the last rows", func(o *Options, w io.Writer) { o.Rows = results.NewRowWriter(w) }, 200, 5, "the rows of the run could not be written"},
	} {
		s := scenario{plan: func(p *profiles.Plan) { p.Rate, p.Messages = 200, cmp.Or(row.slots, 120_000) }}
		row.to(&s.options, &row.room)
		st, err := s.perform(t)
		if err == nil || !strings.Contains(err.Error(), row.says) || !strings.Contains(err.Error(), "no space left on device") {
			t.Errorf("when %s cannot be written, the error is %v, want %q", row.what, err, row.says)
			continue
		}
		if st.document == nil || st.document.Books() != nil {
			t.Errorf("when %s cannot be written, the document is %+v", row.what, st.document)
		} else if row.slots == 0 && (st.document.Verdict.End != results.EndUnwritten || st.document.Counts.Intended == 120_000) {
			t.Errorf("when %s cannot be written, the run ended %q after %d slots", row.what, st.document.Verdict.End, st.document.Counts.Intended)
		}
	}
}

// A slow disk writes so many octets and then waits to be told.
type slow struct {
	bytes.Buffer
	writes atomic.Int64
	goOn   chan struct{}
}

func (s *slow) Write(b []byte) (int, error) {
	if s.writes.Add(1) == 1 {
		<-s.goOn
	}
	return s.Buffer.Write(b)
}

// No row is dropped for a disk that stands still: the loop waits once all that may wait does, and says how long.
func TestALoopWaitsForItsRows(t *testing.T) {
	disk := &slow{goOn: make(chan struct{})}
	r := newRows(results.NewRowWriter(disk), nameless, 0, func(error) {})
	batch := &rowBatch{rows: r}
	const n = (batchesWaiting + 16) * rowsPerBatch // some are in the writer's hands
	added := make(chan struct{})
	go func() {
		defer close(added)
		for i := range n {
			batch.add(row{slot: int64(i), end: record.SlotEnd{Outcome: timing.Accepted}})
		}
	}()
	for len(r.full) < batchesWaiting {
		time.Sleep(time.Millisecond)
	}
	select {
	case <-added:
		t.Errorf("%d rows were taken by a disk that stands still", n)
	case <-time.After(20 * time.Millisecond):
	}
	close(disk.goOn)
	<-added
	batch.flush()
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	if waited := time.Duration(r.waited.Load()); waited <= 0 {
		t.Errorf("the loop waited %v", waited)
	}
	if got := len(table(t, &disk.Buffer)); got != n {
		t.Errorf("%d rows are written of %d", got, n)
	}
}

func TestRowsOfManyWorkersAtOnce(t *testing.T) {
	var out bytes.Buffer
	r := newRows(results.NewRowWriter(&out), nameless, 0, func(error) {})
	batch := &rowBatch{rows: r}
	const workers, each = 8, 3000
	done := make(chan struct{})
	for w := range workers {
		go func() {
			for i := range each {
				batch.add(row{slot: int64(w*each + i)})
			}
			done <- struct{}{}
		}()
	}
	for range workers {
		<-done
	}
	batch.flush()
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	seen := make([]bool, workers*each)
	for _, row := range table(t, &out) {
		seen[slot(t, row)] = true
	}
	if missing := slices.Index(seen, false); missing >= 0 {
		t.Errorf("slot %d has no row", missing)
	}
}

// nameless is the class of a run that has but one.
func nameless(uint8) string { return "" }
