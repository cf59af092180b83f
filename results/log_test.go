package results

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// logOf writes the log of three seconds, the second of which has nothing in it.
func logOf(t *testing.T, origin time.Time) (*bytes.Buffer, map[int]samples) {
	t.Helper()
	values := map[int]samples{0: {ms, 2 * ms, 40 * ms}, 2: {3 * ms}}
	var b bytes.Buffer
	w := NewLogWriter(&b)
	if err := w.Start(origin); err != nil {
		t.Fatal(err)
	}
	for _, second := range []int{0, 2} {
		if err := w.Second(second, values[second].histogram(t, 8, 2), values[second].histogram(t, 8, 2)); err != nil {
			t.Fatal(err)
		}
	}
	return &b, values
}

func TestTheLibraryReadsTheLog(t *testing.T) {
	origin := time.Date(2026, 11, 21, 20, 48, 42, 123e6, time.UTC)
	log, values := logOf(t, origin)
	text := log.String()
	for _, line := range []string{
		"#[Histogram log format version 1.3]\n",
		"#[StartTime: 1795294122.123 (seconds since epoch), 2026-11-21T20:48:42Z]\n",
		"#[BaseTime: 1795294122.123 (seconds since epoch)]\n",
		"\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
		"Tag=response,0.000000,1.000000,40.", "Tag=service,2.000000,1.000000,3.",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the log has no line %q:\n%s", line, text)
		}
	}
	r := hdrhistogram.NewHistogramLogReader(log)
	for _, second := range []int{0, 2} {
		for _, tag := range []string{"response", "service"} {
			h, err := r.NextIntervalHistogram()
			if err != nil || h == nil {
				t.Fatalf("second %d of %s: %v, %v", second, tag, h, err)
			}
			if want := values[second].histogram(t, 8, 2); !h.Equals(want) || h.Tag() != tag {
				t.Errorf("second %d of %s is read back as %s with %d values", second, tag, h.Tag(), h.TotalCount())
			}
			start := origin.UnixMilli() + int64(second)*1000
			// The library computes times in floating point.
			if off := h.StartTimeMs() - start; off < -1 || off > 1 || h.EndTimeMs()-h.StartTimeMs() < 999 || h.EndTimeMs()-h.StartTimeMs() > 1001 {
				t.Errorf("second %d begins at %d ms and ends at %d ms, want %d ms", second, h.StartTimeMs(), h.EndTimeMs(), start)
			}
		}
	}
	if h, err := r.NextIntervalHistogram(); h != nil || err != nil {
		t.Errorf("after the last line: %v, %v", h, err)
	}
}

func TestTheLogIsReadBack(t *testing.T) {
	log, values := logOf(t, time.Unix(7, 0))
	r := NewLogReader(log)
	for _, second := range []int{0, 2} {
		s, err := r.Next()
		if err != nil || s.Second != second {
			t.Fatalf("second %d is read as second %d, %v", second, s.Second, err)
		}
		if want := values[second].histogram(t, 8, 2); !s.Response.Equals(want) || !s.Service.Equals(want) {
			t.Errorf("second %d came back with other values", second)
		}
	}
	for range 2 {
		if _, err := r.Next(); err != io.EOF {
			t.Errorf("after the last second the error is %v, want EOF", err)
		}
	}
}

func TestLogsThatCannotBeRead(t *testing.T) {
	encoded, err := samples{ms}.histogram(t, 8, 2).EncodeV2()
	if err != nil {
		t.Fatal(err)
	}
	line := func(tag, start, length string) string {
		return "Tag=" + tag + "," + start + "," + length + ",1.0," + string(encoded) + "\n"
	}
	good := line("response", "4.0", "1.0") + line("service", "4.0", "1.0")
	for _, row := range []struct{ given, in, says string }{
		{"prose", "hello\n", "line 1: not the five fields"},
		{"another tag", line("opening", "0.0", "1.0"), `line 1: "Tag=opening", where Tag=response is due`},
		{"half a second", line("response", "0.5", "1.0"), `line 1: from "0.5" for "1.0", where a whole second is due`},
		{"an interval of ten seconds", line("response", "0.0", "10.0"), "where a whole second is due"},
		{"a second before the run", line("response", "-1.0", "1.0"), "where a whole second is due"},
		{"no service", line("response", "0.0", "1.0"), "line 2: the end, where second 0 of service is due"},
		{"service of another second", line("response", "0.0", "1.0") + line("service", "1.0", "1.0"), "line 2: second 1 of service, where second 0 is due"},
		{"a second twice", "# comment\n\n" + good + good, "line 5: second 4 after second 4"},
		{"half a histogram", line("response", "0.0", "1.0")[:60] + "\n", "line 1: "},
		{"a line without end", strings.Repeat("x", maxLogLine+1), "line 1: bufio.Scanner: token too long"},
	} {
		r := NewLogReader(strings.NewReader(row.in))
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if err == io.EOF || !strings.Contains(err.Error(), row.says) {
			t.Errorf("given %s, the error is %v, want %q in it", row.given, err, row.says)
		}
	}
}

// full is a disk that takes so many octets.
type full int

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(b), nil
}

func TestALogThatCannotBeWritten(t *testing.T) {
	for _, room := range []full{0, 250, 400} {
		w := NewLogWriter(&room)
		err := w.Start(time.Unix(7, 0))
		if err == nil {
			err = w.Second(0, samples{ms}.histogram(t, 8, 2), samples{ms}.histogram(t, 8, 2))
		}
		if err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("the error is %v", err)
		}
	}
}
