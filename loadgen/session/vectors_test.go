package session

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// vectors returns the identifiers of the client vectors that a dialogue covers.
func (d *dialogue) vectors() []string {
	for line := range strings.Lines(d.comment) {
		if list, ok := strings.CutPrefix(strings.TrimSpace(line), "vectors:"); ok {
			return strings.Fields(list)
		}
	}
	return nil
}

// TestEveryClientVectorHasADialogue reads the vectors: what a server says, and what the client must do.
func TestEveryClientVectorHasADialogue(t *testing.T) {
	text, err := os.ReadFile("testdata/client_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ ID, Title, Client string }
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	covered := map[string]string{} // by what
	for _, d := range dialogues(t) {
		for _, id := range d.vectors() {
			covered[id] = d.name
		}
	}
	for _, v := range vectors {
		if covered[v.ID] == "" {
			t.Errorf("%s, %s: no dialogue shows that the client must %s", v.ID, v.Title, v.Client)
		}
		delete(covered, v.ID)
	}
	for id, by := range covered {
		t.Errorf("%s covers %s, which is no client vector", by, id)
	}
}

// TestAPlaceFor421 holds the dialogues to show a 421 wherever one can come.
func TestAPlaceFor421(t *testing.T) {
	all := dialogues(t)
	for _, step := range []string{"greeting", "ehlo", "helo", "starttls", "auth", "mail", "rcpt", "data", "content", "accept", "idle", "rset", "noop", "quit"} {
		shown := slices.ContainsFunc(all, func(d *dialogue) bool {
			return slices.ContainsFunc(d.wants, func(s string) bool { return strings.HasPrefix(s, "reply "+step+" 421 ") })
		})
		if !shown {
			t.Errorf("no dialogue shows a 421 in the place of %s", step)
		}
	}
}
