package results

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// maxDocument bounds what Read takes into memory. A day of one-second intervals
// is well under it.
const maxDocument = 256 << 20

// Load reads the document in a file. Its errors name the file.
func Load(path string) (*Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// Read reads one document. It refuses what is not JSON, what is not a result of
// mailmill, and what a later version of the format wrote. Fields that it does
// not know are passed over: a version may gain optional ones.
func Read(r io.Reader) (*Document, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxDocument:
		return nil, fmt.Errorf("larger than %d MiB: not a mailmill result", maxDocument>>20)
	}
	if err := checkFormat(data); err != nil {
		return nil, err
	}
	d := new(Document)
	if err := json.Unmarshal(data, d); err != nil {
		return nil, damaged(data, err)
	}
	return d, nil
}

// checkFormat looks at what stands first in a document, whatever follows it.
func checkFormat(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("empty: the run that should have written it did not end")
	}
	var head struct{ Format, Version any }
	if err := json.Unmarshal(data, &head); err != nil {
		if _, other := errors.AsType[*json.UnmarshalTypeError](err); other {
			return errors.New("not a mailmill result: JSON, but not an object")
		}
		return damaged(data, err)
	}
	switch version, isNumber := head.Version.(float64); {
	case head.Format == nil:
		return errors.New(`not a mailmill result: it has no "format"`)
	case head.Format != Format:
		return fmt.Errorf("not a mailmill result: its format is %.40q, not %q", fmt.Sprint(head.Format), Format)
	case !isNumber || version < 1 || version != float64(int(version)):
		return fmt.Errorf("damaged: its version is %.40q, not a number from 1", fmt.Sprint(head.Version))
	case version > Version:
		return fmt.Errorf("version %d of the format, this mailmill reads up to %d: use a newer mailmill", int(version), Version)
	}
	return nil
}

// damaged says where JSON breaks off, with a piece of what stands there.
func damaged(data []byte, err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("damaged at %s: %s holds a JSON %s", position(data, wrong.Offset), wrong.Field, wrong.Value)
	}
	at := int64(len(data))
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	// Offset is behind the wrong octet, except where the octets just end.
	if ok && !strings.HasPrefix(err.Error(), "unexpected end") {
		at = max(0, syntax.Offset-1)
	}
	found := "the end"
	if rest := data[min(at, int64(len(data))):]; len(rest) > 0 {
		found = strconv.QuoteToASCII(string(rest[:min(len(rest), 20)]))
	}
	return fmt.Errorf("not JSON at %s, where %s stands: give a document that mailmill wrote", position(data, at), found)
}

// position gives an offset as line and column, both from 1, columns in octets.
func position(data []byte, offset int64) string {
	before := data[:min(offset, int64(len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}

// JSON returns the document as indented JSON with a newline at its end. Text
// from servers comes out as valid UTF-8 without control characters of any kind,
// so that showing the file does not steer a terminal.
func (d *Document) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("result document: %w", err)
	}
	return quoteControls(b.Bytes()), nil
}

// quoteControls writes the controls that JSON allows in strings (DEL, the C1
// controls and those that turn the direction of writing) as \u sequences. They
// occur nowhere else in JSON.
func quoteControls(data []byte) []byte {
	if bytes.IndexFunc(data, isHiddenControl) < 0 {
		return data
	}
	var b bytes.Buffer
	for _, r := range string(data) {
		if isHiddenControl(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

func isHiddenControl(r rune) bool {
	return r >= 0x7F && r <= 0x9F || r == 0x061C || r >= 0x200E && r <= 0x200F ||
		r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// Write writes the document to a file so that the file is whole at every
// moment: to a temporary name in the same folder, synced, renamed, and the
// folder synced. A file that was there is replaced.
func (d *Document) Write(path string) (err error) {
	data, err := d.JSON()
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	f, err := os.OpenFile(filepath.Join(dir, ".mailmill-"+rand.Text()+".tmp"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Save writes the document into a folder under a name that no file has yet:
// NewName's, or that with -2, -3 … behind it. It returns the path.
func (d *Document) Save(dir, label string) (path string, err error) {
	base := strings.TrimSuffix(NewName(d.Run.StartedAt, label), ".json")
	for n := 1; ; n++ {
		name := base + ".json"
		if n > 1 {
			name = fmt.Sprintf("%s-%d.json", base, n)
		}
		path = filepath.Join(dir, name)
		// The name is claimed with an empty file, which the document then replaces.
		claim, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := errors.Join(claim.Close(), d.Write(path)); err != nil {
			os.Remove(path)
			return "", err
		}
		return path, nil
	}
}

// maxLabel keeps file names well inside the 255 octets that systems allow.
const maxLabel = 64

// NewName returns the file name of a run's document, as
// 20261121T204842Z-first-run.json: its start in UTC, and the label reduced to
// letters, digits, dots, underscores and hyphens. Names sort by time.
func NewName(startedAt time.Time, label string) string {
	name := startedAt.UTC().Format("20060102T150405Z")
	if label = cleanLabel(label); label != "" {
		name += "-" + label
	}
	return name + ".json"
}

func cleanLabel(label string) string {
	label = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		}
		return '-'
	}, label[:min(len(label), maxLabel)])
	return strings.Trim(label, "-.")
}
