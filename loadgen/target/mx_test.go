package target

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// hosts are the addresses of the names in the zones below.
var hosts = map[string]string{
	"a": "127.0.0.11 ::11", "b": "127.0.0.12", "c": "127.0.0.13", "y": "127.0.0.14", "z": "127.0.0.15",
	"self": "127.0.0.16", "A.Example.": "127.0.0.17", "broken": "servfail", "1.2.3.4": "1.2.3.4",
}

func zoneOf(domain map[string]string) *zone {
	z := &zone{records: map[string]string{}}
	for _, records := range []map[string]string{hosts, domain} {
		for name, value := range records {
			z.records[name] = value
		}
	}
	return z
}

const domain, mxDomain = "example.com", "mx example.com"

func TestMailExchangers(t *testing.T) {
	tests := []struct {
		what  string
		zone  map[string]string
		self  string
		want  string
		error string // behind "target mx:example.com:25: "
	}{
		{"the lowest number first, each with its addresses in order",
			map[string]string{mxDomain: "20 b, 10 a"}, "", "[127.0.0.11:25 [::11]:25 127.0.0.12:25]", ""},
		{"numbers are unsigned",
			map[string]string{mxDomain: "65535 z, 0 y"}, "", "[127.0.0.14:25 127.0.0.15:25]", ""},
		{"no MX record: the domain itself",
			map[string]string{domain: "127.0.0.2"}, "", "[127.0.0.2:25]", ""},
		{"an answer without MX records: the domain itself",
			map[string]string{mxDomain: "", domain: "127.0.0.2"}, "", "[127.0.0.2:25]", ""},
		{"no such domain",
			nil, "", "[]", "example.com has no MX record, and no address: no such host"},
		{"the null MX: no connection, even with an address",
			map[string]string{mxDomain: "0 .", domain: "127.0.0.2"}, "", "[]",
			`example.com takes no mail: its MX record is the null MX, "." (RFC 7505; 556 5.1.10)`},
		{"a null MX beside another is none",
			map[string]string{mxDomain: "0 ., 10 a"}, "", "[127.0.0.11:25 [::11]:25]", ""},
		{"an exchanger that does not exist is left out",
			map[string]string{mxDomain: "10 nx.example, 20 b"}, "", "[127.0.0.12:25]", ""},
		{"an exchanger whose name server fails is left out",
			map[string]string{mxDomain: "10 broken, 20 b"}, "", "[127.0.0.12:25]", ""},
		{"only one that does not exist: the domain's address is not used",
			map[string]string{mxDomain: "10 nx.example", domain: "127.0.0.2"}, "", "[]",
			"no mail exchanger of example.com has an address (of 1, nx.example: no such host); beside MX records its own address is not used (5.4.4)"},
		{"none with an address, and one of them may have one later",
			map[string]string{mxDomain: "10 nx.example, 20 broken"}, "", "[]",
			"no mail exchanger of example.com has an address (of 2, broken: server misbehaving); beside MX records its own address is not used (5.4.4) (temporary: try again, or check the resolver)"},
		{"an address in place of a name is left out",
			map[string]string{mxDomain: "10 1.2.3.4, 20 b"}, "", "[127.0.0.12:25]", ""},
		{"a name server that fails: the domain's address is not used",
			map[string]string{mxDomain: "servfail", domain: "127.0.0.2"}, "", "[]",
			"the MX records of example.com: server misbehaving (temporary: try again, or check the resolver)"},
		{"a name server that is silent",
			map[string]string{mxDomain: "timeout", domain: "127.0.0.2"}, "", "[]",
			"the MX records of example.com: i/o timeout (temporary: try again, or check the resolver)"},
		{"no MX record, and then a name server that fails",
			map[string]string{domain: "servfail"}, "", "[]",
			"example.com has no MX record, and no address: server misbehaving (temporary: try again, or check the resolver)"},
		{"the own name ends the list, with all that are not better",
			map[string]string{mxDomain: "10 self, 5 a, 20 b, 10 c"}, "Self.", "[127.0.0.11:25 [::11]:25]", ""},
		{"the own name is the best",
			map[string]string{mxDomain: "10 self, 20 b"}, "self", "[]",
			"self is this machine's own name and among the best exchangers: mail would loop (5.4.6)"},
		{"the own name is one of the best",
			map[string]string{mxDomain: "10 self, 10 a, 20 b"}, "self", "[]",
			"self is this machine's own name and among the best exchangers: mail would loop (5.4.6)"},
		{"an address of two exchangers is tried once",
			map[string]string{mxDomain: "10 b, 20 b"}, "", "[127.0.0.12:25]", ""},
		{"names are asked for as they are written",
			map[string]string{mxDomain: "10 A.Example."}, "", "[127.0.0.17:25]", ""},
	}
	for _, test := range tests {
		got, err := resolve(t, zoneOf(test.zone), "mx:"+domain, Options{Self: test.self})
		want := test.error
		if want != "" {
			want = "target mx:example.com:25: " + want
		}
		checkResolved(t, test.what, got, err, test.want, want)
	}
}

