package sink

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/transport"
)

// A Store takes accepted mail. Deliver is called from several goroutines at once,
// never from one that drives sessions; it may block. It keeps neither m nor what
// m lends. ctx ends when the sink is closed.
type Store interface {
	Deliver(ctx context.Context, m *Message) Verdict
}

// A Verdict is a store's answer to a message: the reply to its content.
type Verdict struct {
	Code     smtp.Code // 2yz: stored; 4yz, 5yz: not
	Enhanced smtp.Enhanced
	Text     string
}

// Stored is the verdict on a message that is now where it should be.
func Stored() Verdict { return Verdict{Code: 250, Enhanced: smtp.MakeEnhanced(2, 0, 0), Text: "Ok"} }

// TryLater is the verdict on a message that could not be stored now.
func TryLater(text string) Verdict {
	return Verdict{Code: 451, Enhanced: smtp.MakeEnhanced(4, 3, 0), Text: text}
}

// Refused is the verdict on a message that will never be stored.
func Refused(text string) Verdict {
	return Verdict{Code: 554, Enhanced: smtp.MakeEnhanced(5, 3, 0), Text: text}
}

// A Message is a mail object on its way to a store: envelope and content.
type Message struct {
	Number      uint64 // of all that this sink gave to its store, from 1
	ID          string // the number as the client is told it
	Client      string // the client's address, without port; a path for a UNIX socket
	HELO        string // what the client called itself
	Forwarded   string // what XFORWARD said of whom the client passes it on for: NAME=value, blanks between
	Login       string // as whom it authenticated; "" is nobody
	Hostname    string // the sink's own name
	ReversePath string // without angle brackets; "" is the null path
	Recipients  []string
	Size        int64  // octets of content
	Protocol    string // as in Received: SMTP, ESMTP or UTF8SMTP (RFC 3848, RFC 6531 section 4.3)

	chunks  [][]byte
	waker   transport.Waker
	state   atomic.Int32
	verdict Verdict
}

// The states of a message with the store.
const (
	pending   = iota
	decided   // verdict is set, and the session will see it
	abandoned // the session has ended
)

// Content returns a reader of the content as it was sent, but for transparency.
// It is valid until Deliver returns.
func (m *Message) Content() io.Reader { return &contentReader{chunks: m.chunks} }

type contentReader struct {
	chunks [][]byte
	at     int // octet of the first chunk
}

// Read implements io.Reader.
func (r *contentReader) Read(p []byte) (int, error) {
	for len(r.chunks) > 0 && r.at == len(r.chunks[0]) {
		r.chunks, r.at = r.chunks[1:], 0
	}
	if len(r.chunks) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.chunks[0][r.at:])
	r.at += n
	return n, nil
}

// WriteTo implements io.WriterTo.
func (r *contentReader) WriteTo(w io.Writer) (sum int64, err error) {
	for len(r.chunks) > 0 && err == nil {
		var n int
		n, err = w.Write(r.chunks[0][r.at:])
		sum += int64(n)
		r.chunks, r.at = r.chunks[1:], 0
	}
	return sum, err
}

// A queue holds the messages that wait for a worker. Each session has one there at
// most, and each message holds memory, so that it needs no bound of its own.
type queue struct {
	mu       sync.Mutex
	changed  sync.Cond
	messages []*Message
	closed   bool
}

// put reports whether the message was taken: not once the queue is closed.
func (q *queue) put(m *Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.messages = append(q.messages, m)
	q.changed.Signal()
	return true
}

// take waits for a message; nil once the queue is closed.
func (q *queue) take() *Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.messages) == 0 && !q.closed {
		q.changed.Wait()
	}
	if q.closed {
		return nil
	}
	m := q.messages[0]
	q.messages[0] = nil
	q.messages = q.messages[1:]
	return m
}

// close returns what was still waiting.
func (q *queue) close() []*Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.messages
	q.messages, q.closed = nil, true
	q.changed.Broadcast()
	return left
}

// startStore starts the workers.
func (k *Sink) startStore() {
	if k.config.Store == nil {
		return
	}
	k.memory = &memory{limit: k.config.StoreMemory}
	k.queue = &queue{}
	k.queue.changed.L = &k.queue.mu
	var ctx context.Context
	ctx, k.cancel = context.WithCancel(context.Background())
	for range k.config.StoreWorkers {
		k.workers.Go(func() {
			for m := k.queue.take(); m != nil; m = k.queue.take() {
				k.conclude(m, k.config.Store.Deliver(ctx, m))
			}
		})
	}
}

// stopWait is how long messages under way may still take when a sink is closed.
const stopWait = 5 * time.Second

// stopStore refuses what has not begun, and waits for what has.
func (k *Sink) stopStore() {
	if k.config.Store == nil {
		return
	}
	for _, m := range k.queue.close() {
		k.conclude(m, TryLater("Shutting down"))
	}
	timer := time.AfterFunc(stopWait, k.cancel)
	k.workers.Wait()
	timer.Stop()
	k.cancel()
}

// conclude gives back the message's memory and tells its session of the verdict.
// Where the session has ended, only the books are left to close.
func (k *Sink) conclude(m *Message, v Verdict) {
	k.memory.give(m.chunks)
	m.chunks, m.verdict = nil, v
	switch {
	case m.state.CompareAndSwap(pending, decided):
		m.waker.Wake()
	case v.Code.Severity() == smtp.PositiveCompletion:
		k.settle(1)
	default:
		k.unclaim()
	}
}
