package results

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// maxLogLine bounds a line of an interval log; a histogram of two digits is far shorter.
const maxLogLine = 1 << 20

// A LogReader reads an interval log as LogWriter writes it. It is stricter than the
// library's reader, which passes over lines that it cannot read.
type LogReader struct {
	lines *bufio.Scanner
	line  int
	last  int // second
	err   error
}

// A LogSecond is one second of an interval log.
type LogSecond struct {
	Second            int // from 0
	Response, Service *hdrhistogram.Histogram
}

// NewLogReader returns a LogReader on r.
func NewLogReader(r io.Reader) *LogReader {
	l := &LogReader{lines: bufio.NewScanner(r), last: -1}
	l.lines.Buffer(nil, maxLogLine)
	return l
}

// Next returns the next second of the log, or io.EOF. Errors tell the line.
func (l *LogReader) Next() (LogSecond, error) {
	if l.err != nil {
		return LogSecond{}, l.err
	}
	s, err := l.next()
	if err != nil && err != io.EOF {
		err = fmt.Errorf("line %d: %w", l.line, err)
	}
	l.err = err
	return s, err
}

func (l *LogReader) next() (s LogSecond, err error) {
	if s.Second, s.Response, err = l.histogram(tagResponse); err != nil {
		return s, err
	}
	if s.Second <= l.last {
		return s, fmt.Errorf("second %d after second %d", s.Second, l.last)
	}
	l.last = s.Second
	second, service, err := l.histogram(tagService)
	switch {
	case err == io.EOF:
		return s, fmt.Errorf("the end, where second %d of %s is due", s.Second, tagService)
	case err != nil:
		return s, err
	case second != s.Second:
		return s, fmt.Errorf("second %d of %s, where second %d is due", second, tagService, s.Second)
	}
	s.Service = service
	return s, nil
}

// histogram reads the next line that is no header, which must have that tag.
func (l *LogReader) histogram(tag string) (second int, h *hdrhistogram.Histogram, err error) {
	for {
		if !l.lines.Scan() {
			l.line++
			if err := l.lines.Err(); err != nil {
				return 0, nil, err
			}
			return 0, nil, io.EOF
		}
		l.line++
		if line := l.lines.Text(); line != "" && line[0] != '#' && line[0] != '"' {
			return parseLogLine(line, tag)
		}
	}
}

// parseLogLine reads "Tag=response,12.000000,1.000000,41.2,HISTFAAAA…".
func parseLogLine(line, tag string) (second int, h *hdrhistogram.Histogram, err error) {
	fields := strings.Split(line, ",")
	if len(fields) != 5 {
		return 0, nil, errors.New("not the five fields of a tagged interval")
	}
	if fields[0] != "Tag="+tag {
		return 0, nil, fmt.Errorf("%.40q, where Tag=%s is due", fields[0], tag)
	}
	start, err := strconv.ParseFloat(fields[1], 64)
	length, err2 := strconv.ParseFloat(fields[2], 64)
	if second = int(start); err != nil || err2 != nil || length != 1 || start < 0 || float64(second) != start {
		return 0, nil, fmt.Errorf("from %.40q for %.40q, where a whole second is due", fields[1], fields[2])
	}
	h, err = hdrhistogram.Decode([]byte(fields[4]))
	return second, h, err
}
