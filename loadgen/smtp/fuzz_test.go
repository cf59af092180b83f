package smtp

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// split cuts in into pieces whose lengths follow from seed.
func split(in []byte, seed uint64) (pieces [][]byte) {
	for r := rand.New(rand.NewPCG(seed, 0)); len(in) > 0; {
		n := 1 + r.IntN(min(len(in), 1+r.IntN(40)))
		pieces, in = append(pieces, in[:n]), in[n:]
	}
	return pieces
}

// wholeReply is the grammar of one reply as Parser takes it.
var wholeReply = regexp.MustCompile(`^(?s:[2-5][0-9]{2}-[^\n\x00]*\n)*?[2-5][0-9]{2}(?: [^\n\x00]*)?\r?\n$`)

func FuzzReply(f *testing.F) {
	f.Add([]byte("250-x\r\n250 2.1.0 Ok\r\n"), uint64(1))
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) {
		var whole Parser
		var r Reply
		n, m := whole.Next(in, &r)
		if n > len(in) || n > 0 && m != WellFormed {
			t.Fatalf("n = %d of %d, %v", n, len(in), m)
		}
		if n > 0 && !wholeReply.Match(r.Raw) {
			t.Errorf("%q was taken for a reply", r.Raw)
		}
		if n > 0 && (!bytes.Equal(r.Raw, in[:n]) || r.Lines != bytes.Count(r.Raw, []byte("\n"))) {
			t.Errorf("%q: %d lines, raw %q", in[:n], r.Lines, r.Raw)
		}
		var p Parser
		length := 0
		for _, piece := range split(in, seed) {
			length += len(piece)
			var got Reply
			gotN, gotM := p.Next(in[:length], &got)
			if gotN == 0 && gotM == WellFormed {
				continue
			}
			if gotN != n || gotM != m || !reflect.DeepEqual(got, r) {
				t.Errorf("in pieces: %d, %v, %+v; whole: %d, %v, %+v", gotN, gotM, got, n, m, r)
			}
			return
		}
		if n != 0 || m != WellFormed {
			t.Errorf("whole: %d, %v; in pieces: nothing", n, m)
		}
	})
}

func FuzzCommandLine(f *testing.F) {
	f.Add([]byte("MAIL FROM:<a@b> SIZE=1\r\n"), true)
	f.Fuzz(func(t *testing.T, in []byte, smtputf8 bool) {
		line, n, bare := CutLine(in, true)
		if n == 0 {
			line = in
		} else if end := in[len(line):n]; string(end) != "\r\n" && !(bare && string(end) == "\n") {
			t.Fatalf("%q was cut behind %q", in, end)
		}
		l := ParseLine(line)
		if !bytes.HasPrefix(line, l.Name) || !bytes.Contains(line, l.Arg) {
			t.Errorf("%q was taken apart as %q, %q", line, l.Name, l.Arg)
		}
		if size, last, err := ParseBDAT(l.Arg); err == nil {
			again := ParseLine(bytes.TrimSuffix(AppendBDAT(nil, int(size), last), []byte("\r\n")))
			if size2, last2, err := ParseBDAT(again.Arg); size2 != size || last2 != last || err != nil {
				t.Errorf("%q: %d, %v, then %d, %v, %v", l.Arg, size, last, size2, last2, err)
			}
		}
		p, params, err := ParseMailArg(l.Arg, smtputf8)
		if err != nil {
			return
		}
		for ok := true; ok; {
			_, _, params, ok, _ = NextParam(params)
		}
		again := ParseLine(bytes.TrimSuffix(AppendMail(nil, join(p), ""), []byte("\r\n")))
		if p2, _, err := ParseMailArg(again.Arg, smtputf8); err != nil || !reflect.DeepEqual(p, p2) && !p.IsNull() {
			t.Errorf("%q was written as %q, which is %q, %v", l.Arg, again.Arg, p2, err)
		}
	})
}

