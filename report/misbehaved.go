package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailmill/results"
)

// ends are how sessions of bad clients end, in words behind their number.
var ends = []struct {
	count func(*results.Misbehaved) int64
	words string
}{
	{func(m *results.Misbehaved) int64 { return m.Accepted }, "accepted"},
	{func(m *results.Misbehaved) int64 { return m.Refused }, "refused"},
	{func(m *results.Misbehaved) int64 { return m.Told }, "told to go (421)"},
	{func(m *results.Misbehaved) int64 { return m.Closed }, "closed by the server"},
	{func(m *results.Misbehaved) int64 { return m.TimedOut }, "without a reply in time"},
	{func(m *results.Misbehaved) int64 { return m.Garbled }, "ended by what is no reply"},
	{func(m *results.Misbehaved) int64 { return m.Unreached }, "not connected"},
	{func(m *results.Misbehaved) int64 { return m.Local }, "lost for want of descriptors, ports or memory here"},
	{func(m *results.Misbehaved) int64 { return m.Left }, "left by the client"},
	{func(m *results.Misbehaved) int64 { return m.Open }, "open at the end"},
}

// misbehaved is about clients that are in no other section.
func misbehaved(d *results.Document) *section {
	if len(d.Misbehaved) == 0 {
		return nil
	}
	s := &section{table: &Table{Columns: []Column{
		{Name: "BAD CLIENTS"}, {Name: "clients", Align: Right}, {Name: "sessions", Align: Right},
		{Name: "how the sessions ended", Flex: true},
	}}}
	for i := range d.Misbehaved {
		m := &d.Misbehaved[i]
		s.table.Rows = append(s.table.Rows, []string{
			m.Manner, grouped(int64(m.Clients)), grouped(m.Sessions), endsOf(m),
		})
	}
	s.notes = append(s.notes, "they ran beside what was measured (--misbehave): no count, latency or check above has anything of them")
	for i := range d.Misbehaved {
		m := &d.Misbehaved[i]
		note := fmt.Sprintf("%s: %s sent, %s received", m.Manner, octets(m.OctetsSent), octets(m.OctetsReceived))
		if len(m.Replies) > 0 {
			note += "; replies: " + repliesTo(m)
		}
		s.notes = append(s.notes, note)
	}
	return s
}

// endsOf lists how sessions ended, with the codes of refusals.
func endsOf(m *results.Misbehaved) string {
	var parts []string
	for _, e := range ends {
		n := e.count(m)
		if n == 0 {
			continue
		}
		part := grouped(n) + " " + e.words
		if e.words == "refused" {
			part += refusals(m)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// refusals lists the replies that ended sessions, but 421: " (rcpt 550, mail 501)".
func refusals(m *results.Misbehaved) string {
	var parts []string
	for _, r := range m.Replies {
		if r.Ended > 0 && r.Code != 421 {
			parts = append(parts, r.Step+" "+strconv.Itoa(r.Code))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// repliesTo counts replies by code.
func repliesTo(m *results.Misbehaved) string {
	var codes []int
	counts := map[int]int64{}
	for _, r := range m.Replies {
		if counts[r.Code] == 0 {
			codes = append(codes, r.Code)
		}
		counts[r.Code] += r.Count
	}
	slices.Sort(codes)
	parts := make([]string, len(codes))
	for i, code := range codes {
		parts[i] = fmt.Sprintf("%s of %d", grouped(counts[code]), code)
	}
	return strings.Join(parts, ", ")
}
