package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A block is a fenced block of a page.
type block struct {
	line int // of its first line of text, from 1
	info string
	text string
}

// blocks returns the fenced blocks of a page in Markdown.
func blocks(page string) (all []block) {
	inside := false
	for i, line := range strings.Split(page, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && inside:
			inside = false
		case fence:
			inside = true
			all = append(all, block{line: i + 2, info: strings.TrimSpace(info)})
		case inside:
			all[len(all)-1].text += line + "\n"
		}
	}
	return all
}

// runs tells whether a block is executed: the info string is sh, not "sh norun", and
// it is not the one that runs these tests.
func (b block) runs() bool { return b.info == "sh" && !strings.Contains(b.text, "go test") }

func TestBlocks(t *testing.T) {
	page := "a\n```sh\none\ntwo\n```\n```text\nthree\n```\n```sh norun\nfour\n```\n```sh\ngo test ./...\n```\n"
	var ran []block
	for _, b := range blocks(page) {
		if b.runs() {
			ran = append(ran, b)
		}
	}
	if len(ran) != 1 || ran[0] != (block{3, "sh", "one\ntwo\n"}) {
		t.Errorf("blocks %+v", ran)
	}
}

// What the README tells its reader to type works, in its order, in a copy of the
// repository. Runs are short, and go install puts programs into a folder of the test.
func TestReadmeBlocksRun(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	if err := os.CopyFS(copied, visible{os.DirFS(root)}); err != nil {
		t.Fatal(err)
	}
	// Background jobs of one block are there for the next ones, and end with the last.
	// A subshell does not know them, so that their numbers go through a file.
	script := "set -e\ntrap 'jobs -p >.jobs; kill $(cat .jobs) 2>/dev/null || :' EXIT\n"
	for _, b := range blocks(string(page)) {
		if b.runs() {
			script += "echo '== README.md, line " + strconv.Itoa(b.line) + "'\n" + b.text
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	bin := filepath.Join(copied, ".bin")
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.Dir = copied
	cmd.Env = append(os.Environ(), "MAILMILL_DURATION=1s", "GOBIN="+bin, "GOFLAGS=-buildvcs=false",
		"PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Errorf("%v after\n%s", err, output.String())
	}
}

// visible is a file system without .git, whose objects a copy does not need.
type visible struct{ fs.FS }

// ReadDir implements fs.ReadDirFS.
func (v visible) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(v.FS, name)
	kept := entries[:0]
	for _, e := range entries {
		if e.Name() != ".git" {
			kept = append(kept, e)
		}
	}
	return kept, err
}
