package schedule

import (
	"math"
	"sort"
	"strings"
	"time"
)

// A Stage is a part of a run over which the rate goes in a straight line from
// From to To, both in slots per second and not negative.
type Stage struct {
	Duration time.Duration
	From, To float64
}

// slots is the area under the stage.
func (s Stage) slots() float64 { return (s.From + s.To) / 2 * s.Duration.Seconds() }

// String returns the stage as [ParseStages] reads it.
func (s Stage) String() string {
	text := s.Duration.String() + "@" + formatRate(s.From)
	if s.From != s.To {
		text += ".." + formatRate(s.To)
	}
	return text + "/s"
}

// Stages is a rate made of straight lines. After the last stage no slot is due.
//
//	λ ^
//	  |            ,-'|----------.
//	  |         ,-'   |          |
//	  |------.-'      |          |
//	  | n₀=0 | n₁     | n₂       | n₃: slots before the stage = the area so far
//	  +------+--------+----------+----> t
//	  0      t₁       t₂         t₃
//
// Slot n is due when the area to the left of t exceeds n. The stage in which that
// happens is the first whose end has an area above n; the slot is the m-th of it, with
// m = n − (the area before the stage), not in general a whole number. Inside
// the stage the rate is λ₀ + kt, with t from the stage's start and
// k = (λ₁ − λ₀)/d, so that the area is
//
//	λ₀t + kt²/2 = m      and therefore      t = (−λ₀ + √(λ₀² + 2km)) / k
//
// For a flat stage that is 0/0, and for a nearly flat one the difference of two
// nearly equal numbers. Multiplied above and below by λ₀ + √(λ₀² + 2km) it
// becomes
//
//	t = 2m / (λ₀ + √(λ₀² + 2km))
//
// which loses nothing, and for k = 0 is m/λ₀. The square root is the rate at t. At
// the end of a stage that falls to nothing it is 0, and rounding must not take its
// square below that.
type Stages struct {
	stages []line
}

var _ Curve = (*Stages)(nil)

// A line is a stage with what has to be known of those before it.
type line struct {
	Stage
	start         time.Duration // of the stage, from the start of the run
	before, after float64       // slots due before it, and by its end
	slope         float64       // k, in slots per second squared
}

// NewStages returns the schedule of stages that follow each other.
func NewStages(stages ...Stage) *Stages {
	s := &Stages{make([]line, 0, len(stages))}
	var start time.Duration
	var slots float64
	for _, stage := range stages {
		if stage.Duration <= 0 {
			continue
		}
		after := snap(slots + stage.slots())
		slope := (stage.To - stage.From) / stage.Duration.Seconds()
		s.stages = append(s.stages, line{stage, start, slots, after, slope})
		start, slots = start+stage.Duration, after
	}
	return s
}

// snap takes the rounding out of an area that is a whole number but for it: else a
// slot that is due at the very end of a stage could be due before a pause or after
// it, as the last bit decides.
func snap(slots float64) float64 {
	const tolerance = 1e-6
	if whole := math.Round(slots); math.Abs(slots-whole) < tolerance {
		return whole
	}
	return slots
}

// At implements [Schedule].
func (s *Stages) At(n int64) time.Duration { return s.inverse(float64(n)) }

func (s *Stages) inverse(u float64) time.Duration {
	i := 0
	if len(s.stages) > 8 {
		i = sort.Search(len(s.stages), func(i int) bool { return u < s.stages[i].after })
	}
	for ; i < len(s.stages); i++ {
		if l := &s.stages[i]; u < l.after {
			return l.at(u - l.before)
		}
	}
	return Never
}

// at returns when the area within the stage exceeds m.
func (l *line) at(m float64) time.Duration {
	if m <= 0 {
		return l.start
	}
	rate := math.Sqrt(max(0, l.From*l.From+2*l.slope*m))
	return l.start + min(l.Duration, round(2*m*float64(time.Second)/(l.From+rate)))
}

// Count implements [Schedule].
func (s *Stages) Count(d time.Duration) int64 { return count(s.At, s.Slots(), d) }

// Slots returns the number of slots of all stages.
func (s *Stages) Slots() int64 {
	if len(s.stages) == 0 {
		return 0
	}
	return int64(math.Ceil(s.stages[len(s.stages)-1].after))
}

// Duration returns the length of all stages.
func (s *Stages) Duration() time.Duration {
	if len(s.stages) == 0 {
		return 0
	}
	last := s.stages[len(s.stages)-1]
	return last.start + last.Duration
}

// String returns the stages as [ParseStages] reads them.
func (s *Stages) String() string {
	parts := make([]string, len(s.stages))
	for i, l := range s.stages {
		parts[i] = l.Stage.String()
	}
	return strings.Join(parts, ", ")
}
