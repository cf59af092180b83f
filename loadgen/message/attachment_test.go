package message

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
	"strings"
	"testing"
)

// partsOf returns the types and the decoded contents of a message's parts.
func partsOf(t testing.TB, s *Source, n int64) (types []string, contents [][]byte) {
	t.Helper()
	m, body := parse(t, s, n)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("Content-Type is %s, %v", kind, err)
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return types, contents
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			for line := range bytes.SplitSeq(content, []byte("\r\n")) {
				if len(line) > 76 {
					t.Errorf("a line of %d octets of base64", len(line))
				}
			}
			if content, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(string(content), "\r\n", "")); err != nil {
				t.Fatal(err)
			}
		}
		types, contents = append(types, p.Header.Get("Content-Type")+" "+p.FileName()), append(contents, content)
	}
}

func TestAttachments(t *testing.T) {
	c := plain
	c.Attachments = []Attachment{{"application/pdf", 3000}, {"text/csv", 500}, {"application/x-odd", 0}}
	for _, size := range []Quantity{Fixed(0), Fixed(1024), {low: 2, high: 300}} {
		c.Size = size
		s := newSource(t, c)
		for n := range int64(20) {
			types, contents := partsOf(t, s, n)
			want := "[text/plain; charset=us-ascii  application/pdf; name=\"attachment-1.pdf\" attachment-1.pdf" +
				" text/csv; name=\"attachment-2.csv\" attachment-2.csv application/x-odd; name=\"attachment-3.bin\" attachment-3.bin]"
			if got := "[" + strings.Join(types, " ") + "]"; got != want {
				t.Fatalf("the parts are %s\nwant %s", got, want)
			}
			if len(contents[1]) != 3000 || len(contents[2]) != 500 || len(contents[3]) != 0 || !bytes.HasPrefix(contents[1], []byte("%PDF-1.7\n")) {
				t.Fatalf("the attachments have %d, %d and %d octets", len(contents[1]), len(contents[2]), len(contents[3]))
			}
			if size == Fixed(1024) && len(contents[0]) != 1024 {
				t.Fatalf("the text has %d octets", len(contents[0]))
			}
		}
	}
}

func TestAttachmentsDiffer(t *testing.T) {
	c := plain
	c.Attachments = []Attachment{{"image/png", 1000}}
	s := newSource(t, c)
	seen := map[string]bool{}
	for n := range int64(maxBodies) {
		_, contents := partsOf(t, s, n)
		seen[string(contents[1])] = true
	}
	if len(seen) != maxBodies {
		t.Errorf("%d attachments in %d messages", len(seen), maxBodies)
	}
}

// Binary attachments are octets of every kind, and the message is known by its mark
// all the same.
func TestBinaryAttachments(t *testing.T) {
	c := plain
	c.Attachments = []Attachment{{"image/png", 5000}}
	c.Binary = true
	if _, err := New(alone(c)); err == nil || err.Error() != "binary: octets as they are cannot be sent with transparency; send them in chunks, by BDAT" {
		t.Error(err)
	}
	c.Chunked = true
	s := newSource(t, c)
	var m Mail
	for n := range int64(20) {
		s.Fill(n, at, &m)
		whole := append(m.AppendHead(nil), m.Body()...)
		if !m.Binary() || !m.EightBit() || m.Size() != int64(len(whole)) || bytes.Count(whole, []byte{0}) == 0 {
			t.Errorf("slot %d: binary %v, 8-bit %v, size %d of %d", n, m.Binary(), m.EightBit(), m.Size(), len(whole))
		}
		for _, delivered := range [][]byte{whole, bytes.ReplaceAll(whole, []byte("\r\n"), []byte("\n"))} {
			if mark, err := ReadMark(delivered); err != nil || mark.Slot != n {
				t.Errorf("slot %d: slot %d, %v", n, mark.Slot, err)
			}
		}
	}
	c.Binary = false
	if newSource(t, c).Fill(0, at, &m); m.Binary() || m.EightBit() {
		t.Error("base64 is no binary content")
	}
}

func TestParseAttachment(t *testing.T) {
	if a, err := ParseAttachment("Application/PDF=200", strconv.Atoi); err != nil || a != (Attachment{"application/pdf", 200}) {
		t.Errorf("%v, %v", a, err)
	}
	for s, want := range map[string]string{
		"pdf=200":             "not a media type and a size; write application/pdf=200k",
		"application/pdf":     "not a media type and a size; write application/pdf=200k",
		"a/b;c=d=200":         "not a media type and a size; write application/pdf=200k",
		"a/b=-1":              "-1 octets; an attachment has 0 to 268435456",
		"multipart/mixed=1":   "multipart/mixed is made of other parts, and cannot be in base64 (RFC 2045 section 6.4); write application/pdf=200k",
		"message/rfc822=1":    "message/rfc822 is made of other parts, and cannot be in base64 (RFC 2045 section 6.4); write application/pdf=200k",
		"application/pdf=big": `strconv.Atoi: parsing "big": invalid syntax`,
	} {
		if _, err := ParseAttachment(s, strconv.Atoi); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", s, err, want)
		}
	}
}

// The samples are what the filters' makers publish. Their sums are here, so that no
// scanner finds the samples themselves.
func TestSamples(t *testing.T) {
	c := plain
	c.Sample = "eicar"
	types, contents := partsOf(t, newSource(t, c), 1)
	if digestOf(contents[1]) != "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f" || !strings.HasSuffix(types[1], "eicar.com") {
		t.Errorf("eicar: %v with %q", types, contents[1])
	}
	c.Sample = "gtube"
	_, body := parse(t, newSource(t, c), 1)
	lines := strings.Split(strings.TrimSpace(string(body)), "\r\n")
	if line := lines[len(lines)-1]; len(line) != 68 || !strings.HasPrefix(line, "XJS*C4JDBQADN1.NSBN3") || !strings.HasSuffix(line, "*C.34X") {
		t.Errorf("gtube: %q", line)
	}
	c.Sample = "worm"
	if _, err := New(alone(c)); err == nil || err.Error() != `sample "worm": none of eicar, gtube` {
		t.Error(err)
	}
}
