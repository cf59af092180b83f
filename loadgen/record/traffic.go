package record

import "mailmill/loadgen/timing"

// Books count slots by outcome.
type Books [timing.NumOutcomes]int64

// Intended returns how many slots are in the books: the sum over the outcomes.
func (b *Books) Intended() int64 {
	var sum int64
	for o := timing.Accepted; o < timing.NumOutcomes; o++ {
		sum += b[o]
	}
	return sum
}

// Counts are what is counted of slots and sessions.
type Counts struct {
	Slots         Books // all of the run
	SlotsInWindow Books // those due in the window
	EndsInWindow  Books // those that ended in the window, whenever they were due

	Begun, BegunInWindow int64 // slots that a worker began; that it began in the window

	// Recipients of the slots, each by its own reply; Failed had none.
	RecipientsAccepted, RecipientsDeferred, RecipientsRejected, RecipientsFailed int64

	ContentOctets int64 // handed to the system between 354 and the end of mail data

	Sessions, SessionsClosed int64
	ClosedEarly              int64 // sessions that the server closed before QUIT
	Unpipelined              int64 // sessions that were to send commands in groups, with a server that does not offer it
	Spent                    int64 // sessions that had as many mail transactions as their server takes in one
	Handshakes               int64 // TLS handshakes completed
	OctetsSent               int64 // by sessions that are closed
	OctetsReceived           int64

	Commands [timing.NumSteps]int64 // sent, by the step that waits for their reply; see Shard.Sent and Shard.Content
}

func (b *Books) merge(from *Books) {
	for o := range b {
		b[o] += from[o]
	}
}

func (c *Counts) merge(from *Counts) {
	c.Slots.merge(&from.Slots)
	c.SlotsInWindow.merge(&from.SlotsInWindow)
	c.EndsInWindow.merge(&from.EndsInWindow)
	c.Begun += from.Begun
	c.BegunInWindow += from.BegunInWindow
	c.RecipientsAccepted += from.RecipientsAccepted
	c.RecipientsDeferred += from.RecipientsDeferred
	c.RecipientsRejected += from.RecipientsRejected
	c.RecipientsFailed += from.RecipientsFailed
	c.ContentOctets += from.ContentOctets
	c.Sessions += from.Sessions
	c.SessionsClosed += from.SessionsClosed
	c.ClosedEarly += from.ClosedEarly
	c.Unpipelined += from.Unpipelined
	c.Spent += from.Spent
	c.Handshakes += from.Handshakes
	c.OctetsSent += from.OctetsSent
	c.OctetsReceived += from.OctetsReceived
	for i := range c.Commands {
		c.Commands[i] += from.Commands[i]
	}
}

// Traffic is what was counted and timed of one class of traffic, or of all. The
// histograms hold slots due in the window, and steps on behalf of such slots.
type Traffic struct {
	Counts
	Negotiated

	// Response is from due to ended over accepted slots; failed, unknown, dropped
	// and unfinished slots are censored. Service is from begun to ended; of those
	// slots, the ones that were begun are censored.
	Response, Service Latency
	// Lateness is from due to begun over accepted slots: it and service add up to
	// response.
	Lateness Histogram
	// Queue and Pacer are the two parts of lateness over all slots that were begun, or
	// dropped by a worker: they tell of workers and of the generator, whatever the
	// server answered.
	Queue, Pacer Histogram
	// Refused is from due to ended over deferred and rejected slots.
	Refused Histogram
	// Opening is from the begin of connect to a session ready for MAIL.
	Opening Histogram
	// Steps are by timing.Step, over replies of any code.
	Steps [timing.NumSteps]Histogram
}

// reset empties t, and keeps the memory of its histograms.
func (t *Traffic) reset() {
	t.Counts, t.Negotiated = Counts{}, Negotiated{}
	for _, h := range []*Histogram{&t.Response.Known, &t.Response.Censored, &t.Service.Known, &t.Service.Censored,
		&t.Lateness, &t.Queue, &t.Pacer, &t.Refused, &t.Opening} {
		h.reset()
	}
	for i := range t.Steps {
		t.Steps[i].reset()
	}
}

// merge adds what from holds.
func (t *Traffic) merge(from *Traffic) {
	t.Counts.merge(&from.Counts)
	t.Negotiated.merge(&from.Negotiated)
	t.Response.Merge(&from.Response)
	t.Service.Merge(&from.Service)
	t.Lateness.Merge(&from.Lateness)
	t.Queue.Merge(&from.Queue)
	t.Pacer.Merge(&from.Pacer)
	t.Refused.Merge(&from.Refused)
	t.Opening.Merge(&from.Opening)
	for i := range t.Steps {
		t.Steps[i].Merge(&from.Steps[i])
	}
}
