package smtp

import (
	"bytes"
	"strings"
	"testing"
)

func TestTransparency(t *testing.T) {
	for _, tt := range []struct {
		name, content, wire string
		size                int64
	}{
		{"nothing", "", "", 0},
		{"one line", "a\r\n", "a\r\n", 3},
		{"no final line end", "a", "a\r\n", 3},
		{"K52 a bare LF, a dot first, no final line end", ".a\nb", "..a\r\nb\r\n", 7},
		{"a lone dot", ".", "..\r\n", 3},
		{"dots", "..\r\n...\r\n.x\r\n", "...\r\n....\r\n..x\r\n", 13},
		{"a dot inside a line", "a.b\r\n", "a.b\r\n", 5},
		{"an empty line at the end", "a\r\n\r\n", "a\r\n\r\n", 5},
		{"a bare CR", "a\rb", "a\r\nb\r\n", 6},
		{"a bare CR at the end", "a\r", "a\r\n", 3},
		{"a bare CR before CRLF", "a\r\r\n", "a\r\n\r\n", 5},
		{"a bare CR, and a dot", "a\r.b", "a\r\n..b\r\n", 7},
		{"a bare LF, and a dot", "a\n.\nb", "a\r\n..\r\nb\r\n", 9},
		{"line ends only", "\n\r\n\r", "\r\n\r\n\r\n", 6},
		{"LF before CR", "a\n\rb", "a\r\n\r\nb\r\n", 8},
		{"a NUL", "\x00\n", "\x00\r\n", 3},
	} {
		if got := AppendTransparent([]byte("x"), []byte(tt.content)); string(got) != "x"+tt.wire {
			t.Errorf("%s: %q, want %q", tt.name, got, "x"+tt.wire)
		}
		if got := SizeOf([]byte(tt.content)); got != tt.size {
			t.Errorf("%s: size %d, want %d", tt.name, got, tt.size)
		}
	}
}

// A scan is what a Scanner made of octets: content, what it left, and counts.
type scan struct {
	content, left string
	ended         bool
	counts        Scanner
}

// scanPieces gives the pieces to a new scanner until the end of mail data.
func scanPieces(discard bool, pieces ...[]byte) (got scan) {
	s := Scanner{Discard: discard}
	var content []byte
	for i, piece := range pieces {
		var taken int
		content, taken, got.ended = s.Next(content, piece)
		if got.ended {
			got.left = string(piece[taken:]) + string(bytes.Join(pieces[i+1:], nil))
			break
		}
	}
	got.content = string(content)
	s.Discard = false
	got.counts = s
	return got
}

// eachSplit calls f with in as a whole, cut in two at every place, and octet by
// octet.
func eachSplit(in []byte, f func(pieces ...[]byte)) {
	f(in)
	for i := range in {
		f(in[:i], in[i:])
	}
	f(octetByOctet(in)...)
}

func octetByOctet(in []byte) (pieces [][]byte) {
	for i := range in {
		pieces = append(pieces, in[i:i+1])
	}
	return pieces
}

