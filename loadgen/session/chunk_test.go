package session

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// begun returns an owner and the wire on which the first chunk of its message is being written.
func begun(t *testing.T, s setting, keywords string) (*owner, *wire) {
	t.Helper()
	o, w := opened(t, s, keywords)
	w.hear("250 2.1.0 Ok\r\n")
	w.out = nil
	w.hear("250 2.1.5 Ok\r\n")
	if !w.writing {
		t.Fatalf("no chunk is being written, but %q", w.out)
	}
	return o, w
}

// dechunk takes chunks apart, and says how long they are.
func dechunk(t *testing.T, wire []byte) (content []byte, sizes []string) {
	t.Helper()
	for len(wire) > 0 {
		line, rest, _ := bytes.Cut(wire, []byte("\r\n"))
		n, last := 0, ""
		if _, err := fmt.Sscan(string(line[len("BDAT "):]), &n); err != nil || n > len(rest) {
			t.Fatalf("%q: %v", line, err)
		}
		if bytes.HasSuffix(line, []byte(" LAST")) {
			last = " last"
		}
		sizes = append(sizes, fmt.Sprint(n, last))
		content, wire = append(content, rest[:n]...), rest[n:]
	}
	return content, sizes
}

// TestChunksAreTheContent: whatever their size, header and body come out as they are.
func TestChunksAreTheContent(t *testing.T) {
	for _, chunk := range []int{1, 7, 100, 1000, 1 << 20, 1<<21 + 1, 1 << 30} {
		for _, size := range []int{0, 200, 3 << 20} {
			if size/chunk > 1000 {
				continue
			}
			s := unset()
			s.config.Chunk, s.message.Chunked, s.message.Size = chunk, true, message.Fixed(size)
			o, w := begun(t, s, "CHUNKING")
			for range 100000 {
				for w.writing {
					w.wrote()
				}
				if o.session.Step() != timing.BDAT {
					break
				}
				w.hear("250 2.0.0 Ok\r\n")
			}
			sent := w.out[:len(w.out)-len("QUIT\r\n")]
			content, sizes := dechunk(t, sent)
			want := slices.Concat(o.sending())
			if !bytes.Equal(content, want) {
				t.Fatalf("chunks of %d, a body of %d: %d octets came out, want %d", chunk, size, len(content), len(want))
			}
			if n := (len(want) + chunk - 1) / chunk; len(sizes) != n || !strings.HasSuffix(sizes[n-1], "last") {
				t.Errorf("chunks of %d, %d octets: %v", chunk, len(want), sizes)
			}
			if r := o.results[0]; r.Outcome != timing.Accepted || r.Octets != int64(len(want)) {
				t.Errorf("chunks of %d, %d octets: %+v", chunk, len(want), r)
			}
		}
	}
}

// TestAChunkThatIsRefusedEarlyIsCompleted: its length was announced, so the rest of it would be taken for commands.
func TestAChunkThatIsRefusedEarlyIsCompleted(t *testing.T) {
	s := unset()
	s.config.Chunk, s.message.Chunked, s.message.Size = 1<<22, true, message.Fixed(3<<20)
	o, w := begun(t, s, "CHUNKING")
	w.wrote() // the first block of three
	w.hear("552 5.3.4 too much\r\n")
	if len(o.results) != 1 || o.results[0].Outcome != timing.Rejected {
		t.Fatalf("%+v", o.results)
	}
	for w.writing {
		w.wrote()
	}
	content, _ := dechunk(t, w.out[:len(w.out)-len("RSET\r\n")])
	if want := slices.Concat(o.sending()); !bytes.Equal(content, want) || !bytes.HasSuffix(w.out, []byte("RSET\r\n")) {
		t.Errorf("%d octets of %d were sent, then %q", len(content), len(want), w.out[len(w.out)-10:])
	}
}

// TestRepliesToAChunkThatIsBeingWritten: which of them a server may give.
func TestRepliesToAChunkThatIsBeingWritten(t *testing.T) {
	for _, row := range []struct {
		name, reply string
		lmtp        bool
		outcome     timing.Outcome
		faults      int
	}{
		{"it is accepted before it has come", "250 2.0.0 Ok\r\n", false, timing.Failed, 1},
		{"it is answered twice", "552 5.3.4 no\r\n552 5.3.4 no\r\n", false, timing.Rejected, 1},
		{"the server closes", "421 4.3.2 bye\r\n", false, timing.Deferred, 0},
		{"the last one of LMTP is refused", "452 4.3.1 full\r\n", true, timing.Deferred, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := unset()
			s.config.Chunk, s.message.Chunked, s.message.Size, s.lmtp = 1<<22, true, message.Fixed(3<<20), row.lmtp
			o, w := begun(t, s, "CHUNKING")
			w.hear(row.reply)
			r := recorded(t, o)
			if r.results[0].Outcome != row.outcome || len(r.totals.Faults) != row.faults || w.open {
				t.Errorf("recorded %q, open %t", r.lines(), w.open)
			}
		})
	}
}

// TestAMessageThatIsWithheldIsToldByAnEvent: in a session that was ready too, where Send cannot tell.
func TestAMessageThatIsWithheldIsToldByAnEvent(t *testing.T) {
	s := unset()
	s.config.Chunk = 100
	o, w := dialing(t, 0, 1)
	o.config = s.config
	o.config.Names = []string{"client.example"}
	w.connect()
	w.hear("220 mail.example.com\r\n")
	o.session.Handle(&transport.Event{Kind: transport.Received, Now: w.now, In: []byte("250 mail.example.com\r\n"), Scratch: w.scratch[:0]})
	var m message.Mail
	sourceOf(t, s.message).Fill(0, sent, &m)
	a := o.session.Send(w.now, w.scratch[:0], &m, true)
	if o.session.Phase() != Busy || a.Do != transport.Wait || a.Until != w.now {
		t.Fatalf("phase %d, verb %d until %d; want an event at once", o.session.Phase(), a.Do, a.Until)
	}
	o.session.Handle(&transport.Event{Kind: transport.Expired, Now: w.now})
	if r, ok := o.session.Result(); !ok || !r.Withheld || r.Outcome != timing.Failed || o.session.Phase() != Ready {
		t.Errorf("phase %d, result %+v %t", o.session.Phase(), r, ok)
	}
}
