package results

import "time"

// Format and Version stand first in every document. In one version optional
// fields may be added; meanings and units never change.
const (
	Format  = "mailmill.result"
	Version = 1
)

// A Document is everything that is known about one run. Instants are durations
// since time 0 of the run, which lies after everything was ready.
//
// Durations are integers of nanoseconds in fields ending in _ns, ratios are
// between 0 and 1 in fields ending in _ratio, rates are per second in fields
// ending in _per_s. A field that was not measured is left out.
type Document struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Verdict Verdict   `json:"verdict"`
	Run     Run       `json:"run"`
	Target  Target    `json:"target"`
	Host    Host      `json:"host"`
	Load    Offered   `json:"load"`
	Window  Window    `json:"window"`
	Counts  Counts    `json:"counts"`
	Rates   Rates     `json:"rates"`
	Latency Latencies `json:"latency"`
	Steps   []Step    `json:"steps,omitempty"`
	Replies []Reply   `json:"replies,omitempty"`
	Faults  []Fault   `json:"faults,omitempty"`
	Classes []Class   `json:"classes,omitempty"`
	// Slowest are the accepted messages of the longest service, the longest first; five at most.
	Slowest   []Slow     `json:"slowest,omitempty"`
	Intervals []Interval `json:"intervals,omitempty"`
	Checks    []Check    `json:"checks,omitempty"`
	Generator Generator  `json:"generator"`
	// Parts are the runs of which a merged document is the sum.
	Parts []Part `json:"parts,omitempty"`
	// Idle are sessions that only held, beside what was measured; nil: there were none.
	Idle *Idle `json:"idle,omitempty"`
	// Misbehaved are bad clients that ran beside what was measured, by manner.
	Misbehaved []Misbehaved `json:"misbehaved,omitempty"`
	// TLS and Logins are what sessions agreed on with the server before any mail; the preflight's are not among them.
	TLS    []Handshake `json:"tls,omitempty"`
	Logins []Login     `json:"logins,omitempty"`
}

// New returns an empty document of the current version.
func New() *Document { return &Document{Format: Format, Version: Version} }

// Run identifies the run and holds what is needed to repeat it.
type Run struct {
	ID        string            `json:"id"`
	StartedAt time.Time         `json:"started_at"`
	Seed      uint64            `json:"seed"`
	Labels    map[string]string `json:"labels,omitempty"`
	// Tool is the name, version and build of the program.
	Tool string `json:"tool"`
	// Argv is the command line, with what is secret taken out.
	Argv []string `json:"argv,omitempty"`
	// Plan holds each setting by its flag's name, in the notation of the flag.
	Plan       map[string]string `json:"plan,omitempty"`
	PlanSHA256 string            `json:"plan_sha256,omitempty"`
	// SelfTest marks a run against a sink in the same process: it says nothing of
	// a server, and the two share one machine's CPUs.
	SelfTest bool `json:"self_test,omitempty"`
}

// Target is the server under test, as the preflight session met it.
type Target struct {
	// URL is the target as it was given, without any password; several have ", " between them.
	URL       string   `json:"url"`
	Addresses []string `json:"addresses,omitempty"`
	// Greeting is the text of the 220 reply, EHLO the keyword lines of the reply
	// to EHLO or LHLO. Both are the server's words: hostile until quoted.
	Greeting string   `json:"greeting,omitempty"`
	EHLO     []string `json:"ehlo,omitempty"`
	// Certificates are those that the addresses showed.
	Certificates []Certificate `json:"certificates,omitempty"`
}

