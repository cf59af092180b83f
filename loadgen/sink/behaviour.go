package sink

import (
	"fmt"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A Behaviour is one line of the table that tells the sink to be less than
// perfect: at a step, with some odds, do something else than the protocol asks.
//
// Several behaviours may stand for one step. All delays drawn add up and come
// first; of those in the place of the reply, the first that is drawn is carried out;
// all that change the manner of the reply apply to it.
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
	// First, if not 0, carries it out only so often, and Every only each so manieth time, of what
	// all of the above have let through, over all sessions.
	First, Every int64
	// For, if not "", carries it out only for addresses like this, in which "*" is any octets: at
	// mail the reverse-path, at rcpt and (in LMTP) at accept the forward-path, else the first one
	// of the mail transaction.
	For string
	// Early gives the Answer as soon as the verb has come. If the Answer says so, the command is
	// carried out when the rest has.
	Early bool
	// Least and Most bound a Delay, both included. Least is the pause of Dribble.
	Least, Most time.Duration
}

// behaving lists the steps that behaviours can be given for, with the severity
// of success; 0 where there is no reply. addressed: some address is known. early: a reply
// may come before the command is complete.
var behaving = [timing.NumSteps]struct {
	known            bool
	success          smtp.Severity
	addressed, early bool
}{
	timing.Connect:  {known: true},
	timing.Greeting: {known: true, success: smtp.PositiveCompletion},
	timing.EHLO:     {known: true, success: smtp.PositiveCompletion, early: true},
	timing.HELO:     {known: true, success: smtp.PositiveCompletion, early: true},
	timing.LHLO:     {known: true, success: smtp.PositiveCompletion, early: true},
	timing.STARTTLS: {known: true, success: smtp.PositiveCompletion},
	timing.TLS:      {known: true},
	timing.Auth:     {known: true, success: smtp.PositiveCompletion, early: true},
	timing.XCLIENT:  {known: true, success: smtp.PositiveCompletion, early: true},
	timing.XFORWARD: {known: true, success: smtp.PositiveCompletion, early: true},
	timing.Mail:     {known: true, success: smtp.PositiveCompletion, addressed: true, early: true},
	timing.Rcpt:     {known: true, success: smtp.PositiveCompletion, addressed: true, early: true},
	timing.Data:     {known: true, success: smtp.PositiveIntermediate, addressed: true},
	timing.Content:  {known: true, success: smtp.PositiveCompletion, addressed: true},
	timing.Accept:   {known: true, success: smtp.PositiveCompletion, addressed: true},
	timing.BDAT:     {known: true, success: smtp.PositiveCompletion, addressed: true},
	timing.RSET:     {known: true, success: smtp.PositiveCompletion},
	timing.NOOP:     {known: true, success: smtp.PositiveCompletion, early: true},
	timing.VRFY:     {known: true, success: smtp.PositiveCompletion, early: true},
	timing.EXPN:     {known: true, success: smtp.PositiveCompletion, early: true},
	timing.Help:     {known: true, success: smtp.PositiveCompletion, early: true},
	timing.Quit:     {known: true, success: smtp.PositiveCompletion},
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
	case b.Deed >= numDeeds:
		return fault("no such deed")
	case !(b.Odds > 0 && b.Odds <= 1):
		return fault("odds of %v%% are not above 0 and at most 100", b.Odds*100)
	case b.Above < 0 || b.Above > 1e9 || b.PerSource && b.Above == 0:
		return fault("no rate is %v/s", b.Above)
	case b.First < 0 || b.Every < 0 || b.First > 0 && b.Every > 0:
		return fault("it is carried out the first few times, or each so manieth")
	case b.fault() != "":
		return fault("%s", b.fault())
	case b.Deed == Answer && (b.Code < 200 || b.Code > 559 || b.Code/10%10 > 5):
		return fault("%d is not a reply code (RFC 5321 section 4.2)", b.Code)
	case b.Deed == Delay && (b.Least < 0 || b.Most < b.Least), b.Deed == Dribble && b.Least < 0:
		return fault("delays from %v to %v cannot be", b.Least, b.Most)
	}
	return nil
}
