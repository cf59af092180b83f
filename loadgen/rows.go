package loadgen

import (
	"sync"
	"sync/atomic"
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/results"
)

// Bounds of the rows that wait to be written: a disk that stands still for a second holds nothing up, and
// the memory stays small.
const (
	rowsPerBatch   = 1024
	batchesWaiting = 128
)

// A row is one slot as the hot path tells it: making words of it is left to the writer.
type row struct {
	slot         int64
	loop, worker int32
	end          record.SlotEnd
}

// rows takes a row for each slot of the run and has a goroutine write them. None is ever lost: when the writer
// is so far behind that no more may wait, the loops wait for it, which is counted; and when rows cannot be
// written at all, failed is called, once.
type rows struct {
	out    *results.RowWriter
	class  func(uint8) string // a class's name
	origin timing.Instant
	failed func(error)

	full   chan []row // to the writer
	empty  chan []row // back from it
	done   chan struct{}
	waited atomic.Int64
	err    error // of the writer; read after done
}

func newRows(out *results.RowWriter, class func(uint8) string, origin timing.Instant, failed func(error)) *rows {
	r := &rows{out: out, class: class, origin: origin, failed: failed,
		full: make(chan []row, batchesWaiting), empty: make(chan []row, batchesWaiting), done: make(chan struct{})}
	go r.write()
	return r
}

// write writes batches until there are no more. After an error it only takes them.
func (r *rows) write() {
	defer close(r.done)
	for batch := range r.full {
		for i := range batch {
			if r.err != nil {
				break
			}
			out := batch[i].row(r.origin)
			out.Class = r.class(batch[i].end.Class)
			r.check(r.out.Write(&out))
		}
		select {
		case r.empty <- batch[:0]:
		default:
		}
	}
	if r.err == nil {
		r.check(r.out.Flush())
	}
}

func (r *rows) check(err error) {
	if err != nil {
		r.err = err
		r.failed(err)
	}
}

// close writes what is left. Nothing may be added any more.
func (r *rows) close() error {
	close(r.full)
	<-r.done
	return r.err
}

// A rowBatch gathers the rows of one loop.
type rowBatch struct {
	rows *rows
	mu   sync.Mutex // the workers of a loop may run at the same time on goroutines
	held []row
}

func (b *rowBatch) add(r row) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil {
		b.held = b.rows.batch()
	}
	b.held = append(b.held, r)
	if len(b.held) == cap(b.held) {
		b.handOver()
	}
}

// handOver gives the batch to the writer.
func (b *rowBatch) handOver() {
	select {
	case b.rows.full <- b.held:
	default:
		began := time.Now()
		b.rows.full <- b.held
		b.rows.waited.Add(int64(time.Since(began)))
	}
	b.held = nil
}

// flush gives an unfinished batch to the writer.
func (b *rowBatch) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.held) > 0 {
		b.handOver()
	}
}

func (r *rows) batch() []row {
	select {
	case b := <-r.empty:
		return b
	default:
		return make([]row, 0, rowsPerBatch)
	}
}

// row puts the slot into words.
func (r *row) row(origin timing.Instant) results.Row {
	since := func(at timing.Instant) time.Duration {
		if at == 0 {
			return results.None
		}
		return at.Sub(origin)
	}
	e := &r.end
	out := results.Row{Slot: r.slot, Due: since(e.Timing.Due), Claimed: since(e.Timing.Claimed), Begun: since(e.Timing.Begun),
		Ended: since(e.Timing.Ended), Outcome: e.Outcome.String(), RecipientsAccepted: e.RecipientsAccepted,
		RecipientsDeferred: e.RecipientsDeferred, RecipientsRejected: e.RecipientsRejected, RecipientsFailed: e.RecipientsFailed,
		Octets: e.Octets, Loop: int(r.loop), Worker: int(r.worker)}
	if !e.Begun {
		out.Begun = results.None
	}
	return out
}