// Host is the machine that mailmill ran on, and what it did to the run.
type Host struct {
	OS     string `json:"os,omitempty"`
	Arch   string `json:"arch,omitempty"`
	Kernel string `json:"kernel,omitempty"`
	CPU    string `json:"cpu,omitempty"` // the model's name
	CPUs   int    `json:"cpus,omitempty"`
	// Quota is the CPU limit of the control group, in CPUs; 0 is none.
	Quota float64 `json:"quota,omitempty"`
	// Virt names the kind of virtual machine or container; empty is none or unknown.
	Virt string `json:"virt,omitempty"`
	// RTT is the round-trip time to the target as the kernel measured it.
	RTT time.Duration `json:"rtt_ns,omitempty"`
	// Throttled is how long the control group kept the process from running, and
	// StealRatio the share of CPU time that the hypervisor gave to others.
	Throttled  time.Duration `json:"throttled_ns,omitempty"`
	StealRatio float64       `json:"steal_ratio,omitempty"`
	// ClockStep is the largest distance by which the wall clock jumped against the
	// monotonic clock, in either direction.
	ClockStep time.Duration `json:"clock_step_ns,omitempty"`
}

// The values of Offered.Model.
const (
	Open   = "open"   // slots are due by the clock, whatever the server does
	Closed = "closed" // a slot is due when a worker claims it: response = service
)

// Offered is the load that was offered.
type Offered struct {
	// Model is Open or Closed.
	Model string `json:"model"`
	// Arrivals is "constant", "poisson" or the like; empty in a closed loop.
	Arrivals string  `json:"arrivals,omitempty"`
	Stages   []Stage `json:"stages,omitempty"`
	// MaxLateness is the lateness beyond which a slot is dropped. Nil: every slot
	// waits; 0: a slot is dropped whenever no worker is free.
	MaxLateness *time.Duration `json:"max_lateness_ns,omitempty"`
	Workers     int            `json:"workers"`
	// OpenRate is the most sessions that were opened per second, of the whole run; 0 is
	// no limit.
	OpenRate float64 `json:"open_rate_per_s,omitempty"`
	// Share is the part of the run that this process carried out; nil: all of it.
	// Stages are those of the whole run, Workers those of the process.
	Share  *Share        `json:"share,omitempty"`
	WarmUp time.Duration `json:"warm_up_ns"`
	// Drain is how long the run waited, at most, for slots begun before the end.
	Drain time.Duration `json:"drain_ns"`
}

// A Share is one of N parts of a run: that of the slots M, M+N, M+2N and so on.
type Share struct {
	M int64 `json:"m"`
	N int64 `json:"n"`
}

// A Stage is a stretch of the offered load with a rate that changes evenly.
type Stage struct {
	From     float64       `json:"from_per_s"`
	To       float64       `json:"to_per_s"`
	Duration time.Duration `json:"duration_ns"`
}

// Window is the part of the run that the latencies and rates speak of: by due
// time, from the end of the warm-up to the end of the offered load.
type Window struct {
	// Origin is time 0 of the run on the wall clock.
	Origin      time.Time     `json:"origin,omitzero"`
	SteadyStart time.Duration `json:"steady_start_ns"`
	SteadyEnd   time.Duration `json:"steady_end_ns"`
}

// Length returns the length of the window, never less than 0.
func (w Window) Length() time.Duration { return max(0, w.SteadyEnd-w.SteadyStart) }

// Counts are the books of the whole run, warm-up and drain included.
//
//	intended = accepted + deferred + rejected + failed + unknown + dropped + unfinished
type Counts struct {
	Intended   int64 `json:"intended"`
	Begun      int64 `json:"begun"`
	Accepted   int64 `json:"accepted"`
	Deferred   int64 `json:"deferred"`
	Rejected   int64 `json:"rejected"`
	Failed     int64 `json:"failed"`
	Unknown    int64 `json:"unknown"`
	Dropped    int64 `json:"dropped"`
	Unfinished int64 `json:"unfinished"`

	Sessions int64 `json:"sessions"`
	// SessionsUnpipelined are those that were to send commands in groups (RFC 2920), with
	// a server that did not offer it.
	SessionsUnpipelined int64 `json:"sessions_unpipelined,omitempty"`
	// SessionsSpent are those that had as many mail transactions as the server takes in one
	// (MAILMAX of RFC 9422).
	SessionsSpent int64 `json:"sessions_spent,omitempty"`

	RecipientsAccepted int64 `json:"recipients_accepted"`
	RecipientsDeferred int64 `json:"recipients_deferred"`
	RecipientsRejected int64 `json:"recipients_rejected"`
	// RecipientsFailed are those of slots that were begun and came to no reply.
	RecipientsFailed int64 `json:"recipients_failed,omitempty"`

	OctetsSent     int64 `json:"octets_sent"`
	OctetsReceived int64 `json:"octets_received"`
	// OctetsContent are those sent that were content: header, body and end of mail
	// data, made transparent.
	OctetsContent int64 `json:"octets_content,omitempty"`
}

