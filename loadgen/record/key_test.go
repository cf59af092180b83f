package record

import (
	"cmp"
	"testing"

	"pgregory.net/rapid"

	"mailmill/loadgen/timing"
)

func replyKeys() *rapid.Generator[ReplyKey] {
	return rapid.Custom(func(t *rapid.T) ReplyKey {
		return ReplyKey{
			Class:      rapid.Uint8().Draw(t, "class"),
			Step:       timing.Step(rapid.IntRange(0, int(timing.NumSteps)-1).Draw(t, "step")),
			Code:       rapid.Uint16().Draw(t, "code"),
			Enhanced:   rapid.Uint32Range(0, 5<<20|999<<10|999).Draw(t, "enhanced"),
			Unexpected: rapid.Bool().Draw(t, "unexpected"),
		}
	})
}

func TestPackedReplyKeysLoseNothingAndKeepTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := replyKeys().Draw(t, "a"), replyKeys().Draw(t, "b")
		if got := unpack(a.packed()); got != a {
			t.Fatalf("%+v became %+v", a, got)
		}
		order := cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Step, b.Step),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Enhanced, b.Enhanced))
		if order != 0 && cmp.Compare(a.packed(), b.packed()) != order {
			t.Fatalf("%+v and %+v are packed in another order", a, b)
		}
	})
}

func TestPackedFaultKeysLoseNothing(t *testing.T) {
	for class := range 256 {
		for step := range timing.NumSteps {
			for kind := range timing.NumFaultKinds {
				k := FaultKey{uint8(class), step, kind}
				if got := unpackFault(k.packed()); got != k {
					t.Fatalf("%+v became %+v", k, got)
				}
			}
		}
	}
}
