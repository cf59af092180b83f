package sink

import (
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"mailmill/loadgen/smtp"
)

// An arrivalLog writes a line for each message whose content has come, and for each path that
// was refused before. Sessions append to it without ever waiting for the writer, which has a goroutine of its own.
type arrivalLog struct {
	to   io.Writer
	done chan struct{}

	mu      sync.Mutex
	changed sync.Cond
	pending []byte
	spare   []byte
	lost    uint64 // lines for which there was no room
	err     error
	closed  bool
}

// maxPending is how many octets wait to be written at most. More are lost, and counted.
const maxPending = 16 << 20

func newArrivalLog(to io.Writer) *arrivalLog {
	if to == nil {
		return nil
	}
	l := &arrivalLog{to: to, done: make(chan struct{})}
	l.changed.L = &l.mu
	go l.write()
	return l
}

// write passes on what is pending until the log is closed.
func (l *arrivalLog) write() {
	defer close(l.done)
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		for len(l.pending) == 0 && !l.closed {
			l.changed.Wait()
		}
		if len(l.pending) == 0 {
			return
		}
		lines := l.pending
		l.pending = l.spare[:0]
		l.mu.Unlock()
		_, err := l.to.Write(lines)
		l.mu.Lock()
		l.spare = lines
		if l.err == nil {
			l.err = err
		}
	}
}

// close writes what is left, and returns the first fault of the writer.
func (l *arrivalLog) close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	l.closed = true
	l.changed.Signal()
	l.mu.Unlock()
	<-l.done
	return l.err
}

// losses returns how many lines were lost.
func (l *arrivalLog) losses() uint64 {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// add appends what build appends, if there is room.
func (l *arrivalLog) add(build func(dst []byte) []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) > maxPending || l.closed {
		l.lost++
		return
	}
	l.pending = build(l.pending)
	l.changed.Signal()
}

// logArrival writes down the message whose content has come, with the reply to it.
func (s *session) logArrival(code smtp.Code) {
	l := s.sink.log
	if l == nil || s.tx == nil {
		return
	}
	now := time.Now().UTC()
	l.add(func(dst []byte) []byte {
		from, to, _ := strings.Cut(strings.TrimSuffix(string(s.tx.paths), "\n"), "\n")
		dst = s.appendEvent(dst, now, "message")
		dst = appendField(dst, "from", from)
		for recipient := range strings.SplitSeq(to, "\n") {
			dst = appendField(dst, "to", recipient)
		}
		dst = strconv.AppendInt(append(dst, " size="...), s.scanner.Size, 10)
		dst = append(append(dst, " proto="...), s.protocol()...)
		return appendCode(dst, code)
	})
}

// logPath writes down a path that was refused, with the reply to it. event is the step at which.
func (s *session) logPath(event, field, path string, code smtp.Code) {
	l := s.sink.log
	if l == nil {
		return
	}
	now := time.Now().UTC()
	l.add(func(dst []byte) []byte {
		return appendCode(appendField(s.appendEvent(dst, now, event), field, path), code)
	})
}

// appendEvent begins a line: when, what, and whose doing it was.
func (s *session) appendEvent(dst []byte, now time.Time, event string) []byte {
	who := s.identity()
	dst = now.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	dst = append(append(dst, " event="...), event...)
	dst = appendField(dst, "client", s.address())
	dst = appendField(dst, "helo", who.helo)
	if who.login != "" {
		dst = appendField(dst, "login", who.login)
	}
	if who.forwarded != "" {
		dst = appendField(dst, "forwarded", who.forwarded)
	}
	return dst
}

// appendField appends a text of the client's, quoted: nothing in it can end a line, or be taken
// for another field.
func appendField(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, ' '), name...), '=')
	return strconv.AppendQuoteToASCII(dst, value)
}

func appendCode(dst []byte, code smtp.Code) []byte {
	return append(strconv.AppendUint(append(dst, " reply="...), uint64(code), 10), '\n')
}
