package results

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Row is one slot of the run. Instants are since time 0 of the run, and can lie
// before it: an open loop claims slots ahead.
type Row struct {
	Slot  int64
	Class string // of traffic; empty where the run has but one
	// Due is when the slot was due, Claimed when a worker took it, Begun when that
	// began, Ended when the reply that decided it was complete, or when it was
	// given up. Those that never came are None.
	Due, Claimed, Begun, Ended time.Duration
	Outcome                    string
	// Recipients by their replies; those that failed had none.
	RecipientsAccepted, RecipientsDeferred, RecipientsRejected, RecipientsFailed int
	Octets                                                                       int64 // of content
	Loop, Worker                                                                 int   // -1: none
}

// None stands for an instant that never came.
const None time.Duration = math.MinInt64

// rowHeader names the columns of raw rows, in their order.
const rowHeader = "slot,class,due_ns,claimed_ns,begun_ns,ended_ns,outcome," +
	"recipients_accepted,recipients_deferred,recipients_rejected,recipients_failed,octets,loop,worker"

// A RowWriter writes rows as CSV (RFC 4180, but with LF at the end of a line): a
// header with the names of the columns, then a line for each row.
//
//	slot                 number in the whole run, from 0
//	class                of traffic; empty where the run has but one
//	due_ns, claimed_ns   instants in nanoseconds from time 0 of the run, as in the
//	begun_ns, ended_ns   document; empty: that never came. ended_ns of a slot that
//	                     came to no reply is when it was given up
//	outcome              accepted, deferred, rejected, failed, unknown, dropped, unfinished
//	recipients_…         how many were accepted, deferred, rejected, or failed: had no reply
//	octets               of content that were sent
//	loop, worker         event loop of the process, worker of the whole run; an
//	                     empty worker: none ever took the slot
//
// Rows stand in the order in which they were written, which is not that of their
// slots: sort by the first column. Rows of several processes are put together by
// leaving out the later headers.
type RowWriter struct {
	w      io.Writer
	buffer []byte
	begun  bool
}

// rowBlock is how much is written at once, in octets.
const rowBlock = 64 << 10

// NewRowWriter returns a RowWriter on w.
func NewRowWriter(w io.Writer) *RowWriter { return &RowWriter{w: w} }

// Write writes one row, sooner or later.
func (w *RowWriter) Write(r *Row) error {
	w.begin()
	w.buffer = r.append(w.buffer)
	if len(w.buffer) < rowBlock {
		return nil
	}
	return w.Flush()
}

// Flush writes what was kept back; of no row at all, the header.
func (w *RowWriter) Flush() error {
	w.begin()
	_, err := w.w.Write(w.buffer)
	w.buffer = w.buffer[:0]
	return err
}

func (w *RowWriter) begin() {
	if !w.begun {
		w.begun = true
		w.buffer = append(w.buffer, rowHeader+"\n"...)
	}
}

func (r *Row) append(line []byte) []byte {
	line = strconv.AppendInt(line, r.Slot, 10)
	line = append(line, ',')
	line = append(line, field(r.Class)...)
	for _, at := range [...]time.Duration{r.Due, r.Claimed, r.Begun, r.Ended} {
		line = append(line, ',')
		if at != None {
			line = strconv.AppendInt(line, int64(at), 10)
		}
	}
	line = append(append(line, ','), r.Outcome...)
	for _, n := range [...]int{r.RecipientsAccepted, r.RecipientsDeferred, r.RecipientsRejected, r.RecipientsFailed} {
		line = strconv.AppendInt(append(line, ','), int64(n), 10)
	}
	line = strconv.AppendInt(append(line, ','), r.Octets, 10)
	for _, n := range [...]int{r.Loop, r.Worker} {
		line = append(line, ',')
		if n >= 0 {
			line = strconv.AppendInt(line, int64(n), 10)
		}
	}
	return append(line, '\n')
}

// field quotes a text where CSV needs it.
func field(text string) string {
	if !strings.ContainsAny(text, ",\"\r\n") {
		return text
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write([]string{text}) // a Builder takes everything
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}
