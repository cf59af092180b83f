package sink

import (
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A commandRow says when a command is allowed, and what it does.
type commandRow struct {
	step  timing.Step
	do    func(*session, *turn, smtp.Line) // nil: 502, or 500 where the verb is not known
	stage sequence                         // what is said instead at a stage; 0: the command is allowed
	gates gates                            // those behind which it is
	bare  bool                             // takes no argument
	needs Extension                        // that has to be offered
	help  string                           // the argument, for HELP
}

// A sequence is what is said to a command at each stage; 0: it is allowed.
type sequence [numStages]canned

// inTransaction returns the sequence of a command that is out of place in a mail
// transaction.
func inTransaction(c canned) sequence {
	return sequence{inMail: c, inRcpt: c, inChunks: sayChunksOnly, chunksFailed: sayChunkFailed, turnedAway: sayNoService}
}

// but returns q with another word at one stage.
func (q sequence) but(at stage, c canned) sequence {
	q[at] = c
	return q
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
	always = sequence{turnedAway: sayNoService}
	noMail = inTransaction(sayNested).but(connected, sayNoClient)
	noRcpt = sequence{
		connected: sayNoClient, greeted: sayNoMail, inChunks: sayChunksOnly, chunksFailed: sayChunkFailed, turnedAway: sayNoService,
	}
	noData    = noRcpt.but(inMail, sayNoRecipients)
	noTLS     = inTransaction(sayInTransaction)
	noAuth    = noTLS.but(connected, sayNoClient)
	toTheLast = sequence{}
)

// verbs is the command set. What is not in it is of extensions that the sink does not
// have, or obsolete, and not to be implemented (RFC 5321 appendix F.6, section 4.1.4).
var verbs = [smtp.NumVerbs]commandRow{
	smtp.VerbEHLO:     {step: timing.EHLO, do: (*session).ehlo, stage: always, help: "domain"},
	smtp.VerbLHLO:     {step: timing.LHLO, do: (*session).ehlo, stage: always, help: "domain"},
	smtp.VerbHELO:     {step: timing.HELO, do: (*session).helo, stage: always, gates: tlsGate, help: "domain"},
	smtp.VerbMAIL:     {step: timing.Mail, do: (*session).mail, stage: noMail, gates: bothGates, help: "FROM:<reverse-path> [parameters]"},
	smtp.VerbRCPT:     {step: timing.Rcpt, do: (*session).rcpt, stage: noRcpt, gates: bothGates, help: "TO:<forward-path> [parameters]"},
	smtp.VerbDATA:     {step: timing.Data, do: (*session).data, stage: noData, gates: bothGates, bare: true},
	smtp.VerbBDAT:     {step: timing.BDAT, do: (*session).bdat, stage: always, needs: Chunking, help: "size [LAST]"},
	smtp.VerbRSET:     {step: timing.RSET, do: (*session).rset, stage: always, gates: tlsGate, bare: true},
	smtp.VerbNOOP:     {step: timing.NOOP, do: (*session).noop, stage: always, help: "[anything]"},
	smtp.VerbVRFY:     {step: timing.VRFY, do: (*session).vrfy, stage: always, gates: bothGates, needs: VRFY, help: "user"},
	smtp.VerbEXPN:     {step: timing.EXPN, do: (*session).expn, stage: always, gates: bothGates, needs: EXPN, help: "list"},
	smtp.VerbHELP:     {step: timing.Help, do: (*session).helpOn, stage: always, gates: bothGates, needs: Help, help: "[command]"},
	smtp.VerbQUIT:     {step: timing.Quit, do: (*session).quit, stage: toTheLast, bare: true},
	smtp.VerbSTARTTLS: {step: timing.STARTTLS, do: (*session).startTLS, stage: noTLS, bare: true, needs: StartTLS},
	smtp.VerbAUTH:     {step: timing.Auth, do: (*session).auth, stage: noAuth, gates: tlsGate, needs: Auth, help: "mechanism [initial-response]"},
	smtp.VerbXCLIENT:  {step: timing.XCLIENT, do: (*session).xclient, stage: noTLS, gates: tlsGate, needs: XCLIENT, help: "attribute=value..."},
	smtp.VerbXFORWARD: {step: timing.XFORWARD, do: (*session).xforward, stage: noTLS, gates: bothGates, needs: XFORWARD, help: "attribute=value..."},
}

// A commandSet is the commands of one sink.
type commandSet [smtp.NumVerbs]commandRow

// foreign reports whether a verb is of no protocol that c speaks: LMTP has LHLO in the
// place of EHLO and HELO (RFC 2033 section 4.1).
func (c *Config) foreign(v smtp.Verb) bool {
	switch v {
	case smtp.VerbUnknown:
		return true
	case smtp.VerbLHLO:
		return !c.LMTP
	case smtp.VerbEHLO, smtp.VerbHELO:
		return c.LMTP
	}
	return false
}

// makeCommands leaves out what c does not offer.
func makeCommands(c *Config) *commandSet {
	set := commandSet(verbs)
	offered := c.offers()
	for v := range set {
		row := &set[v]
		if c.foreign(smtp.Verb(v)) || row.do == nil || row.needs&^offered != 0 {
			*row = commandRow{stage: always}
		}
	}
	return &set
}
