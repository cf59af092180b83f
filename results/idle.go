package results

// Idle tells of the sessions that only held while the load ran. Nothing of them is in
// any other part of a document.
type Idle struct {
	// Wanted is how many were to be held at the same time.
	Wanted int `json:"wanted"`
	// Opened counts those that became ready, anew ones too. Refused counts those that did
	// not; Lost those that ended before the load did: the server ended them, or a fault.
	Opened  int64 `json:"opened"`
	Refused int64 `json:"refused,omitempty"`
	Lost    int64 `json:"lost,omitempty"`
	// NOOP is how long the replies to their NOOPs took.
	NOOP *Latency `json:"noop,omitempty"`
}

// idle merges the idle sessions of all parts.
func (m *merging) idle() (err error) {
	var sum Idle
	for _, d := range m.docs {
		if d.Idle == nil {
			continue
		}
		m.sum.Idle = &sum
		sum.Wanted += d.Idle.Wanted
		sum.Opened += d.Idle.Opened
		sum.Refused += d.Idle.Refused
		sum.Lost += d.Idle.Lost
	}
	sum.NOOP, err = m.latency("idle noop", func(d *Document) *Latency {
		if d.Idle == nil {
			return nil
		}
		return d.Idle.NOOP
	})
	return err
}
