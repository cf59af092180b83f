package smtp

import "testing"

// Every step of a session passes here, so none may allocate.
func TestNothingIsAllocated(t *testing.T) {
	dst := make([]byte, 0, 4096)
	path := []byte("sender@example.com")
	reply := []byte("250-2.1.5 a\r\n250 2.1.5 Ok\r\n")
	content := append(body(1024), EndOfData...)
	raw := body(1024)
	var r Reply
	for _, tt := range []struct {
		name string
		f    func()
	}{
		{"Parser.Next", func() {
			var p Parser
			p.Next(reply[:5], &r)
			p.Next(reply, &r)
		}},
		{"a malformed reply", func() {
			var p Parser
			p.Next(raw, &r)
		}},
		{"Reply.EachLine", func() {
			var p Parser
			n := 0
			p.Next(reply, &r)
			r.EachLine(func(text []byte) { n += len(text) })
		}},
		{"AppendEHLO", func() { AppendEHLO(dst, "client.example") }},
		{"AppendMail", func() { AppendMail(dst, path, "SIZE=1024") }},
		{"AppendRcpt", func() { AppendRcpt(dst, path, "") }},
		{"AppendBDAT", func() { AppendBDAT(dst, 1024, true) }},
		{"AppendReply", func() { AppendReply(dst, 250, MakeEnhanced(2, 0, 0), "Ok\nOk") }},
		{"AppendTransparent", func() { AppendTransparent(dst, raw) }},
		{"Scanner.Next, discarding", func() {
			s := Scanner{Discard: true}
			s.Next(nil, content)
		}},
		{"Scanner.Next, keeping", func() {
			var s Scanner
			s.Next(dst, content)
		}},
		{"CutLine and ParseLine", func() {
			line, _, _ := CutLine([]byte("RSET\r\n"), false)
			ParseLine(line)
		}},
		{"ParseMailArg", func() { ParseMailArg([]byte("FROM:<sender@example.com> SIZE=1024"), false) }},
		{"a bad ParseMailArg", func() { ParseMailArg([]byte("FROM:<sender@@example.com>"), false) }},
		{"ParseRcptArg with a literal", func() { ParseRcptArg([]byte("TO:<r@[127.0.0.1]>"), false) }},
		{"NextParam", func() { NextParam([]byte("SIZE=1024 BODY=8BITMIME")) }},
		{"ParseBDAT", func() { ParseBDAT([]byte("1024 LAST")) }},
		{"ParseDomain", func() { ParseDomain([]byte("client.example"), false) }},
		{"the dictionary", func() { _ = Code(250).Meaning() + MakeEnhanced(2, 0, 0).Meaning()[:0] }},
		{"Classify", func() { Classify(CmdRCPT, 550) }},
	} {
		if n := testing.AllocsPerRun(100, tt.f); n != 0 {
			t.Errorf("%s allocates %v times", tt.name, n)
		}
	}
}
