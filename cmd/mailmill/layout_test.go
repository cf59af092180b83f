package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// root is the repository, seen from this package.
const root = "../.."

// A room is a package's place in the house.
type room struct {
	row       int
	neverKnow string // what the package never knows of
}

// rooms are the packages, by folder. A package imports only from rows below its own.
var rooms = map[string]room{
	"cmd/mailmill":                    {5, "cmd/mailmill knows arguments, signals, exit codes and files; never SMTP, never histograms"},
	"loadgen":                         {4, "loadgen runs a plan; it never knows of flags, stdout or formats"},
	"loadgen/session":                 {3, "a session never knows of rates, other sessions or sockets"},
	"loadgen/misbehave":               {3, "bad clients never know of the workers that are measured"},
	"loadgen/sink":                    {3, "the sink never knows of the load generator"},
	"loadgen/transport/transporttest": {3, "the conformance suite never knows of mail"},
	"loadgen/transport":               {2, "a transport moves octets; it never knows of mail"},
	"loadgen/message":                 {2, "a message never knows of time or connections"},
	"loadgen/record":                  {2, "the recorder never knows of SMTP or documents"},
	"profiles":                        {3, "a plan never knows how it is carried out"},
	"results/check":                   {2, "a check is evaluated over a document; it never knows of the engine"},
	"report":                          {2, "a report never knows of the engine or of live runs"},
	"loadgen/manners":                 {1, "manners are names; they never know how a client does what they say"},
	"loadgen/schedule":                {1, "a schedule never knows of mail, networks or clocks"},
	"loadgen/target":                  {1, "a target never knows of load"},
	"loadgen/login":                   {1, "a login never knows of sessions, nor of what its refusal means for mail"},
	"loadgen/identity":                {1, "an identity never knows of sessions, nor of what a server says to a claim"},
	"results":                         {1, "a document never knows how it is made or shown"},
	"loadgen/smtp":                    {0, "the wire never knows of load or timing"},
	"loadgen/timing":                  {0, "timings are plain values; they never know what is done with them"},
}

// A package imports only from rows below it, so that there is no cycle, and no
// corner that everything hangs on.
func TestImportsGoDown(t *testing.T) {
	for folder, files := range packages(t) {
		here, known := rooms[folder]
		if !known {
			t.Errorf("%s has no row: give it one in this table, and say what it never knows of", folder)
			continue
		}
		for _, file := range files {
			for _, spec := range file.Imports {
				imported, _ := strconv.Unquote(spec.Path.Value)
				inner, ours := strings.CutPrefix(imported, "mailmill/")
				if there, known := rooms[inner]; ours && (!known || there.row >= here.row) {
					t.Errorf("%s imports %s, which is not below it: %s", folder, inner, here.neverKnow)
				}
			}
		}
	}
}

// What a package knows, and what it does not, is in its doc.go.
func TestEveryPackageSaysWhatItKnows(t *testing.T) {
	for folder := range packages(t) {
		text, err := os.ReadFile(filepath.Join(root, folder, "doc.go"))
		if err != nil {
			t.Errorf("%s has no doc.go that says what it knows and what it does not", folder)
			continue
		}
		if !regexp.MustCompile(`(?m)^// (Package|Command) ` + path.Base(folder) + `\b`).Match(text) {
			t.Errorf("%s/doc.go has no package comment", folder)
		}
	}
}

// Names of things that say nothing, or say it in HTTP's words.
var emptyNames = regexp.MustCompile(`(?i)util|helper|manager|virtualuser|escape|request`)

func TestNamesAreOfThisTrade(t *testing.T) {
	for folder, files := range packages(t) {
		if emptyNames.MatchString(folder) {
			t.Errorf("the package %s has a name that says nothing", folder)
		}
		for _, file := range files {
			for _, name := range declared(file) {
				if emptyNames.MatchString(name) {
					t.Errorf("%s: the name %s is none of RFC 5321's words, nor one of ours", folder, name)
				}
			}
		}
	}
}

// declared returns the names that a file gives to what lives outside functions.
func declared(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// topLevel is what lies in the repository's first folder, besides dot-files.
var topLevel = []string{
	"cmd", "loadgen", "report", "profiles", "results", "go.mod", "go.sum",
	"README.md", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md",
	"mailmill", // a built program, which is not part of the repository
}

func TestTheTopLevelStaysSmall(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s does not belong at the top: the folders are the data flow", e.Name())
		}
	}
}

// foreign are words that belong to one machine or to unfinished work. They are put
// together here, so that this file does not hold them.
var foreign = map[string]string{
	"/wo" + "rk/":    "a path of one machine",
	"/ro" + "ot/":    "a path of one machine",
	"../" + "shared": "a path outside the repository",
	"TO" + "DO":      "unfinished work; finish it",
	"FIX" + "ME":     "unfinished work; finish it",
	"t.Sk" + "ip(":   "a test that does not test",
	"no" + "lint":    "a finding that was silenced",
}

func TestFilesHoldNoForeignWords(t *testing.T) {
	eachFile(t, func(name string) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !utf8.Valid(text) {
			return
		}
		for i, line := range strings.Split(string(text), "\n") {
			for word, why := range foreign {
				if strings.Contains(line, word) {
					t.Errorf("%s:%d holds %q: %s", name, i+1, word, why)
				}
			}
		}
	})
}

// eachFile calls f with every file of the repository by its path from the root.
// Results of runs, which lie in the folder results, are not part of it.
func eachFile(t *testing.T, f func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "fuzz"):
			return fs.SkipDir
		case d.IsDir(), path.Dir(name) == "results" && !strings.HasSuffix(name, ".go"), name == "mailmill":
			return nil
		}
		f(name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// packages returns the parsed files of every package, without tests, by folder.
func packages(t *testing.T) map[string][]*ast.File {
	t.Helper()
	all := map[string][]*ast.File{}
	eachFile(t, func(name string) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, ".") ||
			strings.Contains(name, "testdata/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		all[path.Dir(name)] = append(all[path.Dir(name)], file)
	})
	return all
}
