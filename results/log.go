package results

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The tags of an interval log.
const (
	tagResponse = "response"
	tagService  = "service"
)

// A LogWriter writes an interval log: the histograms of each second of a run, in
// HdrHistogram's log format 1.3, which its own tools read and plot. The start of
// each line is in seconds from time 0 of the run, which the header gives as start
// time and as base time, so that readers can tell the time of day.
//
// Each second in which a slot was accepted has two lines, tagged response and
// service, with the latencies of the slots that ended in it, in nanoseconds to two
// digits; the column of maxima is in milliseconds.
type LogWriter struct {
	w   io.Writer
	log *hdrhistogram.HistogramLogWriter
}

// NewLogWriter returns a LogWriter on w, to which it makes one Write for each line.
func NewLogWriter(w io.Writer) *LogWriter {
	return &LogWriter{w, hdrhistogram.NewHistogramLogWriter(w)}
}

// Start writes the header of a run whose time 0 was at origin. It comes first.
func (l *LogWriter) Start(origin time.Time) error {
	// The library's own lines for the two times leave out fractions of a second.
	origin = origin.UTC()
	seconds := float64(origin.UnixMilli()) / 1000
	_, err := fmt.Fprintf(l.w, "#[mailmill: latencies of accepted mail transactions, in nanoseconds, by the second of their end]\n"+
		"#[Histogram log format version %s]\n#[StartTime: %.3f (seconds since epoch), %s]\n#[BaseTime: %.3f (seconds since epoch)]\n",
		hdrhistogram.HISTOGRAM_LOG_FORMAT_VERSION, seconds, origin.Format(time.RFC3339), seconds)
	if err != nil {
		return err
	}
	return l.log.OutputLegend()
}

// Second writes the latencies of one second, counted from 0 at time 0. Seconds come
// in their order. It stamps the histograms with their time and their tag.
func (l *LogWriter) Second(second int, response, service *hdrhistogram.Histogram) error {
	for _, row := range []struct {
		tag string
		h   *hdrhistogram.Histogram
	}{{tagResponse, response}, {tagService, service}} {
		row.h.SetTag(row.tag)
		row.h.SetStartTimeMs(int64(second) * 1000)
		row.h.SetEndTimeMs(int64(second+1) * 1000)
		if err := l.log.OutputIntervalHistogram(row.h); err != nil {
			return err
		}
	}
	return nil
}
