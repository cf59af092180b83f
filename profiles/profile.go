package profiles

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed *.yaml
var embedded embed.FS

// maxProfile bounds what is read as a profile, in octets: no setting is long.
const maxProfile = 1 << 20

// Names lists the embedded profiles.
func Names() []string {
	files, err := embedded.ReadDir(".")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".yaml")
	}
	return names
}

// Source returns the text of an embedded profile.
func Source(name string) ([]byte, bool) {
	text, err := embedded.ReadFile(name + ".yaml")
	return text, err == nil
}

// Summary returns the first sentence of the comment that opens an embedded profile:
// whom it models.
func Summary(name string) string {
	text, _ := Source(name)
	var words []string
	for line := range strings.Lines(string(text)) {
		remark, is := strings.CutPrefix(line, "#")
		if !is {
			break
		}
		words = append(words, strings.Fields(remark)...)
		if n := len(words); n > 0 && strings.HasSuffix(words[n-1], ".") {
			break
		}
	}
	sentence, _, more := strings.Cut(strings.Join(words, " "), ". ")
	if more {
		sentence += "."
	}
	return sentence
}

// A reading is what stands in a profile.
type reading struct {
	entries entries
	classes []classReading
}

// A classReading is what stands in one item of a profile's classes.
type classReading struct {
	name, weight entry // nowhere, if they are not there
	entries      entries
}

// readProfile reads an embedded profile, or else a file.
func readProfile(profile string) (reading, Faults) {
	if text, ok := Source(profile); ok {
		return parseProfile(profile+".yaml", text)
	}
	text, err := readFile(profile)
	if errors.Is(err, os.ErrNotExist) {
		return reading{}, Faults{{"--profile", fmt.Sprintf("%q is neither a file nor one of the profiles %s%s",
			profile, strings.Join(Names(), ", "), didYouMean(profile, Names()))}}
	} else if err != nil {
		return reading{}, Faults{{"--profile", err.Error()}}
	}
	return parseProfile(profile, text)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxProfile+1))
	if err == nil && len(text) > maxProfile {
		err = fmt.Errorf("%s is longer than %d octets; give a profile", path, maxProfile)
	}
	return text, err
}

// parseProfile returns the entries of a profile, each with its position.
func parseProfile(file string, text []byte) (reading, Faults) {
	var document yaml.Node
	if err := yaml.Load(text, &document); err != nil {
		return reading{}, syntaxFaults(file, err)
	}
	r := profileReader{file: file, entries: entries{}, seen: map[string]int{}}
	r.settings(document.Content[0])
	return reading{r.entries, r.classes}, r.faults
}

// syntaxFaults turns the library's errors into faults.
func syntaxFaults(file string, err error) Faults {
	var syntax *yaml.LoadError
	if !errors.As(err, &syntax) {
		return Faults{{file, err.Error()}}
	}
	what := strings.TrimPrefix(syntax.Message, "yaml: ")
	if syntax.ContextMsg != "" {
		what += " " + syntax.ContextMsg
	}
	where := file
	if syntax.Mark.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", file, syntax.Mark.Line, syntax.Mark.Column)
	}
	return Faults{{where, "not YAML: " + what + "; a profile is lines of 'setting: value'"}}
}

// A profileReader walks the nodes of a profile.
type profileReader struct {
	file    string
	entries entries
	faults  Faults
	seen    map[string]int // key to its line
	classes []classReading
	class   *classReading // what is read is an item of classes; nil: the profile itself
}

func (r *profileReader) at(n *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", r.file, n.Line, n.Column)
}

func (r *profileReader) fault(n *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, Fault{r.at(n), fmt.Sprintf(format, args...)})
}

