package misbehave

import (
	"bytes"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A text appends what a client tells.
type text func(c *Client, dst []byte) []byte

func ehlo(c *Client, dst []byte) []byte {
	if c.server.LMTP {
		return smtp.AppendLHLO(dst, c.name())
	}
	return smtp.AppendEHLO(dst, c.name())
}

func mail(c *Client, dst []byte) []byte {
	return append(c.mail.AppendReversePath(append(dst, "MAIL FROM:<"...)), ">\r\n"...)
}

func rcpt(c *Client, dst []byte) []byte {
	return append(c.mail.AppendForwardPath(append(dst, "RCPT TO:<"...), 0), ">\r\n"...)
}

func data(_ *Client, dst []byte) []byte { return append(dst, smtp.LineDATA...) }
func quit(_ *Client, dst []byte) []byte { return append(dst, smtp.LineQUIT...) }

// always is a text that is the same for every client.
func always(s string) text { return func(_ *Client, dst []byte) []byte { return append(dst, s...) } }

// together is several texts in one.
func together(texts ...text) text {
	return func(c *Client, dst []byte) []byte {
		for _, t := range texts {
			dst = t(c, dst)
		}
		return dst
	}
}

// header is a header, with the empty line behind it. The subject says which bad client the message is of.
func header(c *Client, dst []byte) []byte {
	dst = append(dst, "Date: "...)
	dst = c.crowd.config.Date.AppendFormat(dst, time.RFC1123Z)
	dst = append(dst, "\r\nFrom: misbehave@"...)
	dst = append(dst, c.crowd.config.Name...)
	dst = c.mail.AppendForwardPath(append(dst, "\r\nTo: "...), 0)
	dst = append(dst, "\r\nSubject: mailmill --misbehave "...)
	dst = append(dst, c.tally.Manner.String()...)
	dst = appendNumbers(append(dst, "\r\nMessage-ID: <misbehave"...), c.number, c.sessions)
	dst = append(append(dst, '@'), c.name()...)
	return append(dst, ">\r\n\r\n"...)
}

// wholeContent is a short message with the end of mail data.
var wholeContent = together(header, always("A bad client sent this.\r\n"+smtp.EndOfData))

// longContent has a line of so many octets with its CR LF.
func longContent(octets int) text {
	return together(header, always(strings.Repeat("x", octets-2)+"\r\n"+smtp.EndOfData))
}

// longNoop is a command line of so many octets with its CR LF.
func longNoop(octets int) text { return always("NOOP " + strings.Repeat("x", octets-7) + "\r\n") }

// bare is a text whose lines end with LF alone: all but the end of mail data, CR LF before it included, without
// which it would be the server that decides whether the content has ended.
func bare(t text) text {
	return func(c *Client, dst []byte) []byte {
		whole := t(c, nil)
		body, isContent := bytes.CutSuffix(whole, []byte("\r\n"+smtp.EndOfData))
		dst = append(dst, bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))...)
		if isContent {
			dst = append(dst, "\n\r\n"+smtp.EndOfData...)
		}
		return dst
	}
}

// blockOctets is how much of an endless text is made at once.
const blockOctets = 64 << 10

// block is lines of content.
var block = always(strings.Repeat(strings.Repeat("x", 62)+"\r\n", blockOctets/64))

// manyEHLO is 50 commands whose replies are longer than they are.
func manyEHLO(c *Client, dst []byte) []byte {
	for range 50 {
		dst = ehlo(c, dst)
	}
	return dst
}

// wrongLines are commands that no server takes, each with the step that its reply is counted for. None of them
// would begin a content.
var wrongLines = []struct {
	step timing.Step
	text string
}{
	{timing.NOOP, "XYZZY\r\n"},
	{timing.Mail, "MAIL FROM\r\n"},
	{timing.Mail, "MAIL FROM:<<a@b>\r\n"},
	{timing.Mail, "MAIL FROM:<a@b.example> FOO=BAR\r\n"},
	{timing.Rcpt, "RCPT TO:\r\n"},
	{timing.Rcpt, "RCPT TO:<\"a@b.example>\r\n"},
	{timing.NOOP, "\r\n"},
	{timing.NOOP, "NO OP\r\n"},
	{timing.RSET, "RSET all\r\n"},
	{timing.VRFY, "VRFY\r\n"},
	{timing.EHLO, "EHLO\r\n"},
	{timing.NOOP, "\x80\xff\r\n"},
}
