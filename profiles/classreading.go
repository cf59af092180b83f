package profiles

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// classesKey is the key of a profile's classes. It is no setting: a flag has no place for them.
const classesKey = "classes"

// ownKeys are the keys that are no settings, with what reads their values.
func (r *profileReader) ownKeys() map[string]func(*yaml.Node) {
	if r.class == nil {
		return map[string]func(*yaml.Node){classesKey: r.readClasses}
	}
	return map[string]func(*yaml.Node){
		"name":   func(n *yaml.Node) { r.own("name", n, &r.class.name) },
		"weight": func(n *yaml.Node) { r.own("weight", n, &r.class.weight) },
	}
}

// own reads the value of one key that is no setting.
func (r *profileReader) own(key string, n *yaml.Node, at *entry) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.fault(n, "%s takes one value", key)
		return
	}
	*at = entry{n.Value, r.at(n) + ": " + key}
}

// readClasses reads the list of classes.
func (r *profileReader) readClasses(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		r.fault(n, "classes are a list; write each as '- name: NAME', with its weight and its settings below")
		return
	}
	if len(n.Content) > MaxClasses {
		r.fault(n.Content[MaxClasses], "%d classes are too many; %d are possible", len(n.Content), MaxClasses)
		return
	}
	for _, item := range n.Content {
		r.readClass(item)
	}
}

// readClass reads one class.
func (r *profileReader) readClass(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		r.fault(n, "a class is a name, a weight and settings; write '- name: NAME', and the others below")
		return
	}
	if !slices.ContainsFunc(n.Content, func(key *yaml.Node) bool { return key.Value == "name" }) {
		r.fault(n, "a class without a name; add 'name: NAME'")
	}
	c := classReading{entries: entries{}}
	inner := profileReader{file: r.file, entries: c.entries, faults: r.faults, seen: map[string]int{}, class: &c}
	inner.settings(n)
	r.faults = inner.faults
	r.classes = append(r.classes, c)
}
