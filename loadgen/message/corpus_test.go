package message

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes a folder of files.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// letters are the names, subjects and bodies of the first slots.
func lettersOf(t testing.TB, c ClassConfig, slots int64) string {
	t.Helper()
	s := newSource(t, c)
	var out []string
	for n := range slots {
		m, body := parse(t, s, n)
		out = append(out, fmt.Sprintf("%s %s %q", s.NameOf(n), m.Header.Get("Subject"), strings.ReplaceAll(string(body), "\r\n", "|")))
	}
	return strings.Join(out, "\n")
}

const mbox = `From a@b Mon Jan  1 00:00:00 2001
Subject: one

From the top
>From here
>>From there
> From elsewhere

From c@d Mon Jan  1 00:00:00 2001
Subject: two

no empty line behind this
From is not a new one


From e@f Mon Jan  1 00:00:00 2001
Subject: three

.
`

func TestCorpora(t *testing.T) {
	tests := []struct {
		what, path, want string
	}{
		{"a file is one message", write(t, "Subject: s\n\n.x\n"), `file s ".x|"`},
		{"a byte order mark is left out", write(t, "\uFEFFSubject: s\r\n\r\nx"), `file s "x|"`},
		{"an mbox may begin with empty lines", write(t, "\r\n\nFrom a Mon Jan  1 00:00:00 2001\nSubject: s\n\nx\n\nFrom a Mon Jan  1 00:00:00 2001\nSubject: t\n\ny"),
			"file#1 s \"x|\"\nfile#2 t \"y|\""},
		{"a folder's .eml files go by their names",
			folder(t, map[string]string{"b.eml": "Subject: b\n\nB\n", "a.EML": "Subject: a\n\nA", "c.txt": "no", "sub/d.eml": "no"}),
			"a.EML a \"A|\"\nb.eml b \"B|\"\na.EML a \"A|\""},
		{"a Maildir's new and cur do", folder(t, map[string]string{"cur/1:2,S": "Subject: c\n\nC\n", "new/2": "Subject: n\n\nN\n", "tmp/3": "no", "cur/.hidden": "no"}),
			"new/2 n \"N|\"\ncur/1:2,S c \"C|\""},
		{"an mbox has its messages between its lines", write(t, mbox),
			`file#1 one "From the top|From here|>From there|> From elsewhere|"` + "\n" +
				`file#2 two "no empty line behind this|From is not a new one||"` + "\n" + `file#3 three ".|"`},
		{"with CRLF too", write(t, strings.ReplaceAll(mbox, "\n", "\r\n")),
			`file#1 one "From the top|From here|>From there|> From elsewhere|"` + "\n" +
				`file#2 two "no empty line behind this|From is not a new one||"` + "\n" + `file#3 three ".|"`},
	}
	for _, test := range tests {
		c := plain
		c.Corpus = test.path
		if got := lettersOf(t, c, int64(1+strings.Count(test.want, "\n"))); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.what, got, test.want)
		}
	}
}

func TestCorporaAreRefused(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	empty := folder(t, map[string]string{"a.txt": "x"})
	bad := folder(t, map[string]string{"a.eml": "", "b.eml": "Subject: s\n\n", "c.eml": " \n\n"})
	tests := []struct{ what, path, want string }{
		{"a path that is not there", missing, "corpus: stat " + missing + ": no such file or directory"},
		{"a folder without messages", empty, "corpus: " + empty + ": no messages in it; a folder holds .eml files, or is a Maildir with new and cur"},
		{"every file that cannot be used", bad, "corpus: a.eml: an empty message; c.eml: an empty message"},
		{"an empty message of an mbox", write(t, "From a\n\nFrom b Mon Jan  1 00:00:00 2001\nSubject: s\n\n"), "corpus: file#1: an empty message"},
	}
	for _, test := range tests {
		c := plain
		c.Corpus = test.path
		if _, err := New(alone(c)); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.what, err, test.want)
		}
	}
}

func TestUnreadableFilesAreNamedUpToALimit(t *testing.T) {
	files := map[string]string{}
	for i := range 50 {
		files[fmt.Sprintf("%02d.eml", i)] = ""
	}
	c := plain
	c.Corpus = folder(t, files)
	if _, err := New(alone(c)); err == nil || strings.Count(err.Error(), "an empty message") != maxUnreadable || !strings.HasSuffix(err.Error(), "; and 30 more") {
		t.Error(err)
	}
}

func TestOrdersOfACorpus(t *testing.T) {
	files := map[string]string{}
	for i := range 4 {
		files[fmt.Sprintf("%d.eml", i)] = "Subject: s\n\nb\n"
	}
	for how, want := range map[string][2]int{"turn": {250, 250}, "random": {200, 300}, "zipf:1": {430, 530}} {
		c := plain
		c.Corpus, c.CorpusOrder = folder(t, files), order(t, how)
		s, count := newSource(t, c), 0
		for n := range int64(1000) {
			if s.NameOf(n) == "0.eml" {
				count++
			}
		}
		if count < want[0] || count > want[1] {
			t.Errorf("%s: the first is sent %d times of 1000, want %d to %d", how, count, want[0], want[1])
		}
	}
}

// What is beyond the memory lies in a file, and is the same.
func TestAStoreKeepsBodiesWhereverTheyLie(t *testing.T) {
	for _, memory := range []int{0, 10, 1 << 20, 1 << 30} {
		s := newStore(memory)
		var want [][]byte
		for i := range 300 {
			body := bytes.Repeat([]byte{byte(i)}, i*50)
			want = append(want, bytes.Clone(body))
			if err := s.put(body); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.bodies()
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !bytes.Equal(got[i], want[i]) {
				t.Fatalf("memory for %d: body %d is another one", memory, i)
			}
		}
		if s.file != nil {
			if _, err := os.Stat(s.file.Name()); err == nil {
				t.Errorf("the file %s is left", s.file.Name())
			}
		}
	}
}

// A large file is mapped, and a small one read.
func TestFilesOfEverySize(t *testing.T) {
	for _, size := range []int{0, 1, 5000, 3 << 20} {
		want := strings.Repeat("x", size)
		got, done, err := mapFile(write(t, want))
		if err != nil || string(got) != want {
			t.Errorf("a file of %d octets: %d, %v", size, len(got), err)
		}
		done()
	}
}
