package message

import (
	"fmt"
	"os"
)

// maxTemplate bounds a template, in octets. What stands before its last field is made
// for each message.
const maxTemplate = 16 << 20

// template makes the content of a file with fields: a whole message, or a body alone,
// which gets the header of a synthetic message.
func (b *binder) template(c ClassConfig, h header) (*content, error) {
	text, err := os.ReadFile(c.Template)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if len(text) == 0 || len(text) > maxTemplate {
		return nil, fmt.Errorf("template %s: %d octets; from 1 to %d are possible", c.Template, len(text), maxTemplate)
	}
	d, err := readTemplate(text)
	if err == nil && len(d.header) == 0 {
		if !isASCII(text) {
			h = h.with(plainField("Content-Type", "text/plain; charset=utf-8")).with(plainField("Content-Transfer-Encoding", "8bit"))
		}
		d.header = h
	}
	if err == nil {
		d.header, err = b.run.amend(c, d.header)
	}
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", c.Template, err)
	}
	made, wire := b.prepare(d)
	made.body = wire
	return made, nil
}

// readTemplate makes a draft of a message with fields.
func readTemplate(text []byte) (draft, error) {
	literals, body := parseMessage(text)
	var d draft
	for _, f := range literals {
		p, err := parsePattern(f.parts[0].plain, contentFields, false)
		if err != nil {
			return d, err
		}
		d.header = append(d.header, field{f.name, p})
	}
	var err error
	d.body, err = parsePattern(string(body), contentFields, false)
	return d, err
}
