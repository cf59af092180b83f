package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"mailmill/results"
)

// A destination is where a document goes. One of its fields is set, or none.
type destination struct {
	stdout bool
	folder string
	file   string
}

// openDestination reads the value of --out and finds out whether it can be
// written, so that no run is made for nothing.
func openDestination(out string) (destination, error) {
	switch {
	case out == "none":
		return destination{}, nil
	case out == "-":
		return destination{stdout: true}, nil
	case out == "":
		return destination{}, usagef("--out is empty; give a file, a folder, - or none")
	case strings.HasSuffix(out, "/") || strings.HasSuffix(out, string(filepath.Separator)) || isFolder(out):
		if err := os.MkdirAll(out, 0o777); err != nil {
			return destination{}, usagef("--out %s: %v", quoted(out), reason(err))
		}
		return destination{folder: out}, tryWriting(out, out)
	}
	return destination{file: out}, tryWriting(out, filepath.Dir(out))
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// tryWriting makes a file in the folder and removes it: the document itself is
// written to a temporary name first too.
func tryWriting(out, folder string) error {
	f, err := os.CreateTemp(folder, ".mailmill-*")
	if errors.Is(err, os.ErrNotExist) {
		return usagef("--out %s: there is no folder %s; make it first", quoted(out), quoted(folder))
	} else if err != nil {
		return usagef("--out %s: nothing can be written there: %v", quoted(out), reason(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// save writes the document and returns where to; "" for stdout and nowhere.
func (d destination) save(document *results.Document, label string) (string, error) {
	switch {
	case d.folder != "":
		return document.Save(d.folder, label)
	case d.file != "":
		return d.file, document.Write(d.file)
	}
	return "", nil
}
