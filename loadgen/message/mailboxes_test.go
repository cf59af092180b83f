package message

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// order is an order that is right.
func order(t testing.TB, s string) Order {
	t.Helper()
	o, err := ParseOrder(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// paths are the forward-paths of a slot.
func paths(s *Source, n int64) (paths []string) {
	var m Mail
	s.Fill(n, at, &m)
	for i := range m.NumRecipients() {
		paths = append(paths, string(m.AppendForwardPath(nil, i)))
	}
	return paths
}

func TestAddresses(t *testing.T) {
	list := write(t, "address\n# people\na@x\n\nb@y\nc@z\n")
	tests := []struct{ what, to, want string }{ // of slots 0 to 3, with 2 recipients each
		{"a pattern has the recipient's number", "user{n}@x", "user0@x user1@x; user2@x user3@x; user4@x user5@x; user6@x user7@x"},
		{"a list goes in turn", "a@x, b@x,c@x", "a@x b@x; c@x a@x; b@x c@x; a@x b@x"},
		{"of patterns too", "a{n}@x,b@x", "a0@x b@x; a2@x b@x; a4@x b@x; a6@x b@x"},
		{"a comma in quotes divides nothing", `"a,\",b"@x,c@x`, `"a,\",b"@x c@x; "a,\",b"@x c@x; "a,\",b"@x c@x; "a,\",b"@x c@x`},
		{"a range is so many mailboxes", "u{7..9}@x", "u7@x u8@x; u9@x u7@x; u8@x u9@x; u7@x u8@x"},
		{"a file has one a line", "@" + list, "a@x b@y; c@z a@x; b@y c@z; a@x b@y"},
		{"the class is a field", "{class}{n}@x", "one0@x one1@x; one2@x one3@x; one4@x one5@x; one6@x one7@x"},
		{"a brace is doubled", "{{{n}}}@x", "{0}@x {1}@x; {2}@x {3}@x; {4}@x {5}@x; {6}@x {7}@x"},
	}
	for _, test := range tests {
		c := plain
		c.Name, c.To, c.Recipients = "one", test.to, Fixed(2)
		s := newSource(t, c)
		var got []string
		for n := range int64(4) {
			got = append(got, strings.Join(paths(s, n), " "))
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%s: %s\nwant %s", test.what, got, test.want)
		}
	}
}

func TestAddressesAreRefused(t *testing.T) {
	tests := []struct{ what, to, order, want string }{
		{"a field that is none", "user{m}@x", "", `forward-path: {m} is no field; the fields are {n} {uuid} {class} {domain} {rand}, and {{ is a brace`},
		{"a misspelt field", "user{domian}@x", "", `forward-path: {domian} is no field; did you mean {domain}?; the fields are`},
		{"a field of contents", "user{time}@x", "", `forward-path: {time} cannot stand here; the fields are`},
		{"an open brace", "user{n@x", "", `forward-path: "{n@x": a brace without its field; write {n}, or {{ for a brace`},
		{"one of a list", "a@x,b", "", `forward-path: mailbox "b": `},
		{"a line of a file", "@" + write(t, "a@x\nb b@x\n"), "", `:2: mailbox "b b@x": `},
		{"a file without addresses", "@" + write(t, "address\n"), "", ": no addresses in it"},
		{"weights in turn", "@" + write(t, "a@x,2\n"), "", " has weights, and the order is turn; take them at random, or leave the weights out"},
		{"a weight that is none", "@" + write(t, "a@x,much\n"), "random", `:1: "much" is no weight; write a number from 0`},
		{"weights of 0", "@" + write(t, "a@x,0\nb@x,0\n"), "random", ": all weights are 0"},
		{"a range from the larger", "u{9..1}@x", "", "forward-path: {9..1} is no range; write the smaller number first, such as 1..100"},
		{"more ranks than there is memory for", "u{1..99999999}@x", "zipf:1", "99999999 mailboxes; zipf:1 draws from up to 10000000"},
	}
	for _, test := range tests {
		c := plain
		c.To, c.ToOrder = test.to, order(t, test.order)
		if _, err := New(alone(c)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.what, err, test.want)
		}
	}
}

func TestCheckMailboxesSeesWhatItCan(t *testing.T) {
	for s, want := range map[string]bool{
		"user{n}@example.com": true, "a@x,b@y": true, "u{1..5}@{domain}": true, "@some/file": true, "jörg@x": true, "{class}@x": true, "{rand:8}@x": true,
		"@": false, "a": false, "a@x,": false, "{worker}@x": false, "u{n}": false,
	} {
		if err := CheckMailboxes(s); (err == nil) != want {
			t.Errorf("%s: %v", s, err)
		}
	}
	for s, want := range map[string][2]bool{ // distinct, listed
		"a@x": {}, "{{a@x": {}, "u{n}@x": {true, false}, "a@x,b@x": {true, true}, "@f": {true, true}, "u{1..5}@x": {true, true},
	} {
		if got := [2]bool{Distinct(s), Listed(s)}; got != want {
			t.Errorf("%s: distinct and listed are %v, want %v", s, got, want)
		}
	}
}

// tally counts the mailboxes of many slots.
func tally(t testing.TB, c ClassConfig, slots int64) map[string]int {
	t.Helper()
	s := newSource(t, c)
	count := map[string]int{}
	for n := range slots {
		for _, path := range paths(s, n) {
			count[path]++
		}
	}
	return count
}

func TestOrdersOfAddresses(t *testing.T) {
	weighted := write(t, "a@x,3\nb@x,1\n")
	tests := []struct {
		what, to, order string
		want            map[string]float64 // shares
	}{
		{"at random each as often", "a@x,b@x,c@x,d@x", "random", map[string]float64{"a@x": 0.25, "b@x": 0.25, "c@x": 0.25, "d@x": 0.25}},
		{"by weight", "@" + weighted, "random", map[string]float64{"a@x": 0.75, "b@x": 0.25}},
		{"by Zipf's law", "u{1..4}@x", "zipf:1", map[string]float64{"u1@x": 0.48, "u2@x": 0.24, "u3@x": 0.16, "u4@x": 0.12}},
	}
	for _, test := range tests {
		c := plain
		c.To, c.ToOrder = test.to, order(t, test.order)
		for path, n := range tally(t, c, 10_000) {
			if math.Abs(float64(n)/10_000-test.want[path]) > 0.02 {
				t.Errorf("%s: %s has %d of 10000, want %.0f %%", test.what, path, n, 100*test.want[path])
			}
		}
	}
}

// No message has a recipient twice, as long as the list has so many mailboxes.
func TestRecipientsOfAMessageDiffer(t *testing.T) {
	for _, how := range []string{"turn", "random", "zipf:2"} {
		for _, number := range []int{2, 5, drawnApart, drawnApart + 1, 40} {
			for _, count := range []int{40, 41, 1000} {
				c := plain
				c.To, c.ToOrder, c.Recipients = fmt.Sprintf("u{1..%d}@x", count), order(t, how), Fixed(number)
				s := newSource(t, c)
				for n := range int64(50) {
					got := paths(s, n)
					slices.Sort(got)
					if len(slices.Compact(got)) != number {
						t.Fatalf("%s, %d of %d: slot %d has a recipient twice", how, number, count, n)
					}
				}
			}
		}
	}
}

func TestMoreRecipientsThanMailboxes(t *testing.T) {
	c := plain
	c.To, c.ToOrder, c.Recipients = "a@x,b@x", order(t, "random"), Fixed(20)
	if got := paths(newSource(t, c), 3); len(got) != 20 || !slices.Contains(got, "a@x") || !slices.Contains(got, "b@x") {
		t.Errorf("the recipients are %v", got)
	}
}

func TestDomains(t *testing.T) {
	c := plain
	c.To, c.Domains = "u@{domain}", "a.example=3, b.example"
	count := tally(t, c, 10_000)
	if n := count["u@a.example"]; len(count) != 2 || n < 7300 || n > 7700 {
		t.Errorf("%v, want 3 of 4 in a.example", count)
	}
	c.Domains = ""
	if got := paths(newSource(t, c), 0)[0]; got != "u@example.com" {
		t.Errorf("without domains {domain} is that of %s", got)
	}
	for s, want := range map[string]string{
		"":            `"" is no domain; write a.example=3,b.example=1`,
		"a b=1":       `"a b" is no domain; write a.example=3,b.example=1`,
		"a.example=x": `a.example: "x" is no weight; write a number from 0`,
		"a.example=0": "all weights are 0",
	} {
		if err := CheckDomains(s); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", s, err, want)
		}
	}
}

