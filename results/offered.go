package results

import "time"

// RateAt returns the rate that the stages offer at an instant of the run, 0 outside them. Of a
// share of the run it is the share's.
func (o Offered) RateAt(at time.Duration) float64 {
	for _, s := range o.Stages {
		if at < s.Duration || at == s.Duration && s == o.Stages[len(o.Stages)-1] {
			return (s.From + (s.To-s.From)*float64(at)/float64(max(1, s.Duration))) / o.shares()
		}
		at -= s.Duration
	}
	return 0
}

// shares is among how many processes the stages are divided.
func (o Offered) shares() float64 {
	if o.Share == nil {
		return 1
	}
	return float64(max(1, o.Share.N))
}

// Peak returns the highest rate that the stages offer in a window.
func (o Offered) Peak(w Window) float64 {
	peak := max(o.RateAt(w.SteadyStart), o.RateAt(w.SteadyEnd))
	var begin time.Duration
	for _, s := range o.Stages {
		end := begin + s.Duration
		if begin >= w.SteadyStart && begin < w.SteadyEnd {
			peak = max(peak, s.From/o.shares())
		}
		if end > w.SteadyStart && end <= w.SteadyEnd {
			peak = max(peak, s.To/o.shares())
		}
		begin = end
	}
	return peak
}
