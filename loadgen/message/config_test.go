package message

import (
	"strings"
	"testing"
)

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		change func(*ClassConfig)
		want   string
	}{
		{func(c *ClassConfig) { c.From = "nobody" }, "reverse-path: "},
		{func(c *ClassConfig) { c.To = "" }, "forward-path: empty; a message needs a recipient, such as user{n}@example.com"},
		{func(c *ClassConfig) { c.To = "a b@example.com" }, "forward-path: "},
		{func(c *ClassConfig) { c.To = strings.Repeat("a", 60) + "{n}@example.com" }, "forward-path: "},
		{func(c *ClassConfig) { c.Recipients = Fixed(-1) }, "recipients: -1 is out of range; from 1 to 1000000 is possible"},
		{func(c *ClassConfig) { c.Size = Fixed(1) }, "size: 1; a body has no octets, or at least the 2 of a line end"},
		{func(c *ClassConfig) { c.Size = Fixed(-5) }, "size: -5 is out of range; from 0 to 1073741824 is possible"},
		{func(c *ClassConfig) { c.Data = []byte{} }, "data: the message file is empty"},
		{func(c *ClassConfig) { c.Domain = "a b" }, `domain "a b": not a domain; the Message-IDs need one, such as example.com`},
		{func(c *ClassConfig) { c.Headers = []string{"no colon"} }, `header "no colon": not a field; write "Name: value"`},
		{func(c *ClassConfig) { c.Headers = []string{"a b: c"} }, `header "a b: c": not a field; write "Name: value"`},
		{func(c *ClassConfig) { c.Headers = []string{"X: a\r\nY: b"} }, `header "X: a\r\nY: b": a line end or NUL in its value`},
		{func(c *ClassConfig) { c.Headers = []string{"date: now"} }, `header "date: now": each message has a date of its own`},
		{func(c *ClassConfig) { c.Headers = []string{"Message-ID: <1@x>"} }, `header "Message-ID: <1@x>": each message has a Message-ID of its own`},
		{func(c *ClassConfig) { c.Headers = []string{"X: " + strings.Repeat("a", 1000)} }, `header "X: ` + strings.Repeat("a", 37) + `"…: 1003 octets; a line may have 998, with its numbers`},
		{func(c *ClassConfig) { c.Subject = "a\nb" }, `header "Subject: a\nb": a line end or NUL in its value`},
	}
	for _, test := range tests {
		c := plain
		test.change(&c)
		if _, err := New(alone(c)); err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %s", err, test.want)
		}
	}
}
