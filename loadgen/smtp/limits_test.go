package smtp

import "testing"

func TestParseLimits(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     Limits
	}{
		{"K50 all that RFC 9422 defines", "MAILMAX=10 RCPTMAX=50 RCPTDOMAINMAX=5", Limits{10, 50, 5}},
		{"none", "", Limits{}},
		{"in any case and order", "rcptmax=7  MailMax=2", Limits{Mail: 2, Rcpt: 7}},
		{"a limit that nobody knows", "FUTUREMAX=3 MAILMAX=1", Limits{Mail: 1}},
		{"six digits", "MAILMAX=999999", Limits{Mail: 999999}},
		{"seven digits", "MAILMAX=1000000", Limits{}},
		{"no number", "MAILMAX=many RCPTMAX= RCPTDOMAINMAX", Limits{}},
		{"a sign", "MAILMAX=-1 RCPTMAX=+1", Limits{}},
		{"0", "MAILMAX=0", Limits{}},
		{"twice: the first counts", "MAILMAX=2 MAILMAX=9", Limits{Mail: 2}},
	} {
		if got := ParseLimits(tt.in); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestParseSizeLimit(t *testing.T) {
	for in, want := range map[string]int64{
		"10240000": 10240000, "": 0, "0": 0, "-1": 0, "many": 0, "1 2": 0, "9223372036854775808": 0,
	} {
		if got := ParseSizeLimit(in); got != want {
			t.Errorf("SIZE %q: %d, want %d", in, got, want)
		}
	}
}
