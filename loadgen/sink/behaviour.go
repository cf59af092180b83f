package sink

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A Deed is what a behaviour does.
type Deed uint8

// The deeds.
const (
	Answer  Deed = iota // with a reply of its own; 421 closes
	Delay               // the reply, and whatever else is drawn
	Drop                // closes without a reply
	Reset               // closes with RST
	Silence             // never answers again, and keeps the connection
)

var deedNames = [...]string{Answer: "answer", Delay: "delay", Drop: "drop", Reset: "reset", Silence: "silence"}

// String returns the word of the behaviour grammar.
func (d Deed) String() string { return deedNames[d] }

// A Behaviour is one line of the table that tells the sink to be less than
// perfect: at a step, with some odds, do something else than the protocol asks.
//
// Several behaviours may stand for one step. All delays drawn add up and come
// first; of the others, the first that is drawn is carried out.
type Behaviour struct {
	Step timing.Step
	Deed Deed
	Odds float64 // greater than 0, at most 1
	// Code, Enhanced and Text make the Answer. One with the severity that the step has on
	// success lets the command succeed, in other words; any other refuses it.
	Code     smtp.Code
	Enhanced smtp.Enhanced // 0: one that goes with the code
	Text     string        // "": the code's meaning
	// Above, if not 0, carries the behaviour out only for what comes above so many a second,
	// in all or, with PerSource, from one address. That is asked of what the odds have drawn.
	Above     float64
	PerSource bool
	// Least and Most bound a Delay, both included.
	Least, Most time.Duration
}

// behaving lists the steps that behaviours can be given for, with the severity
// of success; 0 where there is no reply.
var behaving = [timing.NumSteps]struct {
	known   bool
	success smtp.Severity
}{
	timing.Connect:  {true, 0},
	timing.Greeting: {true, smtp.PositiveCompletion},
	timing.EHLO:     {true, smtp.PositiveCompletion},
	timing.HELO:     {true, smtp.PositiveCompletion},
	timing.LHLO:     {true, smtp.PositiveCompletion},
	timing.STARTTLS: {true, smtp.PositiveCompletion},
	timing.Auth:     {true, smtp.PositiveCompletion},
	timing.XCLIENT:  {true, smtp.PositiveCompletion},
	timing.XFORWARD: {true, smtp.PositiveCompletion},
	timing.Mail:     {true, smtp.PositiveCompletion},
	timing.Rcpt:     {true, smtp.PositiveCompletion},
	timing.Data:     {true, smtp.PositiveIntermediate},
	timing.Content:  {true, smtp.PositiveCompletion},
	timing.Accept:   {true, smtp.PositiveCompletion},
	timing.BDAT:     {true, smtp.PositiveCompletion},
	timing.RSET:     {true, smtp.PositiveCompletion},
	timing.NOOP:     {true, smtp.PositiveCompletion},
	timing.VRFY:     {true, smtp.PositiveCompletion},
	timing.EXPN:     {true, smtp.PositiveCompletion},
	timing.Help:     {true, smtp.PositiveCompletion},
	timing.Quit:     {true, smtp.PositiveCompletion},
}

// stepNames returns the names of those steps, for messages.
func stepNames() string {
	var names []string
	for step, b := range behaving {
		if b.known {
			names = append(names, timing.Step(step).String())
		}
	}
	return strings.Join(names, ", ")
}

func (b Behaviour) check() error {
	fault := func(format string, args ...any) error {
		return fmt.Errorf("behaviour %q: %s", b, fmt.Sprintf(format, args...))
	}
	switch {
	case int(b.Step) >= len(behaving) || !behaving[b.Step].known:
		return fault("step %v is none of %s", b.Step, stepNames())
	case int(b.Deed) >= len(deedNames):
		return fault("no such deed")
	case !(b.Odds > 0 && b.Odds <= 1):
		return fault("odds of %v%% are not above 0 and at most 100", b.Odds*100)
	case b.Above < 0 || b.Above > 1e9 || b.PerSource && b.Above == 0:
		return fault("no rate is %v/s", b.Above)
	case b.Deed == Answer && behaving[b.Step].success == 0:
		return fault("%v has no reply to give; use greeting", b.Step)
	case b.Deed == Answer && (b.Code < 200 || b.Code > 559 || b.Code/10%10 > 5):
		return fault("%d is not a reply code (RFC 5321 section 4.2)", b.Code)
	case b.Deed == Delay && (b.Least < 0 || b.Most < b.Least):
		return fault("delays from %v to %v cannot be", b.Least, b.Most)
	}
	return nil
}

// String returns the behaviour in the grammar of ParseBehaviour.
func (b Behaviour) String() string {
	s := b.Step.String() + ": " + b.deed()
	if b.Above > 0 {
		s += " above " + strconv.FormatFloat(b.Above, 'f', -1, 64) + "/s"
	}
	if b.PerSource {
		s += " per source"
	}
	if b.Odds != 1 {
		s += " " + strconv.FormatFloat(b.Odds*100, 'g', -1, 64) + "%"
	}
	return s
}

func (b Behaviour) deed() string {
	switch {
	case b.Deed == Delay && b.Least == b.Most:
		return "delay " + b.Least.String()
	case b.Deed == Delay:
		return "delay " + b.Least.String() + ".." + b.Most.String()
	case b.Deed == Answer:
		words := append([]string{strconv.Itoa(int(b.Code))}, b.Enhanced.String(), b.Text)
		return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	case int(b.Deed) < len(deedNames):
		return b.Deed.String()
	}
	return "deed " + strconv.Itoa(int(b.Deed))
}
