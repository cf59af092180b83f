package sink

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// theirFlags are those of smtp-sink that say how it behaves, and theirCommands the commands that
// -f, -r, -q, -Q and -W take, by their steps here.
const theirFlags = "-8 -a -A -b -B -C -d -D -e -E -f -F -h -H -L -m -M -n -N -p -P -q -Q -r -t -w -W"

var theirCommands = map[string]string{
	"CONNECT": "greeting", "HELO": "helo", "EHLO": "ehlo", "LHLO": "lhlo", "XCLIENT": "xclient", "XFORWARD": "xforward", "AUTH": "auth",
	"MAIL": "mail", "RCPT": "rcpt", "DATA": "data", ".": "accept", "RSET": "rset", "NOOP": "noop", "VRFY": "vrfy", "QUIT": "quit",
}

// moreSettings are flags of mailmill sink that no other dialogue needs.
func moreSettings(folder string) map[string]func(c *Config, value string) error {
	return map[string]func(c *Config, value string) error{
		"hostname":     func(c *Config, v string) error { c.Hostname = v; return nil },
		"max-sessions": func(c *Config, v string) (err error) { c.MaxSessions, err = strconv.Atoi(v); return },
		"exit-after":   func(c *Config, v string) (err error) { c.ExitAfter, err = strconv.ParseInt(v, 10, 64); return },
		"exit-after-sessions": func(c *Config, v string) (err error) {
			c.ExitAfterSessions, err = strconv.ParseInt(v, 10, 64)
			return
		},
		"timeout": func(c *Config, v string) (err error) { c.CommandTimeout, err = time.ParseDuration(v); return },
		"store":   func(c *Config, v string) error { c.Store = &Maildir{Root: folder}; return nil },
		"deliver-exec": func(c *Config, v string) error {
			c.Store = &Exec{Command: []string{"sh", "-c", strings.ReplaceAll(v, "FILE", filepath.Join(folder, "all"))}}
			return nil
		},
	}
}

// A theirFlag is a row of the table.
type theirFlag struct {
	flag, meaning, ours string
	lines               []string
}

func readTheirFlags(t *testing.T) (rows []theirFlag) {
	t.Helper()
	text, err := os.ReadFile("testdata/smtp-sink.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '-':
			cells := strings.Split(line, " | ")
			if len(cells) != 3 {
				t.Fatalf("%q has not three cells", line)
			}
			rows = append(rows, theirFlag{flag: cells[0], meaning: cells[1], ours: cells[2]})
		default:
			last := &rows[len(rows)-1]
			last.lines = append(last.lines, line)
		}
	}
	return rows
}

// config reads our flags as the shell and mailmill would.
func (f theirFlag) config(t *testing.T, folder string) (c Config) {
	t.Helper()
	more := moreSettings(folder)
	for flag := range strings.SplitSeq(f.ours, "--") {
		name, value, _ := strings.Cut(strings.TrimSpace(flag), " ")
		set := settings[name]
		if set == nil {
			set = more[name]
		}
		switch {
		case name == "":
		case set == nil:
			t.Fatalf("%s: there is no setting %q", f.flag, name)
		default:
			if err := set(&c, strings.Trim(value, "'")); err != nil {
				t.Fatalf("%s: %v", f.flag, err)
			}
		}
	}
	c.Accounts = []Account{{"user", "secret"}}
	return c
}

// What smtp-sink can do, the sink can do.
func TestFlagsOfSMTPSink(t *testing.T) {
	rows := readTheirFlags(t)
	var flags []string
	for _, row := range rows {
		flags = append(flags, row.flag)
		t.Run(row.flag, func(t *testing.T) {
			folder := t.TempDir()
			d := dialogue{name: row.flag, config: row.config(t, folder), lines: row.lines}
			c := dial(t, newSink(t, d.config))
			d.play(t, c, c.send)
			if d.config.Store != nil {
				checkStored(t, row.flag, folder)
			}
		})
	}
	if got := strings.Join(flags, " "); got != theirFlags {
		t.Errorf("the table has %s, want %s", got, theirFlags)
	}
}

func checkStored(t *testing.T, flag, folder string) {
	t.Helper()
	if flag == "-d" {
		if got := stored(t, filepath.Join(folder, "r@example.com")); len(got) != 1 {
			t.Errorf("stored %q", got)
		}
		return
	}
	if text, err := os.ReadFile(filepath.Join(folder, "all")); err != nil || !strings.Contains(string(text), "hello") {
		t.Errorf("appended %q, %v", text, err)
	}
}

func TestCommandsOfSMTPSinkHaveBehaviours(t *testing.T) {
	for theirs, ours := range theirCommands {
		for _, deed := range []string{"500 5.3.0 No", "450 4.3.0 Later", "421", "drop", "delay 1s 10%"} {
			if _, err := ParseBehaviour(ours + ": " + deed); err != nil {
				t.Errorf("%s: %v", theirs, err)
			}
		}
	}
}

// The README shows the same table.
func TestTheReadmeMapsTheirFlags(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, row := range readTheirFlags(t) {
		table.WriteString("| `" + row.flag + "` | " + row.meaning + " | `" + row.ours + "` |\n")
	}
	if !strings.Contains(string(page), "|---|---|---|\n"+table.String()+"\n") {
		t.Errorf("README.md has not this table:\n%s", table.String())
	}
}
