package main

import (
	"errors"
	"runtime"
	"strings"

	"mailmill/loadgen/sink"
)

// config returns the sink's configuration, or all that is wrong with it.
func (o *sinkOptions) config() (sink.Config, error) {
	c := sink.Config{
		Hostname: o.hostname, Domains: o.domains,
		MaxSize: int64(noLimit(o.maxSize)), MaxRecipients: noLimit(o.maxRecipients), MaxSessions: noLimit(o.maxSessions),
		MaxLine: o.maxLine, MaxErrors: o.maxErrors,
		CommandTimeout: o.timeout, DataTimeout: o.timeout, WriteTimeout: o.timeout,
		LenientLines: o.lenientLines, Seed: o.seed, ExitAfter: o.exitAfter,
	}
	if o.refuseLoneLF {
		c.LoneLF = sink.RefuseLoneLF
	}
	wrong := o.outOfRange()
	for _, text := range o.users {
		u, err := sink.ParseUser(text)
		if u.Quota == 0 {
			u.Quota = int64(o.quota)
		}
		wrong.add("--user", err)
		c.Users = append(c.Users, u)
	}
	for _, text := range o.behaviours {
		b, err := sink.ParseBehaviour(text)
		wrong.add("--behave", err)
		c.Behaviours = append(c.Behaviours, b)
	}
	o.addTo(&c, &wrong)
	store, err := o.openStore()
	wrong.add("--store", err)
	c.Store = store
	if len(wrong) == 0 {
		wrong.add("sink", c.Check())
	}
	return c, wrong.orNil()
}

// outOfRange checks the numbers whose 0 means something.
func (o *sinkOptions) outOfRange() (wrong mistakes) {
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"max-size", int64(o.maxSize)}, {"max-recipients", int64(o.maxRecipients)}, {"max-sessions", int64(o.maxSessions)},
		{"quota", int64(o.quota)}, {"counters-every", int64(o.countersEvery)}, {"loops", int64(o.loops)}, {"timeout", int64(o.timeout)},
		{"max-recipient-domains", int64(o.maxRecipientDomains)}, {"greet-delay", int64(o.greetDelay)},
		{"max-sessions-per-source", int64(o.maxSessionsPerSource)}, {"max-transactions", int64(o.maxTransactions)}, {"max-received", int64(o.maxReceived)},
		{"max-accepted", int64(o.maxAccepted)}, {"accept-queue", int64(o.acceptQueue)},
		{"greylist", int64(o.behaveInTime.Greylist)}, {"tarpit", int64(o.behaveInTime.Tarpit)}, {"exit-after-sessions", o.exitAfterSessions},
	} {
		if n.value < 0 {
			wrong.add("--"+n.name, errors.New("below 0; give 0 or more"))
		}
	}
	if o.acceptQueue > 0 && runtime.GOOS != "linux" {
		wrong.add("--accept-queue", errors.New("only Linux keeps it; leave it out"))
	}
	if len(o.users) == 0 && o.quota > 0 {
		wrong.add("--quota", errors.New("there is no --user whose mailbox it could be"))
	}
	return wrong
}

// noLimit turns the 0 of a flag into the -1 of the sink.
func noLimit(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// mistakes are all that is wrong with how mailmill was called.
type mistakes []string

// add takes an error, if it is one, and where it is.
func (m *mistakes) add(where string, err error) {
	if err == nil {
		return
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		*m = append(*m, where+": "+line)
	}
}

func (m mistakes) orNil() error {
	if len(m) == 0 {
		return nil
	}
	return usageError{strings.Join(m, "\n")}
}
