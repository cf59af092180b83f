package transport

import (
	"errors"
	"net"
	"os"
	"testing"
)

// A fullSocket takes nothing before its write deadline.
type fullSocket struct{ net.Conn }

func (fullSocket) Write([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// TestUnprotectedOctetsAreKept: when what was protected before does not fit, a write
// hands everything back, however small it is: the last piece of a large body too.
func TestUnprotectedOctetsAreKept(t *testing.T) {
	for _, test := range []struct {
		name       string
		head, body int
	}{
		{"a head alone", 10, 0},
		{"a head and a body that are one record", 10, 100},
		{"the last piece of a large body", 0, largeRead},
		{"a large body", 10, 3 * largeRead},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := tlsOutlet{&gate{Conn: fullSocket{}, kept: []byte("a record of before")}}
			head, body, err := out.send(make([]byte, test.head), make([]byte, test.body))
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the error is %v, want a time-out", err)
			}
			if len(head) != test.head || len(body) != test.body {
				t.Errorf("%d octets of the head and %d of the body are left, want %d and %d",
					len(head), len(body), test.head, test.body)
			}
		})
	}
}
