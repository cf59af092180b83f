package transport

import (
	"slices"

	"mailmill/loadgen/timing"
)

// verbs says how each verb is carried out. Each method reports whether an event
// follows at once, and has it ready then.
var verbs = [...]func(*dialogue) bool{
	Wait:     (*dialogue).doWait,
	Dial:     (*dialogue).doDial,
	Write:    (*dialogue).doWrite,
	StartTLS: (*dialogue).doStartTLS,
	Close:    (*dialogue).doClose,
	Done:     (*dialogue).doDone,
}

// follows makes e the event that follows at once.
func (d *dialogue) follows(e Event) bool {
	e.Now = d.wire.Now()
	d.event = e
	return true
}

func (d *dialogue) doWait() bool {
	if d.phase == phaseQueued {
		d.delay(d.wire.Now())
	}
	return false
}

// delay stops the timer of a dial that waits for a permit; permitted sets it
// going again, so that the wait is not taken for a slow server.
func (d *dialogue) delay(now timing.Instant) {
	d.putOff = 0
	if d.until != 0 {
		d.putOff = max(1, d.until.Sub(now))
	}
	d.until = 0
}

// permitted tells that the dial which waited is begun.
func (d *dialogue) permitted(now timing.Instant) {
	d.phase, d.since, d.waited = phaseDialing, now, true
	if d.putOff > 0 {
		d.until = now.Add(d.putOff)
	}
}

func (d *dialogue) doDial() bool {
	if d.phase != phaseNone {
		d.wire.close(Now)
	}
	d.phase, d.writing, d.in = phaseNone, false, nil
	d.since, d.waited = d.now, false
	to := *d.action.Dial
	if d.allow != nil {
		if err := d.allow(to); err != nil {
			return d.broken(localFault(err.Error()))
		}
	}
	d.phase = phaseDialing
	if d.wire.dial(to) {
		d.phase = phaseQueued
		d.delay(d.since)
	}
	return false
}

func (d *dialogue) doWrite() bool {
	switch {
	case d.phase != phaseOpen:
		return d.misuse("Write without an open connection")
	case d.writing:
		return d.misuse("Write while a Write is unfinished")
	case d.shut:
		return d.misuse("Write after Close HalfWay")
	}
	d.spoken = true
	if !d.wire.write(d.action.Head, d.action.Body) {
		d.writing = true
		return false
	}
	return d.action.Notify && d.follows(Event{Kind: Written})
}

func (d *dialogue) doStartTLS() bool {
	if d.phase != phaseOpen || d.writing || d.shut {
		return d.misuse("StartTLS without a connection at rest")
	}
	t := d.action.TLS
	first, ok := d.handshakeOctets(t)
	if !ok {
		d.wire.close(Now)
		return d.broken(timing.Fault{Kind: timing.TLSFailed, Text: "octets before the handshake"})
	}
	d.phase, d.in = phaseShaking, nil
	d.wire.shake(t, first)
	return false
}

// handshakeOctets returns the untaken octets that are the beginning of the
// handshake. On a connection on which the server has not spoken, TLS is
// implicit, and its octets are the ClientHello (behind a PROXY header, say).
// Else octets that came before the handshake were put there to be taken for
// protected ones (RFC 3207 section 6), and it must not begin.
func (d *dialogue) handshakeOctets(t *TLS) (first []byte, ok bool) {
	if len(d.in) == 0 {
		return nil, true
	}
	return slices.Clone(d.in), t.Server && !d.spoken
}

func (d *dialogue) doClose() bool {
	how := d.action.How
	switch {
	case d.phase == phaseNone:
		return d.follows(Event{Kind: Closed})
	case how == HalfWay && d.phase != phaseOpen:
		return d.misuse("Close HalfWay without an open connection")
	case how == HalfWay:
		d.wire.close(HalfWay)
		d.writing, d.shut = false, true
		return false
	}
	d.in, d.writing = nil, false
	if !d.wire.close(how) {
		d.phase, d.until = phaseClosing, 0
		return false
	}
	d.phase = phaseNone
	return d.follows(Event{Kind: Closed})
}

func (d *dialogue) doDone() bool {
	if d.phase != phaseNone {
		d.wire.close(Now)
	}
	d.phase, d.in, d.rest = phaseOver, nil, nil
	return false
}

// misuse answers an action that the contract does not allow here. It costs the
// connection, not the process: a whole run's results would be lost with it.
func (d *dialogue) misuse(text string) bool {
	if d.phase != phaseNone {
		d.wire.close(Now)
	}
	return d.broken(localFault(text))
}

func (d *dialogue) broken(f timing.Fault) bool {
	d.phase, d.writing = phaseNone, false
	return d.follows(Event{Kind: Broken, Since: d.since, Waited: d.waited, Fault: f})
}