// join returns the mailbox of a path.
func join(p Path) []byte {
	if p.IsNull() {
		return nil
	}
	return bytes.Join([][]byte{p.Local, p.Domain}, []byte("@"))
}

func FuzzPath(f *testing.F) {
	f.Add(`"a b"@[IPv6:::1]`, false)
	f.Fuzz(func(t *testing.T, s string, smtputf8 bool) {
		p, rest, err := ParsePath([]byte("<"+s+">"), smtputf8)
		isPath := err == nil && len(rest) == 0
		checked := CheckMailbox(s, smtputf8)
		if routed := strings.HasPrefix(s, "@"); isPath != (checked == nil) && !routed {
			t.Errorf("%q: as a path %v, as a mailbox %v", s, err, checked)
		}
		if err != nil && !errors.As(err, new(SyntaxError)) {
			t.Errorf("%q: %v is no syntax error", s, err)
		}
		if isPath && !p.IsNull() && CheckMailbox(string(join(p)), smtputf8) != nil {
			t.Errorf("%q gave %q, which is no mailbox", s, join(p))
		}
		if isPath && strings.ContainsAny(s, "\r\n\x00") {
			t.Errorf("%q was taken for a path", s)
		}
		if domain, rest, err := ParseDomain([]byte(s), smtputf8); string(domain)+string(rest) != s {
			t.Errorf("%q: domain %q, rest %q, %v", s, domain, rest, err)
		}
	})
}

// normalised is content with CRLF line ends and one at its end.
func normalised(content []byte) string {
	s := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(content))
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return strings.ReplaceAll(s, "\n", "\r\n")
}

func FuzzTransparency(f *testing.F) {
	f.Add([]byte(".a\nb\r.\r\n..\r\n"), uint64(1))
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) {
		want := normalised(in)
		wire := append(AppendTransparent(nil, in), EndOfData+"QUIT"...)
		got := scanPieces(false, split(wire, seed)...)
		if got.content != want || got.left != "QUIT" || !got.ended {
			t.Errorf("%q came back as %q, with %q left", want, got.content, got.left)
		}
		if c := got.counts; c.Size != SizeOf(in) || c.BareLF+c.BareCR+c.SmugglingCandidates != 0 || c.Size != int64(len(want)) {
			t.Errorf("size %d, want %d; counts %+v", c.Size, SizeOf(in), c)
		}
		foreign(t, in, seed)
	})
}

// foreign checks a scanner on content that mailmill would not send.
func foreign(t *testing.T, in []byte, seed uint64) {
	wire := append(bytes.Clone(in), "\r\n.\r\n"...)
	whole := scanPieces(false, wire)
	if got := scanPieces(false, split(wire, seed)...); got != whole {
		t.Errorf("%q: in pieces %+v, whole %+v", wire, got, whole)
	}
	discarded := whole
	discarded.content = ""
	if got := scanPieces(true, split(wire, seed)...); got != discarded {
		t.Errorf("%q: discarded %+v, kept %+v", wire, got, discarded)
	}
	data, left, _ := strings.Cut("\r\n"+string(wire), "\r\n.\r\n")
	data = strings.ReplaceAll(data+"\r\n", "\r\n.", "\r\n")[2:]
	if whole.content != data || whole.left != left {
		t.Errorf("%q: content %q, want %q; left %q, want %q", wire, whole.content, data, whole.left, left)
	}
	c, lf, cr, pairs := whole.counts, strings.Count(data, "\n"), strings.Count(data, "\r"), strings.Count(data, "\r\n")
	if c.Size != int64(len(data)) || c.NUL != strings.Count(data, "\x00") {
		t.Errorf("%q: counts %+v", wire, c)
	}
	if c.BareLF != lf-pairs || c.BareCR != cr-pairs {
		t.Errorf("%q: %d bare LF, want %d; %d bare CR, want %d", wire, c.BareLF, lf-pairs, c.BareCR, cr-pairs)
	}
}
