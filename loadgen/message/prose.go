package message

import (
	"math/rand/v2"
	"strings"
)

// A prose writes sentences of made-up words without end.
//
// Words are drawn from a vocabulary, the first of it more often than the last, as
// in a language: text of one repeated line, or of random octets, would make
// a server's compression and its filters look better or worse than mail does.
// A test states the ratio that gzip reaches.
type prose struct {
	rng   *rand.Rand
	words []string
	word  string // the next word, with its punctuation
	left  int    // words of the sentence after it
}

const vocabularySize = 4096

func newProse(rng *rand.Rand) *prose {
	p := &prose{rng: rng, words: make([]string, vocabularySize)}
	for i := range p.words {
		p.words[i] = newWord(rng)
	}
	return p
}

// begin begins a text.
func (p *prose) begin() {
	p.left = 0
	p.advance()
}

// appendLine appends the words that fit into a line.
func (p *prose) appendLine(line []byte) []byte {
	line = append(line, p.word...)
	for p.advance(); len(line)+len(" ")+len(p.word) <= wrapAt; p.advance() {
		line = append(append(line, ' '), p.word...)
	}
	return line
}

// advance draws the next word.
func (p *prose) advance() {
	u := p.rng.Float64()
	p.word = p.words[int(u*u*vocabularySize)] // density falls with the square root
	first := p.left == 0
	if first {
		p.left = 4 + p.rng.IntN(12)
		p.word = strings.ToUpper(p.word[:1]) + p.word[1:]
	}
	switch p.left--; {
	case p.left == 0:
		p.word += "."
	case !first && p.rng.IntN(12) == 0:
		p.word += ","
	}
}

var (
	onsets = strings.Fields("b c d f g h l m n p qu r s t v st tr pr cl gr sp")
	nuclei = strings.Fields("a e i o u a e i o ae ia io")
	codas  = []string{"", "", "", "", "n", "r", "s", "m", "t", "l", "nt", "x"}
)

// newWord makes a word of one to three syllables.
func newWord(rng *rand.Rand) string {
	var word strings.Builder
	for range 1 + rng.IntN(3) {
		for _, part := range [][]string{onsets, nuclei, codas} {
			word.WriteString(part[rng.IntN(len(part))])
		}
	}
	return word.String()
}