func TestSharesOfNullPathsAndUnknownRecipients(t *testing.T) {
	c := plain
	c.NullShare, c.UnknownShare, c.Unknown, c.Recipients = 0.1, 0.02, "nobody{n}@example.com", Fixed(3)
	s := newSource(t, c)
	null, unknown := 0, 0
	var m Mail
	for n := range int64(10_000) {
		s.Fill(n, at, &m)
		if len(m.AppendReversePath(nil)) == 0 {
			null++
			if mail, _ := parse(t, s, n); mail.Header.Get("From") != "MAILER-DAEMON@example.com" {
				t.Fatalf("a message with the null path is from %s", mail.Header.Get("From"))
			}
		}
		for i := range 3 {
			if strings.HasPrefix(string(m.AppendForwardPath(nil, i)), "nobody") {
				unknown++
			}
		}
	}
	if math.Abs(float64(null)-1000) > 100 || math.Abs(float64(unknown)-600) > 80 {
		t.Errorf("%d of 10000 messages have the null path, want 10 %%; %d of 30000 recipients are unknown, want 2 %%", null, unknown)
	}
}

func TestUTF8IsThatOfTheMessage(t *testing.T) {
	c := plain
	c.To = "jörg@example.com,karl@example.com"
	s := newSource(t, c)
	var m Mail
	for n, want := range []bool{true, false} {
		if s.Fill(int64(n), at, &m); m.UTF8() != want || m.EightBit() != want {
			t.Errorf("slot %d: UTF8 is %v, EightBit %v", n, m.UTF8(), m.EightBit())
		}
	}
	c = plain
	c.Data = []byte("From: a@b\nSubject: \xe4\n\nb\n")
	if newSource(t, c).Fill(0, at, &m); m.UTF8() || !m.EightBit() {
		t.Error("octets of Latin-1 in a header are no UTF-8")
	}
	c.Data = []byte("From: a@b\nSubject: ä\n\nb\n")
	if newSource(t, c).Fill(0, at, &m); !m.UTF8() {
		t.Error("UTF-8 in a header needs SMTPUTF8")
	}
}

