package session

import (
	"strings"
	"testing"

	"mailmill/loadgen/message"
	"mailmill/loadgen/smtp"
)

// A message to too many domains is withheld, and the next one, to as many as the server takes, is sent.
func TestWhatIsWithheldSpendsNoLimit(t *testing.T) {
	mail := func(to string, recipients int) *message.Mail {
		source, err := message.New(message.Config{Classes: []message.ClassConfig{
			{From: "sender@example.com", To: to, Recipients: message.Fixed(recipients), Size: message.Fixed(100)}}})
		if err != nil {
			t.Fatal(err)
		}
		m := new(message.Mail)
		source.Fill(1, sent, m)
		return m
	}
	s := &Session{config: &Config{Limits: true}, offer: &Offer{extensions: limits, limits: smtp.Limits{RcptDomains: 1}}}
	s.mail = mail("u@d{n}.example.com", 2)
	if why := s.lacking(); !strings.Contains(why, "RCPTDOMAINMAX=1") {
		t.Errorf("two domains where one is allowed: %q", why)
	}
	s.mail = mail("u{n}@e.example.com", 2)
	if why := s.lacking(); why != "" {
		t.Errorf("one domain, behind a message that was not sent: %q", why)
	}
}
