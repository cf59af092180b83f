package message

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"mailmill/loadgen/smtp"
)

// Different bodies keep filters from meeting one text again and again. They are
// made before the run and stay in memory, so there are fewer of large ones.
const (
	maxBodies      = 16
	maxBodiesTotal = 16 << 20 // octets
)

// Where sizes are drawn, there is a content for each of so many, and its digest is made
// before the run: so many octets of digests at most take less than half a second.
const (
	maxSizes    = 1024
	minSizes    = 16
	maxDigested = 128 << 20 // octets
)

// synthetic makes the contents that are no file's: text of the sizes that were asked
// for, and behind it what else is in the message. A content of a size is the end of a
// text that is as long as the longest.
func (b *binder) synthetic(c ClassConfig, h header) ([]*content, lottery, error) {
	after, err := b.epilogues(c)
	if err != nil {
		return nil, nil, err
	}
	mean := c.Size.Mean() + float64(len(after(0)))
	points, err := c.Size.points(max(minSizes, min(maxSizes, int(maxDigested/(1+mean)))))
	if err != nil {
		return nil, nil, fmt.Errorf("size: %w", err)
	}
	longest := 0
	for i := range points {
		points[i].value = inRange(points[i].value)
		longest = max(longest, points[i].value)
	}
	texts := b.texts(longest, after)
	head := compile(b.bind(h.parts()), b.transparent)
	binary := c.Binary && len(c.Attachments) > 0
	like := content{head: head, eightBit: head.eightBit() || binary, utf8: head.utf8(), binary: binary}
	if len(points) == 1 {
		contents := make([]*content, len(texts))
		for i, text := range texts {
			contents[i] = b.cut(like, text, longest, longest, c.prologue())
		}
		return contents, nil, nil
	}
	contents, weights := make([]*content, len(points)), make([]float64, len(points))
	for i, p := range points {
		contents[i] = b.cut(like, texts[i%len(texts)], longest, p.value, c.prologue())
		weights[i] = p.weight
	}
	return contents, newLottery(weights), nil
}

// inRange makes a size that was drawn one that a body can have.
func inRange(size int) int {
	if size == 1 {
		size = len("\r\n")
	}
	return min(size, MaxSize)
}

// texts makes different texts of a size, each with what comes behind it.
func (b *binder) texts(size int, after func(i int) []byte) [][]byte {
	end := after(0)
	count := min(maxBodies, max(1, maxBodiesTotal/max(1, size+len(end))))
	texts := make([][]byte, count)
	p := newProse(rand.New(rand.NewPCG(b.run.Seed, uint64(b.class))))
	for i := range texts {
		if i > 0 {
			end = after(i)
		}
		text := appendText(make([]byte, 0, size+len(end)+len(smtp.EndOfData)), size, p)
		texts[i] = append(text, end...)
		if b.transparent {
			texts[i] = append(texts[i], smtp.EndOfData...)
		}
	}
	return texts
}

// cut makes c the content of the last octets of a text whose prose has longest octets.
// Its first line is one of its own where the cut falls into one.
func (b *binder) cut(c content, text []byte, longest, size int, prologue string) *content {
	start := longest - size
	own := 0
	if start > 0 && text[start-1] != '\n' {
		own = bytes.IndexByte(text[start:], '\n') + 1
		if own == 1 { // a line needs the 2 octets of its end
			own += bytes.IndexByte(text[start+1:], '\n') + 1
		}
	}
	line := bytes.Clone(text[start : start+own])
	if own > 2 && strings.IndexByte("\n. ", line[0]) >= 0 {
		line[0] = 'x'
	}
	body := text[start+own:]
	c.lead, c.body = prologue+string(line), body
	if b.transparent {
		body = body[:len(body)-len(smtp.EndOfData)]
	}
	c.size = int64(len(c.lead) + len(body))
	c.digest = digestOf([]byte(c.lead), body)
	if b.signs {
		c.bodyHash = bodyHash([]byte(c.lead), body)
	}
	return &c
}

// wrapAt is where lines are wrapped: short of 78, to leave room for the octet that
// the last line but one may need.
const wrapAt = 76

// appendText appends lines of prose that are size octets long, line ends included. No
// line begins with a dot, so they are their own wire form.
func appendText(dst []byte, size int, p *prose) []byte {
	line := make([]byte, 0, wrapAt+1)
	p.begin()
	for left := size; left > 0; left -= len(line) + len("\r\n") {
		line = p.appendLine(line[:0])
		switch room := left - len("\r\n"); {
		case len(line) >= room:
			line = shorten(line, room)
		case len(line) == room-1: // the octet that would be left cannot hold a line end
			line = append(line, '.')
		}
		dst = append(append(dst, line...), "\r\n"...)
	}
	return dst
}

// shorten makes the last line of a text, which ends a sentence if there is room for
// one.
func shorten(line []byte, length int) []byte {
	line = line[:length]
	if length > 1 {
		line[length-1] = '.'
	}
	return line
}