// settings reads the mapping that is the whole profile.
func (r *profileReader) settings(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.fault(n, "a profile is lines of 'setting: value'")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, node := n.Content[i], n.Content[i+1]
		s, known := Lookup(key.Value)
		read, own := r.ownKeys()[key.Value]
		switch line := r.seen[key.Value]; {
		case !known && !own:
			r.fault(key, "unknown setting %q%s", key.Value, r.advice(key.Value))
		case line != 0:
			r.fault(key, "%s stands in line %d already; keep one of them", key.Value, line)
		case own:
			read(node)
		case r.class != nil && !s.PerClass():
			r.fault(key, "%s is the whole run's, and no class's own; write it outside of classes", s.Name)
		default:
			r.values(s, node)
		}
		r.seen[key.Value] = key.Line
	}
}

// advice says what an unknown key may have been meant to be.
func (r *profileReader) advice(key string) string {
	names := slices.Collect(maps.Keys(r.ownKeys()))
	for _, s := range Settings {
		if r.class == nil || s.PerClass() {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	if slices.Contains(names, strings.ReplaceAll(key, "_", "-")) {
		return "; write " + strings.ReplaceAll(key, "_", "-")
	}
	if near := didYouMean(key, names); near != "" {
		return near
	}
	return "; the settings are the long flags of mailmill run --help"
}

// values reads what stands behind a key: one value, a list of them, or, for a
// setting whose values have keys, a mapping.
func (r *profileReader) values(s Setting, n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		r.scalar(s, n, "")
	case n.Kind == yaml.SequenceNode && s.Repeatable():
		for _, item := range n.Content {
			r.item(s, item)
		}
	case n.Kind == yaml.MappingNode && s.Keys != nil:
		r.composed(s, n)
	case n.Kind == yaml.MappingNode && s.Join != "":
		r.mapping(s, n)
	case s.Repeatable():
		r.fault(n, "%s takes a value or a list of values", s.Name)
	default:
		r.fault(n, "%s takes one value", s.Name)
	}
}

// item reads one value of a list. "- X-Test: 1" without quotes is a mapping.
func (r *profileReader) item(s Setting, n *yaml.Node) {
	switch {
	case n.Kind == yaml.ScalarNode:
		r.scalar(s, n, "")
	case n.Kind == yaml.MappingNode && s.Keys != nil:
		r.composed(s, n)
	case n.Kind == yaml.MappingNode && s.Join != "":
		r.mapping(s, n)
	default:
		r.fault(n, "%s takes a list of plain values", s.Name)
	}
}

func (r *profileReader) mapping(s Setting, n *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, node := n.Content[i], n.Content[i+1]
		if node.Kind != yaml.ScalarNode {
			r.fault(node, "%s takes a plain value for %s", s.Name, key.Value)
			continue
		}
		r.scalar(s, node, key.Value+s.Join)
	}
}

// composed reads one value that is given as a mapping, into the form that it has as a flag.
func (r *profileReader) composed(s Setting, n *yaml.Node) {
	var text, rest string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, node := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(s.Keys, key.Value):
			r.fault(key, "%s has no %q%s; its keys are %s", s.Name, key.Value, didYouMean(key.Value, s.Keys), strings.Join(s.Keys, ", "))
			return
		case node.Kind != yaml.ScalarNode || node.Tag == "!!null":
			r.fault(node, "%s takes a plain value for %s", s.Name, key.Value)
			return
		case key.Value == s.Keys[0]:
			text = node.Value
		default:
			rest += "; " + key.Value + "=" + node.Value
		}
	}
	if text == "" {
		r.fault(n, "%s needs the key %s", s.Name, s.Keys[0])
		return
	}
	r.entries[s.Name] = append(r.entries[s.Name], entry{text + rest, r.at(n) + ": " + s.Name})
}

func (r *profileReader) scalar(s Setting, n *yaml.Node, prefix string) {
	if n.Tag == "!!null" {
		r.fault(n, "%s has no value; give one or delete the line", s.Name)
		return
	}
	r.entries[s.Name] = append(r.entries[s.Name], entry{prefix + n.Value, r.at(n) + ": " + s.Name})
}
