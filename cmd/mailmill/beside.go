package main

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"mailmill/results"
)

// What lies beside a document NAME.json.
const (
	documentEnding = ".json"
	logEnding      = ".hlog"
	rowsEnding     = ".raw.csv"
)

// beside returns the name of a companion of a document.
func beside(document, ending string) string {
	return strings.TrimSuffix(document, documentEnding) + ending
}

// A companion is a file that grows while there is no document yet whose name it could
// have. It is written under a name that tells nobody anything, and renamed in the end.
type companion struct {
	ending string
	file   *os.File
}

// place returns the folder in which the document will be; "" for stdout and nowhere.
func (d destination) place() string {
	switch {
	case d.folder != "":
		return d.folder
	case d.file != "":
		return filepath.Dir(d.file)
	}
	return ""
}

// companion opens a file that will lie beside the document.
func (d destination) companion(ending string) (*companion, error) {
	f, err := os.OpenFile(filepath.Join(d.place(), ".mailmill-"+rand.Text()+".tmp"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &companion{ending, f}, nil
}

// keep gives the file its name beside the document.
func (c *companion) keep(document string) error {
	err := errors.Join(c.file.Sync(), c.file.Close())
	if err == nil {
		err = os.Rename(c.file.Name(), beside(document, c.ending))
	}
	if err != nil {
		os.Remove(c.file.Name())
	}
	return err
}

// companions are the files beside one document.
type companions []*companion

// keep gives all of them their names.
func (all companions) keep(document string) (err error) {
	for _, c := range all {
		err = errors.Join(err, c.keep(document))
	}
	return err
}

// discard removes all of them.
func (all *companions) discard() {
	for _, c := range *all {
		c.file.Close()
		os.Remove(c.file.Name())
	}
	*all = nil
}

// An evidence is what a run writes beside its document.
type evidence struct {
	companions
	log  *results.LogWriter // nil: none
	rows *results.RowWriter // nil: none
}

// openEvidence opens the interval log of a run, and its rows if they are asked for.
// Where the document is not stored, there is nothing to lie beside.
func openEvidence(d destination, raw bool) (*evidence, error) {
	e := &evidence{}
	if d.place() == "" {
		if raw {
			return nil, usagef("--raw writes NAME.raw.csv beside NAME.json; give --out a file or a folder")
		}
		return e, nil
	}
	log, err := d.companion(logEnding)
	if err != nil {
		return nil, err
	}
	e.companions, e.log = companions{log}, results.NewLogWriter(log.file)
	if !raw {
		return e, nil
	}
	rows, err := d.companion(rowsEnding)
	if err != nil {
		e.discard()
		return nil, err
	}
	e.companions, e.rows = append(e.companions, rows), results.NewRowWriter(rows.file)
	return e, nil
}
