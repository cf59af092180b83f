package transport

import (
	"slices"

	"mailmill/loadgen/timing"
)

// verbs says how each verb is carried out: each method returns the event that
// follows at once, if one does.
var verbs = [...]func(*dialogue, *Action) (Event, bool){
	Wait:     (*dialogue).doWait,
	Dial:     (*dialogue).doDial,
	Write:    (*dialogue).doWrite,
	StartTLS: (*dialogue).doStartTLS,
	Close:    (*dialogue).doClose,
	Done:     (*dialogue).doDone,
}

func (d *dialogue) doWait(*Action) (Event, bool) {
	if d.phase == phaseQueued {
		d.delay(d.wire.Now())
	}
	return Event{}, false
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
	d.phase, d.since = phaseDialing, now
	if d.putOff > 0 {
		d.until = now.Add(d.putOff)
	}
}

func (d *dialogue) doDial(a *Action) (Event, bool) {
	if d.phase != phaseNone {
		d.wire.close(Now)
		d.phase = phaseNone
	}
	d.writing = false
	d.since = d.event.Now
	if d.allow != nil {
		if err := d.allow(*a.Dial); err != nil {
			return d.broken(localFault(err.Error()))
		}
	}
	d.phase = phaseDialing
	if d.wire.dial(*a.Dial) {
		d.phase = phaseQueued
		d.delay(d.since)
	}
	return Event{}, false
}

func (d *dialogue) doWrite(a *Action) (Event, bool) {
	switch {
	case d.phase != phaseOpen:
		return d.misuse("Write without an open connection")
	case d.writing:
		return d.misuse("Write while a Write is unfinished")
	case d.shut:
		return d.misuse("Write after Close HalfWay")
	}
	d.spoken = true
	if !d.wire.write(a.Head, a.Body) {
		d.writing = true
		return Event{}, false
	}
	if a.Notify {
		return Event{Kind: Written, Now: d.wire.Now()}, true
	}
	return Event{}, false
}

func (d *dialogue) doStartTLS(a *Action) (Event, bool) {
	if d.phase != phaseOpen || d.writing || d.shut {
		return d.misuse("StartTLS without a connection at rest")
	}
	first, ok := d.handshakeOctets(a.TLS)
	if !ok {
		d.wire.close(Now)
		return d.broken(timing.Fault{Kind: timing.TLSFailed, Text: "octets before the handshake"})
	}
	d.phase, d.in = phaseShaking, nil
	d.wire.shake(a.TLS, first)
	return Event{}, false
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

func (d *dialogue) doClose(a *Action) (Event, bool) {
	switch {
	case d.phase == phaseNone:
		return Event{Kind: Closed, Now: d.wire.Now()}, true
	case a.How == HalfWay && d.phase != phaseOpen:
		return d.misuse("Close HalfWay without an open connection")
	case a.How == HalfWay:
		d.wire.close(HalfWay)
		d.writing, d.shut = false, true
		return Event{}, false
	}
	d.in, d.writing = nil, false
	if !d.wire.close(a.How) {
		d.phase, d.until = phaseClosing, 0
		return Event{}, false
	}
	d.phase = phaseNone
	return Event{Kind: Closed, Now: d.wire.Now()}, true
}

func (d *dialogue) doDone(*Action) (Event, bool) {
	if d.phase != phaseNone {
		d.wire.close(Now)
	}
	d.phase, d.in, d.rest = phaseOver, nil, nil
	return Event{}, false
}

// misuse answers an action that the contract does not allow here. It costs the
// connection, not the process: a whole run's results would be lost with it.
func (d *dialogue) misuse(text string) (Event, bool) {
	if d.phase != phaseNone {
		d.wire.close(Now)
	}
	return d.broken(localFault(text))
}

func (d *dialogue) broken(f timing.Fault) (Event, bool) {
	d.phase, d.writing = phaseNone, false
	return Event{Kind: Broken, Now: d.wire.Now(), Since: d.since, Fault: f}, true
}
