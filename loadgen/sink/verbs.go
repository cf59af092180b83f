package sink

import (
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A commandRow says when a command is allowed, and what it does.
type commandRow struct {
	step  timing.Step
	do    func(*session, *turn, smtp.Line) // nil: 502, or 500 where the verb is not known
	stage [numStages]canned                // what is said instead at a stage; 0: the command is allowed
	gates gates                            // those behind which it is
	bare  bool                             // takes no argument
	needs Extension                        // that has to be offered
	help  string                           // the argument, for HELP
}

// gates are what a client has to pass before commands behind them are allowed.
type gates uint8

const (
	tlsGate   gates = 1 << iota // a handshake (RFC 3207 section 4)
	authGate                    // an AUTH (RFC 4954 section 6)
	bothGates = tlsGate | authGate
)

// sequences of RFC 5321 section 4.1.4: at which stage a command is out of place.
var (
	always    = [numStages]canned{turnedAway: sayNoService}
	noMail    = [numStages]canned{connected: sayNoClient, inMail: sayNested, inRcpt: sayNested, turnedAway: sayNoService}
	noRcpt    = [numStages]canned{connected: sayNoClient, greeted: sayNoMail, turnedAway: sayNoService}
	noData    = [numStages]canned{connected: sayNoClient, greeted: sayNoMail, inMail: sayNoRecipients, turnedAway: sayNoService}
	noAuth    = [numStages]canned{connected: sayNoClient, inMail: sayInTransaction, inRcpt: sayInTransaction, turnedAway: sayNoService}
	noTLS     = [numStages]canned{inMail: sayInTransaction, inRcpt: sayInTransaction, turnedAway: sayNoService}
	toTheLast = [numStages]canned{}
)

// verbs is the command set. What is not in it is of extensions that the sink does not
// have, or obsolete, and not to be implemented (RFC 5321 appendix F.6, section 4.1.4).
var verbs = [smtp.NumVerbs]commandRow{
	smtp.VerbEHLO:     {step: timing.EHLO, do: (*session).ehlo, stage: always, help: "domain"},
	smtp.VerbHELO:     {step: timing.HELO, do: (*session).helo, stage: always, gates: tlsGate, help: "domain"},
	smtp.VerbMAIL:     {step: timing.Mail, do: (*session).mail, stage: noMail, gates: bothGates, help: "FROM:<reverse-path> [parameters]"},
	smtp.VerbRCPT:     {step: timing.Rcpt, do: (*session).rcpt, stage: noRcpt, gates: bothGates, help: "TO:<forward-path> [parameters]"},
	smtp.VerbDATA:     {step: timing.Data, do: (*session).data, stage: noData, gates: bothGates, bare: true},
	smtp.VerbRSET:     {step: timing.RSET, do: (*session).rset, stage: always, gates: tlsGate, bare: true},
	smtp.VerbNOOP:     {step: timing.NOOP, do: (*session).noop, stage: always, help: "[anything]"},
	smtp.VerbVRFY:     {step: timing.VRFY, do: (*session).vrfy, stage: always, gates: bothGates, needs: VRFY, help: "user"},
	smtp.VerbEXPN:     {step: timing.EXPN, do: (*session).expn, stage: always, gates: bothGates, needs: EXPN, help: "list"},
	smtp.VerbHELP:     {step: timing.Help, do: (*session).helpOn, stage: always, gates: bothGates, needs: Help, help: "[command]"},
	smtp.VerbQUIT:     {step: timing.Quit, do: (*session).quit, stage: toTheLast, bare: true},
	smtp.VerbSTARTTLS: {step: timing.STARTTLS, do: (*session).startTLS, stage: noTLS, bare: true, needs: StartTLS},
	smtp.VerbAUTH:     {step: timing.Auth, do: (*session).auth, stage: noAuth, gates: tlsGate, needs: Auth, help: "mechanism [initial-response]"},
}

// A commandSet is the commands of one sink.
type commandSet [smtp.NumVerbs]commandRow

// makeCommands leaves out what c does not offer.
func makeCommands(c *Config) *commandSet {
	set := commandSet(verbs)
	offered := c.offers()
	for v := range set {
		row := &set[v]
		if row.do == nil || row.needs&^offered != 0 {
			*row = commandRow{stage: always}
		}
	}
	return &set
}
