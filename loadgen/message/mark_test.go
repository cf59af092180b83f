package message

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// rich is a class with all that a class can have.
func rich(t testing.TB) ClassConfig {
	q := func(s string) Quantity {
		quantity, err := ParseQuantity(s, atoi)
		if err != nil {
			t.Fatal(err)
		}
		return quantity
	}
	return ClassConfig{
		Name: "rich", Weight: 2,
		From: "s{rand:5}@{domain}", NullShare: 0.1,
		To: "user{1..100000}@{domain}", ToOrder: order(t, "zipf:1.1"), Domains: "a.example=3,b.example=1,c.example",
		UnknownShare: 0.02, Unknown: "nobody{n}@{domain}", Recipients: q("1..5"),
		MailParams: []string{"ENVID={uuid}"}, RcptParams: []string{"ORCPT=rfc822;{rcpt}"},
		Size:        q("lognormal:median=2000,p95=20000"),
		Attachments: []Attachment{{"application/pdf", 500}, {"text/plain", 300}},
		Headers:     []string{"X-Order: {rand:1..1000} {rand:12} {class}", "X-Id: {uuid} {time} {time:unix} {rcpt} {from}"},
		Subject:     "Größe {n} für {rcpt}",
	}
}

func TestReadMark(t *testing.T) {
	many := rich(t)
	template := plain
	template.Template = write(t, "Subject: {n}\n\n{uuid}\n.{n}\n.\n")
	file := plain
	file.Data = []byte("X-Mailmill: run=old; slot=1; sha256=0\nSubject: a\n\n.\n..\n\n\n")
	for what, c := range map[string]ClassConfig{"plain": plain, "rich": many, "a template": template, "a file": file} {
		s := newSource(t, c)
		for n := range int64(100) {
			message := receive(t, wire(s, n))
			for how, delivered := range map[string][]byte{
				"as it is":            message,
				"behind a trace":      append([]byte("Return-Path: <>\r\nReceived: from a\r\n by b; date\r\n"), message...),
				"with LF":             bytes.ReplaceAll(message, []byte("\r\n"), []byte("\n")),
				"in an mbox":          append([]byte("From a@b Mon Jan  1 00:00:00 2001\r\n"), message...),
				"with a field folded": bytes.Replace(message, []byte("; slot="), []byte(";\r\n\tslot="), 1),
			} {
				if m, err := ReadMark(delivered); err != nil || m.Run != "r" || m.Slot != n {
					t.Fatalf("%s, %s: slot %d is run %q slot %d, %v", what, how, n, m.Run, m.Slot, err)
				}
			}
			if m, err := ReadMark(append(message, "more\r\n"...)); !errors.Is(err, ErrDigest) || m.Slot != n {
				t.Fatalf("%s: a body with more in it: %v", what, err)
			}
		}
	}
}

func TestMarksAreReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(draw *rapid.T) {
		run := rapid.String().Draw(draw, "run")
		c := plain
		c.Size = Fixed(10)
		s, err := New(Config{Run: run, Classes: []ClassConfig{c}})
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.Int64Min(0).Draw(draw, "slot") / 8
		if m, err := ReadMark(receive(t, wire(s, n))); err != nil || m.Run != run || m.Slot != n {
			t.Fatalf("run %q slot %d, %v; want run %q slot %d", m.Run, m.Slot, err, run, n)
		}
	})
}

func TestMarksAreRefused(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	for what, value := range map[string]string{
		"nothing":             "",
		"no digest":           "run=a; slot=1",
		"no slot":             "run=a; sha256=" + sum,
		"a slot below 0":      "run=a; slot=-1; sha256=" + sum,
		"a slot of letters":   "run=a; slot=x; sha256=" + sum,
		"a short digest":      "run=a; slot=1; sha256=0a",
		"a digest of letters": "run=a; slot=1; sha256=" + strings.Repeat("zz", 32),
		"half an octet":       "run=a%4; slot=1; sha256=" + sum,
		"one twice":           "run=a; run=b; slot=1",
	} {
		if m, err := ParseMark(value); err == nil {
			t.Errorf("%s: %+v", what, m)
		}
	}
	if m, err := ParseMark(" run=a%20b; slot=7; later=x;\r\n sha256=" + sum); err != nil || m.Run != "a b" || m.Slot != 7 {
		t.Errorf("a mark with something new in it: %+v, %v", m, err)
	}
	if _, err := ReadMark([]byte("Subject: s\n\nX-Mailmill: no header\n")); err == nil || err.Error() != "no field X-Mailmill in the header" {
		t.Error(err)
	}
}
