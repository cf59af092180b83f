package loadgen

import (
	"errors"
	"io"
	"os"
	"time"

	"mailmill/loadgen/message"
	"mailmill/profiles"
)

// newSource is what the slots of a plan send. The run's start makes its Message-IDs its own.
func newSource(plan profiles.Plan, input io.Reader, started time.Time) (*message.Source, error) {
	c := message.Config{Seed: plan.Seed, Run: started.UTC().Format(time.RFC3339Nano)}
	stdin := &standardInput{from: input}
	for _, class := range plan.Traffic() {
		content, err := newContent(class.Plan, stdin)
		if err != nil {
			return nil, inClass(class.Name, err)
		}
		envelope(&content, &class.Plan)
		content.Name, content.Weight = class.Name, float64(class.Weight)
		c.Classes = append(c.Classes, content)
	}
	s, err := message.New(c)
	if err != nil {
		return nil, &PlanError{err}
	}
	return s, nil
}

// newContent is what the messages of a class have in common, by its plan.
func newContent(plan profiles.Plan, stdin *standardInput) (message.ClassConfig, error) {
	c := message.ClassConfig{
		From: plan.From, FromOrder: plan.FromOrder, NullShare: plan.NullSender,
		To: plan.To, ToOrder: plan.ToOrder, Domains: plan.Domains, Unknown: plan.Unknown, UnknownShare: plan.UnknownShare,
		Recipients: plan.Recipients, Size: plan.Size, Attachments: plan.Attachments,
		Corpus: plan.Corpus, CorpusOrder: plan.CorpusOrder, Template: plan.Template,
		Headers: plan.Headers, Subject: plan.Subject, DKIM: plan.DKIM,
	}
	if plan.Sample != "none" {
		c.Sample = plan.Sample
	}
	var err error
	switch plan.Data {
	case "":
		return c, nil
	case "-":
		c.Data, err = stdin.read()
	default:
		c.Data, err = os.ReadFile(plan.Data)
	}
	if err == nil && len(c.Data) == 0 {
		err = errors.New("the message is empty")
	}
	if err != nil {
		return c, planError("--data %s: %w", plan.Data, err)
	}
	return c, nil
}

// A standardInput is read once, for however many classes.
type standardInput struct {
	from io.Reader // nil: there is none
	text []byte
	done bool
}

func (s *standardInput) read() (text []byte, err error) {
	switch {
	case s.from == nil:
		return nil, errors.New("there is no standard input to read a message from")
	case !s.done:
		s.done = true
		s.text, err = io.ReadAll(s.from)
	}
	return s.text, err
}
