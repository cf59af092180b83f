package message

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A letter is one message of a corpus, as it stands in its file.
type letter struct {
	name string
	text []byte
}

// maxUnreadable is how many files that cannot be read are named.
const maxUnreadable = 20

// readCorpus calls take with every message of a path, in an order that is the same
// everywhere: of a Maildir (its new and cur), of the .eml files of another
// folder, of an mbox, or of a file that is one message. What take is given is valid until
// it returns. The error names all files that cannot be used.
func readCorpus(path string, take func(letter) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return readLetters(path, filepath.Base(path), take)
	}
	files, err := corpusFiles(path)
	if err != nil {
		return err
	}
	var faults []error
	for _, file := range files {
		if err := readLetters(filepath.Join(path, file), filepath.ToSlash(file), take); err != nil {
			faults = append(faults, err)
		}
	}
	if more := len(faults) - maxUnreadable; more > 0 {
		faults = append(faults[:maxUnreadable], fmt.Errorf("and %d more", more))
	}
	return oneLine(faults)
}

// oneLine is one error of several.
func oneLine(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	texts := make([]string, len(faults))
	for i, err := range faults {
		texts[i] = err.Error()
	}
	return errors.New(strings.Join(texts, "; "))
}

// corpusFiles are the files of a folder that are messages.
func corpusFiles(folder string) ([]string, error) {
	var files []string
	maildir := false
	for _, sub := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(folder, sub))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		maildir = true
		for _, e := range entries {
			if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				files = append(files, filepath.Join(sub, e.Name()))
			}
		}
	}
	if !maildir {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !e.IsDir() && strings.EqualFold(filepath.Ext(e.Name()), ".eml") {
				files = append(files, e.Name())
			}
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no messages in it; a folder holds .eml files, or is a Maildir with new and cur", folder)
	}
	return files, nil
}

// byteOrderMark begins files that some editors have written. It is no part of the header.
const byteOrderMark = "\uFEFF"

// readLetters reads the messages of a file: those of an mbox if its first line is one's.
// Empty lines before it are left out.
func readLetters(path, name string, take func(letter) error) error {
	text, done, err := mapFile(path)
	if err != nil {
		return err
	}
	defer done()
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	mbox := bytes.TrimLeft(text, "\r\n")
	if !bytes.HasPrefix(mbox, []byte(mboxLine)) {
		return takeLetter(letter{name, text}, take)
	}
	var faults []error
	number := 0
	for one := range eachLetter(mbox) {
		number++
		if err := takeLetter(letter{name + "#" + strconv.Itoa(number), one}, take); err != nil {
			faults = append(faults, err)
		}
	}
	return oneLine(faults)
}

func takeLetter(l letter, take func(letter) error) error {
	if len(bytes.TrimSpace(l.text)) == 0 {
		return fmt.Errorf("%s: an empty message", l.name)
	}
	return take(l)
}

// corpus makes the contents of a corpus, and keeps their bodies.
func (b *binder) corpus(c ClassConfig) ([]*content, error) {
	kept := newStore(corpusMemory)
	var contents []*content
	err := readCorpus(c.Corpus, func(l letter) error {
		made, wire, err := b.message(c, l.text, l.name)
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		contents = append(contents, made)
		return kept.put(wire)
	})
	if err != nil {
		kept.drop()
		return nil, fmt.Errorf("corpus: %w", err)
	}
	bodies, err := kept.bodies()
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	for i, body := range bodies {
		contents[i].body = body
	}
	return contents, nil
}

// message makes the content of a whole message.
func (b *binder) message(c ClassConfig, text []byte, origin string) (*content, []byte, error) {
	h, body := parseMessage(text)
	h, err := b.run.amend(c, h)
	if err != nil {
		return nil, nil, err
	}
	made, wire := b.prepare(draft{h, pattern{fixedPart(string(body))}, origin})
	return made, wire, nil
}
