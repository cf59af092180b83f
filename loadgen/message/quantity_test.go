package message

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// write makes a file of a test.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestQuantityIsReadBackAsWritten(t *testing.T) {
	for _, s := range []string{"0", "7", "1..5", "lognormal:median=8000,p95=200000", "@sizes.csv"} {
		q, err := ParseQuantity(s, strconv.Atoi)
		if got := q.Format(strconv.Itoa); err != nil || got != s {
			t.Errorf("%s became %s, %v", s, got, err)
		}
	}
}

func TestQuantityRefuses(t *testing.T) {
	tests := []struct{ what, text, want string }{
		{"a word", "many", `strconv.Atoi: parsing "many": invalid syntax`},
		{"a range from the larger", "5..1", "5..1 is no range; write the smaller number first"},
		{"a range without an end", "5..", `strconv.Atoi: parsing "": invalid syntax`},
		{"a file without a name", "@", "@ without a file; write @FILE, in which each line is a number, or a number, a comma and its weight"},
		{"another percentile", "lognormal:median=1,p99=2", `"p99=2" is neither median nor p95; write lognormal:median=8k,p95=200k`},
		{"no percentile", "lognormal:median=5", "a log-normal draw has a median above 0 and a 95th percentile above that; write lognormal:median=8k,p95=200k"},
	}
	for _, test := range tests {
		if _, err := ParseQuantity(test.text, strconv.Atoi); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.what, err, test.want)
		}
	}
}

// sizes returns the lengths of the bodies of the first slots.
func sizes(t testing.TB, c ClassConfig, slots int64) []int {
	t.Helper()
	s := newSource(t, c)
	got := make([]int, slots)
	for n := range got {
		_, body := parse(t, s, int64(n))
		got[n] = len(body)
	}
	return got
}

func TestDrawnSizes(t *testing.T) {
	tests := []struct {
		what, text  string
		low, high   int
		median, p95 float64 // within a tenth
	}{
		{"even", "2000..20000", 2000, 20000, 11000, 19100},
		{"log-normal", "lognormal:median=8000,p95=200000", 2, 20_000_000, 8000, 200_000},
		{"of a few numbers", "2..5", 2, 5, 3.5, 5},
	}
	for _, test := range tests {
		c := plain
		c.Size, _ = ParseQuantity(test.text, strconv.Atoi)
		got := sizes(t, c, 3000)
		slices.Sort(got)
		median, p95 := float64(got[1500]), float64(got[2850])
		if got[0] < test.low || got[2999] > test.high || math.Abs(median/test.median-1) > 0.15 || math.Abs(p95/test.p95-1) > 0.15 {
			t.Errorf("%s: from %d to %d, median %v, 95th percentile %v", test.what, got[0], got[2999], median, p95)
		}
	}
}

// The mean of what is drawn is that of the distribution, also where a few large messages
// have most of the octets.
func TestTheMeanOfADrawIsKept(t *testing.T) {
	for _, text := range []string{"lognormal:median=8000,p95=64000", "lognormal:median=6000,p95=300000", "lognormal:median=2,p95=8"} {
		q, _ := ParseQuantity(text, strconv.Atoi)
		for _, limit := range []int{50, 1024} {
			points, err := q.points(limit)
			if err != nil {
				t.Fatal(err)
			}
			sum := 0
			for _, p := range points {
				sum += p.value
			}
			if mean := float64(sum) / float64(len(points)); math.Abs(mean/q.Mean()-1) > 0.03 {
				t.Errorf("%s of %d points: the mean is %.0f, want %.0f", text, limit, mean, q.Mean())
			}
		}
	}
}

// Each content has exactly its size, wherever the cut falls into the text, and is in
// lines as others are.
func TestEverySizeIsExact(t *testing.T) {
	c := plain
	c.Size = Quantity{low: 2, high: 700}
	s := newSource(t, c)
	for i, content := range s.classes[0].contents {
		body := receive(t, append([]byte(content.lead), content.body...))
		if want := 2 + i; len(body) != want || content.size != int64(want) {
			t.Fatalf("a content of %d octets has %d, and says %d", want, len(body), content.size)
		}
		checkLines(t, body)
		if content.digest != digestOf(body) {
			t.Fatalf("the digest of %d octets is another one", len(body))
		}
	}
}

func TestObservedSizes(t *testing.T) {
	c := plain
	file := write(t, "size,count\n# small ones\n100,3\n\n  5000 , 1\n300,0\n")
	c.Size, _ = ParseQuantity("@"+file, strconv.Atoi)
	count := map[int]int{}
	for _, size := range sizes(t, c, 2000) {
		count[size]++
	}
	if len(count) != 2 || count[100] < 1400 || count[100] > 1600 {
		t.Errorf("sizes %v, want 3 of 4 with 100 octets and the rest with 5000", count)
	}
}

func TestObservedNumbersAreRefused(t *testing.T) {
	tests := []struct{ what, text, want string }{
		{"a word", "1\nx\n", `:2: "x" is no whole number from 0`},
		{"a number below 0", "1\n\n-5,2\n", `:3: "-5" is no whole number from 0`},
		{"a weight below 0", "1,-1\n", `:1: "-1" is no weight; write a number from 0`},
		{"nothing but a heading", "size\n", ": no numbers in it"},
		{"weights of 0", "1,0\n", ": no numbers in it"},
	}
	for _, test := range tests {
		c := plain
		file := write(t, test.text)
		c.Size, _ = ParseQuantity("@"+file, strconv.Atoi)
		if _, err := New(alone(c)); err == nil || err.Error() != "size: "+file+test.want {
			t.Errorf("%s: %v, want %s", test.what, err, test.want)
		}
	}
}

// Many observed numbers become a few with the same shape.
func TestQuantilesKeepTheShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []point
		var sum, mean float64
		value := 0
		for range rapid.IntRange(1, 300).Draw(t, "numbers") {
			value += rapid.IntRange(1, 50).Draw(t, "step")
			weight := rapid.Float64Range(0.1, 10).Draw(t, "weight")
			all = append(all, point{value, weight})
			sum += weight
			mean += weight * float64(value)
		}
		few := quantiles(all, 64)
		var got float64
		for _, p := range few {
			got += float64(p.value) / 64
		}
		if got < float64(all[0].value) || math.Abs(got-mean/sum) > float64(value)/32 {
			t.Fatalf("the mean %v became %v", mean/sum, got)
		}
	})
}

func TestNumbersOfRecipientsAreDrawn(t *testing.T) {
	c := plain
	c.Recipients, _ = ParseQuantity("1..5", strconv.Atoi)
	s := newSource(t, c)
	count, seen := map[int]int{}, map[string]bool{}
	var m Mail
	for n := range int64(5000) {
		s.Fill(n, at, &m)
		count[m.NumRecipients()]++
		for i := range m.NumRecipients() {
			path := string(m.AppendForwardPath(nil, i))
			if seen[path] {
				t.Fatalf("%s is the recipient of two messages", path)
			}
			seen[path] = true
		}
		if n < 20 {
			mail, _ := parse(t, s, n)
			if got := strings.Count(mail.Header.Get("To"), "@"); got != m.NumRecipients() {
				t.Errorf("slot %d: To names %d of %d recipients", n, got, m.NumRecipients())
			}
		}
	}
	for number := 1; number <= 5; number++ {
		if count[number] < 850 || count[number] > 1150 {
			t.Errorf("%d messages of 5000 have %d recipients, want about 1000", count[number], number)
		}
	}
}
