package profiles

import (
	"strings"
	"testing"
)

func TestEveryShareHasSomethingToDo(t *testing.T) {
	for _, tt := range []struct {
		name  string
		flags Flags
		says  string // "": good
	}{
		{"as many workers as shares", Flags{"shard": {"3/4"}, "concurrency": {"4"}}, ""},
		{"a whole run of one worker", Flags{"concurrency": {"1"}, "messages": {"1"}}, ""},
		{"more shares than workers", Flags{"shard": {"0/4"}, "concurrency": {"3"}}, "without one of the 3 workers"},
		{"more shares than messages", Flags{"shard": {"0/4"}, "messages": {"3"}}, "without one of the 3 messages"},
		{"a share counted from 1", Flags{"shard": {"4/4"}}, "counted from 0"},
		{"a start that is no instant", Flags{"start-at": {"20:48"}}, "+5s for five seconds from now"},
	} {
		_, err := Load(Sources{Flags: tt.flags})
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.says)
		}
	}
}