// Sum returns the right side of the books: the slots that came to any end.
func (c Counts) Sum() int64 {
	return c.Accepted + c.Deferred + c.Rejected + c.Failed + c.Unknown + c.Dropped + c.Unfinished
}

// Rates are per second of the window. Ends count in the window in which they
// happen, not in that of their due time: else a slow server would seem to keep
// up once the drain has ended.
type Rates struct {
	Offered  float64 `json:"offered_per_s,omitempty"` // left out in a closed loop
	Begun    float64 `json:"begun_per_s"`
	Ended    float64 `json:"ended_per_s"` // with whatever reply
	Accepted float64 `json:"accepted_per_s"`
}

// Latencies are the latencies of the slots and sessions in the window.
type Latencies struct {
	Response *Latency `json:"response,omitempty"` // due to the end, accepted slots
	Service  *Latency `json:"service,omitempty"`  // begun to the end, accepted slots
	Lateness *Latency `json:"lateness,omitempty"` // due to begun
	Refused  *Latency `json:"refused,omitempty"`  // response of deferred and rejected slots
	Opening  *Latency `json:"opening,omitempty"`  // connect to ready for MAIL, per session
	Queue    *Latency `json:"queue,omitempty"`    // lateness while no worker was free
	Pacer    *Latency `json:"pacer,omitempty"`    // lateness because mailmill woke late
	Loop     *Latency `json:"loop,omitempty"`     // what other sessions' work added to a reply
}

// A Step is one step of a session, over all sessions.
type Step struct {
	Name string `json:"name"`
	// Sent counts how often the step was begun in the whole run: for a command, how
	// often it was sent. Ratios of replies are taken of it.
	Sent    int64   `json:"sent"`
	Latency Latency `json:"latency"`
	Faults  []Fault `json:"faults,omitempty"`
}

// A Reply is one kind of reply and how often it came, over the whole run.
type Reply struct {
	Class    string `json:"class,omitempty"`
	Step     string `json:"step"`
	Code     int    `json:"code"`
	Enhanced string `json:"enhanced,omitempty"` // RFC 3463, as "4.7.1"
	// Severity is RFC 5321's word for the first digit of the code.
	Severity string `json:"severity"`
	Count    int64  `json:"count"`
	// Unexpected: the command does not allow such a reply (RFC 5321 section 4.3.2).
	Unexpected bool          `json:"unexpected,omitempty"`
	First      time.Duration `json:"first_ns"`
	Last       time.Duration `json:"last_ns"`
	// Example is the text of one such reply: hostile until quoted.
	Example string `json:"example,omitempty"`
}

// A Fault is one way in which a step ended without a usable reply.
type Fault struct {
	Class string        `json:"class,omitempty"`
	Step  string        `json:"step"`
	Kind  string        `json:"kind"`
	Side  string        `json:"side"` // "generator" or "server"
	Count int64         `json:"count"`
	First time.Duration `json:"first_ns"`
	Last  time.Duration `json:"last_ns"`
	// Example is the evidence of one such fault: hostile until quoted.
	Example string `json:"example,omitempty"`
}

// A Class is the part of the run that one class of traffic made.
type Class struct {
	Name    string    `json:"name"`
	Counts  Counts    `json:"counts"`
	Rates   Rates     `json:"rates"`
	Latency Latencies `json:"latency"`
	Steps   []Step    `json:"steps,omitempty"`
}
