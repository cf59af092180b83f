package loadgen

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"mailmill/loadgen/sink"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// known are servers whose delay before the final reply is known beforehand: of slot n, which begins then.
var known = []struct {
	name  string
	delay func(n int, begun time.Duration) time.Duration
}{
	{"constant, 20 ms", func(int, time.Duration) time.Duration { return 20 * time.Millisecond }},
	// A step that is prime to the range meets every microsecond of it equally often.
	{"uniform, 10 to 30 ms", func(n int, _ time.Duration) time.Duration {
		return 10*time.Millisecond + time.Duration(n*7919%20_001)*time.Microsecond
	}},
	{"10 ms, and a stall of 2 s each 10 s", func(_ int, begun time.Duration) time.Duration {
		const usual = 10 * time.Millisecond
		if into := begun % (10 * time.Second); into >= 8*time.Second {
			return 10*time.Second - into + usual
		}
		return usual
	}},
}

// What is reported of a server whose delays are known is what follows from them: exactly, but for the histogram's
// three digits, because in virtual time no machine adds to it. The table shows it. A coordinated tool would have
// shown its user the lines of service.
func TestReportedPercentilesAreTheKnownOnes(t *testing.T) {
	const rate, length, workers = 100, 5 * time.Minute, 20
	var table strings.Builder
	for _, server := range known {
		d := scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = rate, length, workers, 0
			},
			answer: func(m moment) answer {
				if m.step == timing.Accept && m.slot >= 0 {
					return answer{after: server.delay(int(m.slot), m.at)}
				}
				return answer{}
			},
		}.play(t).document
		slots := queue(workers, evenly(rate, length), func(n int, begun time.Duration) (time.Duration, time.Duration) {
			return server.delay(n, begun), 0
		})
		for _, row := range []struct {
			name     string
			reported *results.Latency
			computed []time.Duration
		}{
			{"response", d.Latency.Response, each(slots, modelled.response)},
			{"service", d.Latency.Service, each(slots, modelled.service)},
		} {
			sameLatency(t, server.name+": "+row.name, row.reported, row.computed)
			compared(&table, server.name, row.name, row.reported, slices.Sorted(slices.Values(row.computed)))
		}
	}
	t.Logf("in virtual time\n%s", table.String())
}

// compared adds a row: each percentile as it was reported, and as it follows from the delays.
func compared(table *strings.Builder, server, name string, reported *results.Latency, computed []time.Duration) {
	fmt.Fprintf(table, "%-36s %-9s", server, name)
	for _, p := range []results.Percentile{"50", "90", "99"} {
		v, _, _ := reported.Percentile(p)
		fmt.Fprintf(table, "  p%s %8s of %8s", p, results.FormatDuration(v), results.FormatDuration(computed[rank(p, len(computed))-1]))
	}
	table.WriteByte('\n')
}

// The same over sockets, against the sink. What the machine adds can only make it later: the known delay is a lower
// bound, and the table shows by how much it was exceeded.
func TestReportedPercentilesAreNoLessThanTheKnownOnesInRealTime(t *testing.T) {
	var table strings.Builder
	for _, row := range []struct {
		behave string
		spread time.Duration // of the delay, evenly on both sides of 20 ms
	}{
		{"accept: delay 20ms", 0},
		{"accept: delay 10ms..30ms", 10 * time.Millisecond},
	} {
		d := againstSink(t, row.behave)
		if d.Counts.Accepted != d.Counts.Intended || d.Counts.Accepted != 400 {
			t.Fatalf("%s: the books are %+v, want 400 accepted", row.behave, d.Counts)
		}
		computed := make([]time.Duration, 400)
		for i := range computed {
			computed[i] = 20*time.Millisecond - row.spread + 2*row.spread*time.Duration(i)/400
		}
		for _, p := range []results.Percentile{"50", "90", "99"} {
			// 400 draws of an even spread stray from its percentiles by a few hundredths of it.
			least := computed[rank(p, 400)-1] - 2*row.spread/8
			if v, _, ok := d.Latency.Service.Percentile(p); !ok || v < least {
				t.Errorf("%s: p%s of service is %v, want at least %v", row.behave, p, v, least)
			}
		}
		compared(&table, row.behave, "service", d.Latency.Service, computed)
		compared(&table, row.behave, "response", d.Latency.Response, computed)
	}
	t.Logf("in real time\n%s", table.String())
}

// againstSink runs 200 messages a second for two seconds against a sink with a behaviour.
func againstSink(t *testing.T, behave string) *results.Document {
	t.Helper()
	b, err := sink.ParseBehaviour(behave)
	if err != nil {
		t.Fatal(err)
	}
	k, err := sink.New(sink.Config{Behaviours: []sink.Behaviour{b}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	carrier, err := transport.New("auto", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := carrier.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}, k.Accept)
	if err != nil {
		t.Fatal(err)
	}
	var group errgroup.Group
	group.Go(carrier.Run)
	defer func() {
		carrier.Stop()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		k.Close()
	}()
	plan := profiles.Default()
	plan.Targets, plan.Rate, plan.Duration, plan.Concurrency = []string{l.Endpoint().String()}, 200, 2*time.Second, 50
	plan.MessagesPerSession = 0
	d, err := Run(t.Context(), plan, Options{Tool: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
