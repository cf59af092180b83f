package smtp

import "bytes"

// A Scanner finds the end of mail data, CRLF "." CRLF and nothing else
// (RFC 5321 section 4.1.1.4), and takes the doubled dots out again (section
// 4.5.2). The zero value is at the start of the content; a scanner that has
// found an end is there again, and its counts go on.
//
//	          "."           CR            LF
//	atStart ──────► atDot ──────► atDotCR ─────► end of mail data
//	  │  ▲            │              │
//	  │  └─CR LF──────┼────────────┐ │
//	  └────other──────┴─other──► inText, atCR
//
// atCR is text whose last octet was a CR when a piece ended. Two more states,
// behind a bare LF, belong to inText too; they only watch for smuggling.
type Scanner struct {
	Discard bool // count, and copy nothing

	Size                int64 // octets after removal of dots, with line ends, without the end of mail data
	BareLF              int   // LF without CR before it
	BareCR              int   // CR without LF behind it; exact at the end of mail data
	NUL                 int   // NUL octets
	LongLines           int   // lines over 1000 octets with CRLF (RFC 5321 section 4.5.3.1.6)
	SmugglingCandidates int   // lines of one dot that are data because LF stands before, or LF or CR behind, where CRLF ends mail data

	state scanState
	line  int // octets of the present line in earlier pieces
}

type scanState uint8

const (
	atStart scanState = iota
	atDot
	atDotCR
	atCR
	inText
	afterLF    // behind a bare LF
	afterLFDot // behind a bare LF and a dot
)

// textLineLimit is the longest line of content, with its CRLF and without a
// doubled dot.
const textLineLimit = 1000

// Next takes octets from in until the end of mail data, which is taken too, or
// until the end of in. It appends the content, without doubled dots, to dst
// unless Discard is set. The pieces may be split anywhere.
func (s *Scanner) Next(dst, in []byte) (out []byte, taken int, end bool) {
	from := 0 // in[from:i] is content not yet passed on
	for i := 0; i < len(in); {
		switch s.state {
		case atStart:
			s.state = inText
			if in[i] == '.' {
				dst = s.pass(dst, in[from:i])
				i++
				from, s.state = i, atDot
			}
		case atDot:
			switch in[i] {
			case '\r':
				i++
				s.state = atDotCR
			case '\n':
				s.SmugglingCandidates++
				s.state = inText
			default:
				s.state = inText
			}
		case atDotCR:
			from = i
			if in[i] == '\n' {
				s.state = atStart
				return dst, i + 1, true
			}
			s.SmugglingCandidates++
			dst = s.pass(dst, carriageReturn)
			s.line = 1
			s.state = atCR
		case atCR, inText:
			i = s.text(in, i)
		case afterLF:
			s.state = inText
			if in[i] == '.' {
				i++
				s.line++
				s.state = afterLFDot
			}
		case afterLFDot:
			if in[i] == '\n' || in[i] == '\r' {
				s.SmugglingCandidates++
			}
			s.state = inText
		}
	}
	if s.state == atDotCR || s.state == atDot {
		from = len(in)
	}
	return s.pass(dst, in[from:]), len(in), false
}

// text reads lines from in[i:] until one begins with a dot, one ends in a bare
// LF, or in ends. It returns where it stopped.
func (s *Scanner) text(in []byte, i int) int {
	for {
		size := bytes.IndexByte(in[i:], '\n') + 1
		if size == 0 {
			s.line += len(in) - i
			s.state = inText
			if in[len(in)-1] == '\r' {
				s.state = atCR
			}
			return len(in)
		}
		crlf := s.state == atCR
		if size > 1 {
			crlf = in[i+size-2] == '\r'
		}
		i += size
		s.line += size
		if !crlf {
			s.BareLF++
			s.state = afterLF
			return i
		}
		s.BareCR-- // pass counts every CR
		if s.line > textLineLimit {
			s.LongLines++
		}
		s.line, s.state = 0, atStart
		if i == len(in) || in[i] == '.' {
			return i
		}
	}
}

// pass counts a run of content and appends it to dst.
func (s *Scanner) pass(dst, run []byte) []byte {
	s.Size += int64(len(run))
	s.BareCR += bytes.Count(run, carriageReturn)
	if bytes.IndexByte(run, 0) >= 0 {
		s.NUL += bytes.Count(run, nul)
	}
	if s.Discard {
		return dst
	}
	return append(dst, run...)
}

var carriageReturn, nul = []byte{'\r'}, []byte{0}
