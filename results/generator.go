package results

import "time"

// Generator is what the load cost mailmill itself.
type Generator struct {
	Transport string `json:"transport"` // epoll, goroutines or simulated
	Loops     []Loop `json:"loops,omitempty"`
	// BusyRatio is the mean of the loops' ratios.
	BusyRatio  float64 `json:"busy_ratio"`
	Spin       bool    `json:"spin,omitempty"`
	GOMAXPROCS int     `json:"gomaxprocs,omitempty"`
	GoVersion  string  `json:"go_version,omitempty"`
	// The times in which the collector had stopped the world, in the window.
	GCPauses     int64         `json:"gc_pauses"`
	GCPauseTotal time.Duration `json:"gc_pause_total_ns"`
	GCPauseMax   time.Duration `json:"gc_pause_max_ns"`
	RSS          int64         `json:"rss_octets,omitempty"` // the most memory that was resident
	CPUUser      time.Duration `json:"cpu_user_ns"`
	CPUSystem    time.Duration `json:"cpu_system_ns"`
	// RowsWaited is how long event loops waited until rows of slots were written.
	RowsWaited time.Duration `json:"rows_waited_ns,omitempty"`
	// Signed counts the messages that were signed (DKIM), and SignTime is what their
	// signatures took. It lies outside of every step, and keeps event loops busy.
	Signed   int64         `json:"signed,omitempty"`
	SignTime time.Duration `json:"sign_time_ns,omitempty"`
	// CPUPerMessage is user and system time over the slots that were begun.
	CPUPerMessage time.Duration `json:"cpu_per_message_ns,omitempty"`
}

// A Loop is one event loop.
type Loop struct {
	BusyRatio float64 `json:"busy_ratio"`
	// SaturatedRatio is the share of the window's seconds in which the loop was
	// busy for more than SaturatedBusy of the second, with work of its own: time in
	// which it was kept off the processor by others is none.
	SaturatedRatio float64 `json:"saturated_ratio"`
	Waits          uint64  `json:"waits,omitempty"`
	Events         uint64  `json:"events,omitempty"`
}

// SaturatedBusy is the busy ratio above which a second of a loop counts as
// saturated: from there on, what the loop adds to each reply grows fast.
const SaturatedBusy = 0.85