func TestParameters(t *testing.T) {
	c := plain
	c.From, c.Recipients = "a+b=c@example.com", Fixed(2)
	c.MailParams, c.RcptParams = []string{"ENVID=m{n}.{from}", "RET=HDRS"}, []string{"NOTIFY=NEVER", "ORCPT=rfc822;{rcpt}"}
	var m Mail
	newSource(t, c).Fill(3, at, &m)
	got := string(m.AppendMailParams(nil)) + "|" + string(m.AppendRcptParams(nil, 0)) + "|" + string(m.AppendRcptParams(nil, 1))
	want := " ENVID=m3.a+2Bb+3Dc@example.com RET=HDRS| NOTIFY=NEVER ORCPT=rfc822;user6@example.com| NOTIFY=NEVER ORCPT=rfc822;user7@example.com"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	c.MailParams = []string{"A=b c"}
	if _, err := New(alone(c)); err == nil || err.Error() != `parameter of MAIL "A=b c": ' ' at octet 3; write KEYWORD or KEYWORD=VALUE, and each of several for itself` {
		t.Error(err)
	}
}

// A list in turn is used evenly, whatever its length and the drawn numbers of recipients
// have in common.
func TestAListInTurnIsUsedEvenly(t *testing.T) {
	for _, list := range []int{5, 10, 12, 60} {
		c := plain
		c.To, c.Recipients = fmt.Sprintf("u{1..%d}@example.com", list), Quantity{low: 1, high: 5}
		s := newSource(t, c)
		count := map[string]int{}
		var m Mail
		for n := range int64(200 * list) {
			s.Fill(n, at, &m)
			for i := range m.NumRecipients() {
				count[string(m.AppendForwardPath(nil, i))]++
			}
		}
		for path, times := range count { // 600 each
			if len(count) != list || times < 500 || times > 700 {
				t.Errorf("of %d mailboxes %d are used, %s %d times", list, len(count), path, times)
			}
		}
	}
}
