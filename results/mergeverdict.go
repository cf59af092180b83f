package results

import "slices"

// ends is how runs end, the worst last.
var ends = []string{EndComplete, EndFaults, EndCheck, EndUnwritten, EndInterrupted}

// verdict is the worst of the parts'. What was wrong with a generator or its host is
// told of each part. What there is to say about the server follows from the sums:
// a backlog may be small on each machine, and large on all of them.
func (m *merging) verdict() Verdict {
	m.sum.Verdict = Verdict{Status: Valid, End: m.end()}
	v := m.sum.Verdict
	for i := range m.in {
		for _, p := range m.in[i].parts() {
			v.Status = Worse(v.Status, p.Verdict.Status)
			for _, r := range p.Verdict.Reasons {
				if r.Side != SideServer {
					r.Words = p.Name() + ": " + r.Words
					v.Reasons = append(v.Reasons, r)
				}
			}
		}
	}
	for _, r := range Judge(m.sum).Reasons {
		if r.Side == SideServer || r.Name == "books" {
			v.Reasons = append(v.Reasons, r)
			v.Status = Worse(v.Status, r.Effect)
		}
	}
	return v
}

func (m *merging) end() string {
	worst := 0
	for _, d := range m.docs {
		if i := slices.Index(ends, d.Verdict.End); i > worst {
			worst = i
		}
	}
	return ends[worst]
}
