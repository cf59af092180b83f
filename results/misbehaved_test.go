package results

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// silentOnes are bad clients, some of whom the server has told to go.
func silentOnes(clients int, told, open int64) Misbehaved {
	return Misbehaved{Manner: "silent", Clients: clients, Sessions: told + open, Told: told, Open: open, OctetsReceived: 10 * told,
		Replies: []MisbehavedReply{{Step: "greeting", Code: 220, Count: told + open}, {Step: "idle", Code: 421, Count: told, Ended: told, Example: "bye"}}}
}

func TestBadClientsMerge(t *testing.T) {
	in := make([]Source, 2)
	for i := range in {
		d := New()
		d.Run.PlanSHA256, d.Run.ID = "5ca1e", string(rune('a'+i))
		d.Load.Share = &Share{M: int64(i), N: 2}
		d.Run.StartedAt = time.Unix(1000, 0)
		d.Verdict.Status = Valid
		in[i] = Source{File: string(rune('a' + i)), Document: d}
	}
	in[0].Document.Misbehaved = []Misbehaved{silentOnes(2, 5, 2)}
	in[1].Document.Misbehaved = []Misbehaved{{Manner: "no-quit", Clients: 1, Sessions: 3, Accepted: 3}, silentOnes(1, 1, 0)}
	sum, err := Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	want := []Misbehaved{silentOnes(3, 6, 2), {Manner: "no-quit", Clients: 1, Sessions: 3, Accepted: 3}}
	if !reflect.DeepEqual(sum.Misbehaved, want) {
		t.Errorf("merged to %+v\nwant      %+v", sum.Misbehaved, want)
	}
	if err := sum.Check(); err != nil {
		t.Error(err)
	}
}

// Nothing that bad clients did makes a run doubtful, but for books that do not balance.
func TestBadClientsAreNoReasonForDoubt(t *testing.T) {
	d := New()
	d.Window.SteadyEnd = time.Minute
	before := Judge(d)
	d.Misbehaved = []Misbehaved{{Manner: "silent", Clients: 100, Sessions: 900, Told: 100, Unreached: 300, Local: 500}}
	if after := Judge(d); !reflect.DeepEqual(after, before) {
		t.Errorf("the verdict is %+v, and without bad clients %+v", after, before)
	}
	d.Misbehaved[0].Told++
	if after := Judge(d); after.Status != Invalid || !strings.Contains(after.Reasons[0].Words, "bad clients silent: ends of sessions: 901, but sessions is 900") {
		t.Errorf("the verdict is %+v", after)
	}
	d.Misbehaved[0].Replies = []MisbehavedReply{{Step: "tea", Code: 220, Count: 1}}
	if err := d.Check(); err == nil || !strings.Contains(err.Error(), `220 to "tea"`) {
		t.Errorf("a reply to nothing is %v", err)
	}
}
