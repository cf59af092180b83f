package sink

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func message(content string, recipients ...string) *Message {
	split := strings.Index(content, "\r\n\r\n") + len("\r\n\r\n")
	if split < len("\r\n\r\n") {
		split = len(content) / 2
	}
	return &Message{
		Number: 7, ID: "7", Client: "192.0.2.1", HELO: "client.example", Hostname: "sink.example", Protocol: "ESMTP",
		ReversePath: "s@example.com", Recipients: recipients, Size: int64(len(content)),
		chunks: [][]byte{[]byte(content[:split]), []byte(content[split:])},
	}
}

// stored returns the messages in a Maildir's new, and checks that tmp is empty.
func stored(t *testing.T, folder string) (messages []string) {
	t.Helper()
	if left, err := os.ReadDir(filepath.Join(folder, "tmp")); err != nil || len(left) > 0 {
		t.Errorf("tmp: %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(folder, "cur")); err != nil {
		t.Error(err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, string(data))
	}
	return messages
}

func TestMaildirStoresForEachRecipient(t *testing.T) {
	d := &Maildir{Root: t.TempDir()}
	for range 2 {
		if v := d.Deliver(context.Background(), message("Subject: x\r\n\r\na\r\r\nb\rc\r\n", "r@Example.COM", "postmaster")); v.Code != 250 {
			t.Fatalf("%+v", v)
		}
	}
	want := regexp.MustCompile(`^Return-Path: <s@example\.com>
Delivered-To: r@Example\.COM
Received: from client\.example \(\[192\.0\.2\.1\]\)
	by sink\.example with ESMTP id 7
	for <r@Example\.COM>; [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [-+]\d{4}
Subject: x

a` + "\r" + `
b` + "\r" + `c
$`)
	got := stored(t, filepath.Join(d.Root, "r@example.com"))
	if len(got) != 2 || !want.MatchString(got[0]) {
		t.Errorf("stored %q", got)
	}
	if got := stored(t, filepath.Join(d.Root, "postmaster")); len(got) != 2 || !strings.Contains(got[0], "Delivered-To: postmaster\n") {
		t.Errorf("stored %q", got)
	}
}

func TestVerbatimMaildirKeepsOctets(t *testing.T) {
	d := &Maildir{Root: t.TempDir(), Verbatim: true}
	content := "Subject: x\r\n\r\nlone\nlf\r\n"
	d.Deliver(context.Background(), message(content, "r@example.com"))
	got := stored(t, filepath.Join(d.Root, "r@example.com"))
	if len(got) != 1 || !strings.HasSuffix(got[0], "\r\n"+content) {
		t.Errorf("stored %q", got)
	}
}

func TestMaildirSurvivesTheLossOfItsFolder(t *testing.T) {
	d := &Maildir{Root: t.TempDir()}
	folder := filepath.Join(d.Root, "r@example.com")
	d.Deliver(context.Background(), message("x\r\n", "r@example.com"))
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if v := d.Deliver(context.Background(), message("x\r\n", "r@example.com")); v.Code != 250 {
		t.Fatalf("%+v", v)
	}
	if got := stored(t, folder); len(got) != 1 {
		t.Errorf("stored %q", got)
	}
}

func TestMaildirThatCannotBeWrittenIsTemporary(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := &Maildir{Root: file}
	v := d.Deliver(context.Background(), message("x\r\n", "r@example.com"))
	if v.Code != 451 || strings.Contains(v.Text, file) {
		t.Errorf("%+v; want 451, and no path in it", v)
	}
}

func TestUniqueNamesAreUnique(t *testing.T) {
	d := &Maildir{Root: t.TempDir()}
	for range 500 {
		d.Deliver(context.Background(), message("x\r\n", "r@example.com"))
	}
	if got := stored(t, filepath.Join(d.Root, "r@example.com")); len(got) != 500 {
		t.Errorf("%d messages of 500", len(got))
	}
}

func TestLocalLinesInAnyPieces(t *testing.T) {
	content := "a\r\nb\r\r\nc\rd\n\r\ne\r\n"
	d := &Maildir{}
	for i := range content {
		for j := i; j < len(content); j++ {
			path := filepath.Join(t.TempDir(), "x")
			m := &Message{Recipients: []string{"r"}, chunks: [][]byte{[]byte(content[:i]), []byte(content[i:j]), []byte(content[j:])}}
			if err := d.write(path, m, "r", now); err != nil {
				t.Fatal(err)
			}
			data, _ := os.ReadFile(path)
			if want := "a\nb\r\nc\rd\n\ne\n"; !strings.HasSuffix(string(data), want) {
				t.Fatalf("split at %d and %d: %q", i, j, data)
			}
		}
	}
}

func TestFolderNameStaysInside(t *testing.T) {
	for address, want := range map[string]string{
		"r@example.com":               "r@example.com",
		"R.x+tag@Example.COM":         "R.x+tag@example.com",
		"":                            "%",
		".":                           "%2E",
		"..":                          "%2E.",
		"../../etc/passwd":            "%2E.%2F..%2Fetc%2Fpasswd",
		"\"a/b\"@example.com":         "%22a%2Fb%22@example.com",
		"\"..\"@[127.0.0.1]":          "%22..%22@%5B127.0.0.1%5D",
		"a\x00\n\r\x7f@b":             "a%00%0A%0D%7F@b",
		"größe@example.com":           "gr%C3%B6%C3%9Fe@example.com",
		"50%@example.com":             "50%25@example.com",
		"a\\b:c*?<>|@example.com":     "a%5Cb%3Ac%2A%3F%3C%3E%7C@example.com",
		"~root@example.com":           "%7Eroot@example.com",
		"\"tab\there\"@EXAMPLE.com":   "%22tab%09here%22@example.com",
		"user@[IPv6:2001:DB8::1]":     "user@%5Bipv6%3A2001%3Adb8%3A%3A1%5D",
		"!bang!path@example.com":      "%21bang%21path@example.com",
		"percent%hack@example.com":    "percent%25hack@example.com",
		"-dash@example.com":           "-dash@example.com",
		"a@b@c":                       "a@b@c",
		"'quote'`$(x)`;&@example.com": "%27quote%27%60%24%28x%29%60%3B%26@example.com",
	} {
		if got := folderName(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func TestLongFolderNamesDiffer(t *testing.T) {
	long := strings.Repeat("x", 250)
	a, b := folderName(long+"1@example.com"), folderName(long+"2@example.com")
	if a == b || len(a) > maxFolderName || len(b) > maxFolderName {
		t.Errorf("%q and %q", a, b)
	}
}

func FuzzFolderName(f *testing.F) {
	f.Add("../x")
	f.Fuzz(func(t *testing.T, address string) {
		name := folderName(address)
		if name == "" || name == "." || name == ".." || len(name) > 255 || strings.ContainsAny(name, "/\\\x00") ||
			filepath.Base(name) != name {
			t.Errorf("%q: %q", address, name)
		}
	})
}