func TestScanner(t *testing.T) {
	for _, tt := range []struct {
		name, in, content, left string
		counts                  Scanner // Size is that of content
	}{
		{"one line", "a\r\n.\r\n", "a\r\n", "", Scanner{}},
		{"nothing", ".\r\n", "", "", Scanner{}},
		{"commands behind it", "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n", Scanner{}},
		{"B28 doubled dots", "..one\r\n...\r\n.x\r\n..\r\n.\r\n", ".one\r\n..\r\nx\r\n.\r\n", "", Scanner{}},
		{"C01 LF.LF", "x\n.\n\r\n.\r\n", "x\n.\n\r\n", "", Scanner{BareLF: 2, SmugglingCandidates: 1}},
		{"C02 LF.CRLF", "x\n.\r\ny\r\n.\r\n", "x\n.\r\ny\r\n", "", Scanner{BareLF: 1, SmugglingCandidates: 1}},
		{"C03 CRLF.LF", "x\r\n.\n\r\n.\r\n", "x\r\n\n\r\n", "", Scanner{BareLF: 1, SmugglingCandidates: 1}},
		{"C04 CR.CR", "x\r.\r\r\n.\r\n", "x\r.\r\r\n", "", Scanner{BareCR: 2}},
		{"C06 CR.CRLF", "x\r.\r\n\r\n.\r\n", "x\r.\r\n\r\n", "", Scanner{BareCR: 1}},
		{"C07 LFLF.CRLF", "x\n\n.\r\n\r\n.\r\n", "x\n\n.\r\n\r\n", "", Scanner{BareLF: 2, SmugglingCandidates: 1}},
		{"C09 CRLF.CRCRLF", "x\r\n.\r\r\n\r\n.\r\n", "x\r\n\r\r\n\r\n", "", Scanner{BareCR: 1, SmugglingCandidates: 1}},
		{"C10 CRLF..CRLF", "x\r\n..\r\n\r\n.\r\n", "x\r\n.\r\n\r\n", "", Scanner{}},
		{"C11 CRCRLF.CRLF", "x\r\r\n.\r\n", "x\r\r\n", "", Scanner{BareCR: 1}},
		{"C11 many CRs", "x\r\r\r\n.\r\n", "x\r\r\r\n", "", Scanner{BareCR: 2}},
		{"C12 a whole smuggled transaction", "x\n.\r\nMAIL FROM:<evil@example.com>\r\n.\r\n", "x\n.\r\nMAIL FROM:<evil@example.com>\r\n", "",
			Scanner{BareLF: 1, SmugglingCandidates: 1}},
		{"CRLF.CR and a letter", "\r\n.\rx\r\n.\r\n", "\r\n\rx\r\n", "", Scanner{BareCR: 1, SmugglingCandidates: 1}},
		{"LF.. is no candidate", "x\n..\r\n.\r\n", "x\n..\r\n", "", Scanner{BareLF: 1}},
		{"LF first", "\n.\r\n.\r\n", "\n.\r\n", "", Scanner{BareLF: 1, SmugglingCandidates: 1}},
		{"CR first", "\r.\r\n.\r\n", "\r.\r\n", "", Scanner{BareCR: 1}},
		{"empty lines", "\r\n\r\n.\r\n", "\r\n\r\n", "", Scanner{}},
		{"J03 NULs", "a\x00b\x00\r\n.\r\n", "a\x00b\x00\r\n", "", Scanner{NUL: 2}},
	} {
		want := scan{tt.content, tt.left, true, tt.counts}
		want.counts.Size = int64(len(tt.content))
		eachSplit([]byte(tt.in), func(pieces ...[]byte) {
			if got := scanPieces(false, pieces...); got != want {
				t.Errorf("%s, %q:\n got %+v\nwant %+v", tt.name, pieces, got, want)
			}
			kept := want
			kept.content = ""
			if got := scanPieces(true, pieces...); got != kept {
				t.Errorf("%s, %q, discarded:\n got %+v\nwant %+v", tt.name, pieces, got, kept)
			}
		})
	}
}

func TestScannerCountsLongLines(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		want       int
	}{
		{"998 and CRLF", strings.Repeat("x", 998), 0},
		{"999 and CRLF", strings.Repeat("x", 999), 1},
		{"a doubled dot does not count", ".." + strings.Repeat("x", 997), 0},
		{"its dot does", ".." + strings.Repeat("x", 998), 1},
		{"a bare LF ends no line", strings.Repeat("x", 600) + "\n." + strings.Repeat("x", 600), 1},
		{"a CR behind a dot", ".\r" + strings.Repeat("x", 997), 0},
		{"a CR behind a dot counts", ".\r" + strings.Repeat("x", 998), 1},
	} {
		in := []byte("short\r\n" + tt.line + "\r\nshort\r\n.\r\n")
		for _, pieces := range [][][]byte{{in}, {in[:500], in[500:]}, octetByOctet(in)} {
			if got := scanPieces(true, pieces...).counts.LongLines; got != tt.want {
				t.Errorf("%s, in %d pieces: %d long lines, want %d", tt.name, len(pieces), got, tt.want)
			}
		}
	}
}

func TestScannerWithoutAnEnd(t *testing.T) {
	for _, in := range []string{"", "a", "a\r\n", "a\r\n.", "a\r\n.\r", ".", ".\r", "a\n.\r\n", "a.\r\n"} {
		eachSplit([]byte(in), func(pieces ...[]byte) {
			if got := scanPieces(false, pieces...); got.ended {
				t.Errorf("%q ended", pieces)
			}
		})
	}
}

func TestScannerIsReadyForTheNextContent(t *testing.T) {
	s := Scanner{Discard: true}
	in := []byte("a\r\n.\r\n..b\r\n.\r\n")
	_, n, _ := s.Next(nil, in)
	_, m, end := s.Next(nil, in[n:])
	if !end || n+m != len(in) || s.Size != 7 {
		t.Errorf("took %d and %d of %d octets, size %d, end %v", n, m, len(in), s.Size, end)
	}
}
