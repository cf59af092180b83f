package misbehave

import (
	"time"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/timing"
)

// A move is one thing that a client does. do returns done when the next move is to follow at once; else a
// is what the client does until the next event, which comes to the same move.
type move struct {
	do   func(c *Client, e *event, m *move) (done bool)
	step timing.Step // that it begins, or whose reply it waits for
	text text        // of tell
	// Of tell: octets per second, 0 is all at once; endless, the text begins anew at its end; deaf, nothing is read.
	pace    int
	endless bool
	deaf    bool
	// Of hear: a negative reply is what the client is after.
	anyReply bool
	pause    time.Duration // of pass
}

// A script is the moves of a session, and from which on they are repeated at the end; a script without a repeated
// part ends with a move that ends the session.
type script struct {
	moves []move
	again int
}

// scripts are the kinds' scripts.
var scripts = [manners.NumKinds]func(manners.Manner) script{
	manners.EarlyTalker: func(manners.Manner) script {
		return of(tells(timing.EHLO, ehlo), hears(timing.Greeting), hears(timing.EHLO), envelope, content, goodbye)
	},
	manners.SlowWriter: func(m manners.Manner) script { return of(whole).paced(m.Octets) },
	manners.SlowReader: func(manners.Manner) script {
		return of(move{do: (*Client).tell, step: timing.EHLO, text: manyEHLO, pace: floodPace, endless: true, deaf: true})
	},
	manners.HalfOpen: func(manners.Manner) script {
		return of(opening, tells(timing.Mail, mail), move{do: (*Client).shut}, stays)
	},
	manners.Silent: func(manners.Manner) script { return of(stays) },
	manners.Drop: func(m manners.Manner) script {
		return of(through(m.Step), leaves)
	},
	manners.Reset: func(m manners.Manner) script {
		return of(through(m.Step), move{do: (*Client).breakOff})
	},
	manners.NoQuit: func(manners.Manner) script { return of(opening, envelope, content, leaves) },
	manners.LongLine: func(m manners.Manner) script {
		long := tells(timing.Content, longContent(m.Octets))
		return of(opening, tells(timing.NOOP, longNoop(m.Octets)), move{do: (*Client).hear, step: timing.NOOP, anyReply: true},
			envelope, long, hears(timing.Accept), goodbye)
	},
	manners.BareLF: func(manners.Manner) script { return of(whole).told(bare) },
	manners.Pipeline: func(manners.Manner) script {
		return of(hears(timing.Greeting), tells(timing.EHLO, together(ehlo, mail, rcpt, data)),
			hears(timing.EHLO), hears(timing.Mail), hears(timing.Rcpt), hears(timing.Data), content, goodbye)
	},
	manners.EndlessContent: func(m manners.Manner) script {
		return of(opening, envelope, tells(timing.Content, header),
			move{do: (*Client).tell, step: timing.Content, text: block, pace: m.Octets, endless: true})
	},
	manners.BadSyntax: func(manners.Manner) script {
		s := of(opening)
		s.again = len(s.moves)
		for _, line := range wrongLines {
			s.moves = append(s.moves, tells(line.step, always(line.text)),
				move{do: (*Client).hear, step: line.step, anyReply: true}, move{do: (*Client).pass, pause: wrongPause})
		}
		return s
	},
}

// The parts of a session as it should be.
var (
	opening  = []move{hears(timing.Greeting), tells(timing.EHLO, ehlo), hears(timing.EHLO)}
	envelope = []move{tells(timing.Mail, mail), hears(timing.Mail), tells(timing.Rcpt, rcpt), hears(timing.Rcpt), tells(timing.Data, data), hears(timing.Data)}
	content  = []move{tells(timing.Content, wholeContent), hears(timing.Accept)}
	goodbye  = []move{tells(timing.Quit, quit), hears(timing.Quit), leaves}
	whole    = of(opening, envelope, content, goodbye).moves
	leaves   = move{do: (*Client).leave}
	stays    = move{do: (*Client).stay, step: timing.Idle}
)

// floodPace is how many octets a second a client sends that reads nothing: 500 EHLO commands or so.
const floodPace = 15_000

// wrongPause lies between two wrong commands.
const wrongPause = 50 * time.Millisecond

func tells(step timing.Step, t text) move { return move{do: (*Client).tell, step: step, text: t} }
func hears(step timing.Step) move         { return move{do: (*Client).hear, step: step} }

// of makes a script of moves and parts.
func of(parts ...any) (s script) {
	for _, p := range parts {
		switch p := p.(type) {
		case move:
			s.moves = append(s.moves, p)
		case []move:
			s.moves = append(s.moves, p...)
		}
	}
	s.again = len(s.moves) - 1
	return s
}

// through is the session as it should be, as far as the end of a step: the reply to it, but of
// content its last octet.
func through(step timing.Step) []move {
	if step == timing.Connect {
		return nil
	}
	for i := len(whole) - 1; ; i-- {
		if whole[i].step == step {
			return whole[:i+1]
		}
	}
}

// paced is the script with every octet told at a pace.
func (s script) paced(perSecond int) script { return s.eachTold(func(m *move) { m.pace = perSecond }) }

// told is the script with every text changed.
func (s script) told(change func(text) text) script {
	return s.eachTold(func(m *move) { m.text = change(m.text) })
}

// eachTold is a copy of the script with every move changed that tells something.
func (s script) eachTold(change func(*move)) script {
	s.moves = append([]move(nil), s.moves...)
	for i := range s.moves {
		if s.moves[i].text != nil {
			change(&s.moves[i])
		}
	}
	return s
}
