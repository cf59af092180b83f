package profiles

import (
	"errors"
	"strings"
	"testing"

	"mailmill/loadgen/message"
)

const threeClasses = `
rate: 100/s
size: 2k
messages-per-session: 5
classes:
  - name: small
    weight: 70
    size: 500
  - name: list
    weight: 25
    recipients: 20
    header: ["Precedence: bulk"]
  - name: plain
`

func TestAClassIsTheProfileWithItsOwnSettings(t *testing.T) {
	plan, err := Load(Sources{Profile: write(t, threeClasses)})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Classes) != 3 || len(plan.Traffic()) != 3 {
		t.Fatalf("%d classes", len(plan.Classes))
	}
	small, list, plain := plan.Classes[0], plan.Classes[1], plan.Classes[2]
	if small.Name != "small" || small.Weight != 70 || small.Plan.Size != message.Fixed(500) || small.Plan.MessagesPerSession != plan.MessagesPerSession {
		t.Errorf("small is %+v", small)
	}
	if list.Plan.Size != message.Fixed(2048) || list.Plan.Recipients != message.Fixed(20) || len(list.Plan.Headers) != 1 || plan.Recipients != small.Plan.Recipients {
		t.Errorf("list is %+v", list)
	}
	if plain.Weight != 1 || plain.Plan.Size != plan.Size || plain.Plan.Rate != 100 || plain.Plan.Duration != plan.Duration {
		t.Errorf("plain is %+v", plain)
	}
}

func TestAPlanWithoutClassesIsOneClass(t *testing.T) {
	plan := Default()
	if c := plan.Traffic(); len(c) != 1 || c[0].Name != "" || c[0].Weight != 1 || c[0].Plan.Size != plan.Size || plan.ClassNames() != nil {
		t.Errorf("%+v", c)
	}
}

func TestWhoWinsOverAClass(t *testing.T) {
	path := write(t, threeClasses)
	for _, tt := range []struct {
		name              string
		from              Sources
		small, list, base int
	}{
		{"a class over its profile", Sources{Profile: path}, 500, 2048, 2048},
		{"the environment over every class", Sources{Profile: path, Environ: []string{"MAILMILL_SIZE=3k"}}, 3072, 3072, 3072},
		{"a flag over everything", Sources{Profile: path, Environ: []string{"MAILMILL_SIZE=3k"}, Flags: Flags{"size": {"4k"}}}, 4096, 4096, 4096},
	} {
		plan, err := Load(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		if small, list := plan.Classes[0].Plan.Size, plan.Classes[1].Plan.Size; small != message.Fixed(tt.small) || list != message.Fixed(tt.list) || plan.Size != message.Fixed(tt.base) {
			t.Errorf("%s: %v, %v and %v, want %d, %d and %d", tt.name, small, list, plan.Size, tt.small, tt.list, tt.base)
		}
	}
}

func TestFaultsOfClassesComeAllAtOnce(t *testing.T) {
	path := write(t, `size: 2k
to: one@example.com
check: "response{class=smal}:p99<1s"
classes:
  - name: small
    weight: 0
    rate: 5/s
    siez: 3
  - name: small
    size: 1
  - name: "a b"
    weight: many
    recipients: 2
  - weight: 3
    wieght: 2
    size: 5
    size: 6
  - just-a-word
`)
	_, err := Load(Sources{Profile: path})
	want := []string{
		`:7:5: rate is the whole run's, and no class's own; write it outside of classes`,
		`:8:5: unknown setting "siez"; did you mean size?`,
		`:14:5: a class without a name; add 'name: NAME'`,
		`:15:5: unknown setting "wieght"; did you mean weight?`,
		`:17:5: size stands in line 16 already; keep one of them`,
		`:18:5: a class is a name, a weight and settings; write '- name: NAME', and the others below`,
		`:6:13: weight: "0": a weight is from 1 to 1000000; leave out a class that is to get nothing`,
		`:9:11: name: "small" is the name of another class, at ` + path + `:5:11; give each its own`,
		`:11:11: name: "a b": not a name of a class; write up to 32 letters, digits, and . _ - between them`,
		`:12:13: weight: "many": not a whole number`,
		`:10:11: size: 1 octet is no line; a body has none, or at least the 2 of a line end`,
		`:13:17: recipients: 2 recipients would all be "one@example.com"; put {n} where their number goes`,
		`:3:8: check: response{class=smal}:p99<1s: no class of traffic is called "smal"; did you mean small?`,
	}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error %v", err)
	}
	for i, f := range faults {
		if i >= len(want) || !strings.HasPrefix(f.String(), path+want[i]) {
			t.Errorf("fault %d is\n%s", i, f)
		}
	}
	if len(faults) != len(want) {
		t.Errorf("%d faults, want %d", len(faults), len(want))
	}
}

func TestWhatIsNoListOfClasses(t *testing.T) {
	for text, want := range map[string]string{
		"classes: small\n":                 ":1:10: classes are a list;",
		"classes: []\n":                    ":1:10: classes are a list;",
		"classes: {small: {size: 3}}\n":    ":1:10: classes are a list;",
		"classes:\n  - name: [a]\n":        ":2:11: name takes one value",
		"check: 'failed{class=a}:count<1'": ":1:8: check: failed{class=a}:count<1: the run has no classes of traffic; leave out class=a",
		"clases: []\n":                     `:1:1: unknown setting "clases"; did you mean classes?`,
		"name: a\n":                        `:1:1: unknown setting "name"`,
		"classes:" + strings.Repeat("\n  - {name: a}", MaxClasses+1): ":66:5: 65 classes are too many; 64 are possible",
	} {
		path := write(t, text)
		if _, err := Load(Sources{Profile: path}); err == nil || !strings.HasPrefix(err.Error(), path+want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTheSumOfAPlanIsThatOfItsClasses(t *testing.T) {
	load := func(text string) Plan {
		plan, err := Load(Sources{Profile: write(t, text)})
		if err != nil {
			t.Fatal(err)
		}
		return plan
	}
	one, same := load(threeClasses), load(threeClasses+"# a remark\n")
	if one.SHA256() != same.SHA256() {
		t.Error("the same classes have another sum")
	}
	for _, change := range []string{"weight: 70|weight: 71", "size: 500|size: 501", "name: small|name: tiny", "recipients: 20|recipients: 21"} {
		old, changed, _ := strings.Cut(change, "|")
		if load(strings.Replace(threeClasses, old, changed, 1)).SHA256() == one.SHA256() {
			t.Errorf("%s makes no other sum", changed)
		}
	}
	values := one.Values()
	if values["classes.small.weight"] != "70" || values["classes.small.size"] != "500" || values["size"] != "2048" || values["classes.list.recipients"] != "20" {
		t.Errorf("values %v", values)
	}
	if _, told := values["classes.list.size"]; told {
		t.Error("what a class has like the run is told twice")
	}
}

// A plan made by hand is checked with its classes.
func TestCheckLooksAtClasses(t *testing.T) {
	plan := Default()
	wrong := plan
	wrong.Size = message.Fixed(1)
	plan.Classes = []Class{{Name: "a", Weight: 1, Plan: plan}, {Name: "b", Weight: 1, Plan: wrong}}
	if err := plan.Check(); err == nil || err.Error() != "class b: size: 1 octet is no line; a body has none, or at least the 2 of a line end" {
		t.Error(err)
	}
}