func TestEqualPreferenceIsRandom(t *testing.T) {
	z := zoneOf(map[string]string{mxDomain: "10 a, 20 b, 20 c"})
	const runs = 1000
	first := map[string]int{}
	for seed := range uint64(runs) {
		got, err := resolve(t, z, "mx:"+domain, Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got[:2]) != "[127.0.0.11:25 [::11]:25]" || len(got) != 4 {
			t.Fatalf("seed %d: %s does not begin with the addresses of a", seed, got)
		}
		first[got[2]]++
	}
	// The chi-square statistic of two equal classes, one degree of freedom; chance
	// alone exceeds 10.83 once in a thousand times.
	b, c := float64(first["127.0.0.12:25"]), float64(first["127.0.0.13:25"])
	if x := math.Pow(b-c, 2) / runs; b+c != runs || x > 10.83 {
		t.Errorf("b is first %v times and c %v times of %d: chi-square %.1f", b, c, runs, x)
	}
}

func TestASeedGivesOneOrder(t *testing.T) {
	one := zoneOf(map[string]string{mxDomain: "10 a, 10 b, 10 c, 10 y"})
	other := zoneOf(map[string]string{mxDomain: "10 y, 10 b, 10 a, 10 c"})
	for seed := range uint64(20) {
		a, err := resolve(t, one, "mx:"+domain, Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		b, err := resolve(t, other, "mx:"+domain, Options{Seed: seed})
		if err != nil || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("seed %d: %s, and with another order of records %s, %v", seed, a, b, err)
		}
	}
}

func TestAHundredExchangers(t *testing.T) {
	z := zoneOf(nil)
	var records []string
	for i := range 100 {
		records = append(records, fmt.Sprintf("%d h%d", 1000-i, i))
		z.records[fmt.Sprintf("h%d", i)] = fmt.Sprintf("10.0.0.%d", i)
	}
	z.records[mxDomain] = strings.Join(records, ", ")
	got, err := resolve(t, z, "mx:"+domain, Options{})
	if err != nil || len(got) != 100 || got[0] != "10.0.0.99:25" || got[99] != "10.0.0.0:25" {
		t.Errorf("%d of 100 addresses, %v: %s", len(got), err, got)
	}
}

func TestExchangesSayWhereAnAddressCameFrom(t *testing.T) {
	tests := []struct {
		what, target, want string
		zone               map[string]string
	}{
		{"an address", "127.0.0.1", "[127.0.0.1 0 false [127.0.0.1:25]]", nil},
		{"a host", "b", "[b 0 false [127.0.0.12:25]]", nil},
		{"MX records", "mx:example.com", "[b 10 false [127.0.0.12:25]][a.example 20 false [127.0.0.17:25]]", map[string]string{mxDomain: "10 b, 20 A.Example."}},
		{"no MX record", "mx:example.com", "[example.com 0 true [127.0.0.2:25]]", map[string]string{domain: "127.0.0.2"}},
	}
	for _, test := range tests {
		parsed, err := Parse(test.target)
		if err != nil {
			t.Fatal(err)
		}
		exchanges, err := Exchanges(t.Context(), zoneOf(test.zone), parsed, Options{})
		got := ""
		for _, x := range exchanges {
			got += fmt.Sprint([]any{x.Host, x.Preference, x.Implicit, x.Addrs})
		}
		if err != nil || got != test.want {
			t.Errorf("%s: %s, %v; want %s", test.what, got, err, test.want)
		}
	}
}
