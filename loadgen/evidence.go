package loadgen

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/results"
)

// An evidence is what a run writes as it goes: the interval log and the rows of slots. If one of them cannot
// be written, the run is of no use to whoever asked for it, and is stopped.
type evidence struct {
	log  *results.LogWriter // nil: none
	out  *results.RowWriter // nil: none
	rows *rows              // nil before time 0
	stop func()
	// class is the name of a class by its index.
	class func(uint8) string

	mu     sync.Mutex
	logErr error
}

// begin is called when time 0 is known.
func (v *evidence) begin(origin timing.Instant, wall time.Time) {
	if v.log != nil {
		v.logged(v.log.Start(wall))
	}
	if v.out != nil {
		v.rows = newRows(v.out, v.class, origin, func(error) { v.stop() })
	}
}

// onSecond returns what the recorder is to tell of each second.
func (v *evidence) onSecond() func(int, *hdrhistogram.Histogram, *hdrhistogram.Histogram) {
	if v.log == nil {
		return nil
	}
	return func(second int, response, service *hdrhistogram.Histogram) {
		if v.lost() == nil {
			v.logged(v.log.Second(second, response, service))
		}
	}
}

func (v *evidence) lost() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.logErr
}

func (v *evidence) logged(err error) {
	if err == nil {
		return
	}
	v.mu.Lock()
	v.logErr = err
	v.mu.Unlock()
	v.stop()
}

// batch returns where a loop puts its rows; nil if there are none.
func (v *evidence) batch() *rowBatch {
	if v.rows == nil {
		return nil
	}
	return &rowBatch{rows: v.rows}
}

// waited is how long loops waited for rows to be written.
func (v *evidence) waited() time.Duration {
	if v.rows == nil {
		return 0
	}
	return time.Duration(v.rows.waited.Load())
}

// close writes what is left of every loop's rows, and tells what could not be written.
func (v *evidence) close(pools []*pool) error {
	err := v.lost()
	if err != nil {
		err = fmt.Errorf("the interval log could not be written, and the run was stopped: %w", err)
	}
	if v.rows == nil {
		return err
	}
	for _, p := range pools {
		p.rows.flush()
	}
	if lost := v.rows.close(); lost != nil {
		err = errors.Join(err, fmt.Errorf("the rows of the run could not be written, and the run was stopped: %w", lost))
	}
	v.rows = nil
	return err
}

// end enters a slot in the books, and in the rows. worker is -1 where none took it.
func (p *pool) end(slot int64, worker int, e record.SlotEnd) {
	if !e.Begun && len(p.run.classes) > 1 {
		e.Class = p.run.slots.classOf(slot)
	}
	e.Slot = slot
	p.shard.End(e)
	if p.rows != nil {
		p.rows.add(row{slot: slot, loop: int32(p.loop), worker: int32(worker), end: e})
	}
}
