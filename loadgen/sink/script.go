package sink

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A Script is how a sink behaves, in one file.
type Script struct {
	Behaviours []Behaviour
	// Domains are the behaviours towards recipients of each domain, in lower case; "*" is
	// every other. They come in front of Behaviours.
	Domains        map[string][]Behaviour
	Users          []User
	Greylist       time.Duration
	Tarpit         time.Duration
	ReplyByAddress bool
}

// ParseScript reads a script in YAML:
//
//	behave: ["connect: delay 1s", "mail: 450 above 100/s"]
//	greylist: 5s
//	tarpit: 1s
//	reply-by-address: true
//	users: ["ann@example.com quota 1000000"]
//	domains:
//	  slow.example:
//	    behave: ["rcpt: delay 1s..3s", "accept: 451 5%"]
//	  "*":
//	    behave: ["rcpt: 550 5.1.2 Never heard of it"]
//
// All of it is optional. The error has a line for each fault, with its line and column.
func ParseScript(text []byte) (Script, error) {
	var document yaml.Node
	if len(bytes.TrimSpace(text)) == 0 {
		return Script{}, nil
	}
	if err := yaml.Load(text, &document); err != nil {
		return Script{}, err
	}
	r := scriptReader{script: Script{Domains: map[string][]Behaviour{}}}
	if len(document.Content) > 0 {
		r.mapping(document.Content[0], scriptKeys)
	}
	return r.script, errors.Join(r.faults...)
}

// A scriptReader reads the nodes of a script and keeps what is wrong with them.
type scriptReader struct {
	script Script
	faults []error
}

// scriptKeys are the keys of a script, with what reads their values.
var scriptKeys = map[string]func(*scriptReader, *yaml.Node){
	"behave":           func(r *scriptReader, n *yaml.Node) { r.script.Behaviours = r.behaviours(n) },
	"users":            (*scriptReader).users,
	"greylist":         func(r *scriptReader, n *yaml.Node) { r.script.Greylist = r.duration(n) },
	"tarpit":           func(r *scriptReader, n *yaml.Node) { r.script.Tarpit = r.duration(n) },
	"reply-by-address": func(r *scriptReader, n *yaml.Node) { r.script.ReplyByAddress = r.isTrue(n) },
}

func init() { scriptKeys["domains"] = (*scriptReader).domains } // which refers to the table

func (r *scriptReader) fail(n *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("line %d, column %d: %s", n.Line, n.Column, fmt.Sprintf(format, args...)))
}

// mapping reads the values of a mapping by their keys.
func (r *scriptReader) mapping(n *yaml.Node, keys map[string]func(*scriptReader, *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, "not a mapping of keys to values")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if read := keys[key.Value]; read != nil {
			read(r, value)
		} else {
			r.fail(key, "key %q is none of %s", key.Value, keysOf(keys))
		}
	}
}

func keysOf(keys map[string]func(*scriptReader, *yaml.Node)) string {
	var names []string
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// lines reads a list of texts, or one.
func (r *scriptReader) lines(n *yaml.Node, read func(line *yaml.Node)) {
	switch n.Kind {
	case yaml.ScalarNode:
		read(n)
	case yaml.SequenceNode:
		for _, line := range n.Content {
			if line.Kind != yaml.ScalarNode {
				r.fail(line, `not a text; put quotes around it if it has a ":" in it`)
				continue
			}
			read(line)
		}
	default:
		r.fail(n, `not a list of texts; put quotes around those with a ":" in them`)
	}
}

func (r *scriptReader) behaviours(n *yaml.Node) (all []Behaviour) {
	r.lines(n, func(line *yaml.Node) {
		b, err := ParseBehaviour(line.Value)
		if err != nil {
			r.fail(line, "%v", err)
			return
		}
		all = append(all, b)
	})
	return all
}

func (r *scriptReader) users(n *yaml.Node) {
	r.lines(n, func(line *yaml.Node) {
		u, err := ParseUser(line.Value)
		if err != nil {
			r.fail(line, "%v", err)
			return
		}
		r.script.Users = append(r.script.Users, u)
	})
}

func (r *scriptReader) duration(n *yaml.Node) time.Duration {
	d, err := time.ParseDuration(n.Value)
	if err != nil || d < 0 {
		r.fail(n, "%q is not a duration such as 5s", n.Value)
	}
	return d
}

func (r *scriptReader) isTrue(n *yaml.Node) bool {
	if n.Value != "true" && n.Value != "false" {
		r.fail(n, "%q is neither true nor false", n.Value)
	}
	return n.Value == "true"
}

// domains reads what is to happen to recipients of each domain.
func (r *scriptReader) domains(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, "not a mapping of domains")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if err := checkScriptDomain(name.Value); err != nil {
			r.fail(name, "%v", err)
		}
		r.mapping(value, map[string]func(*scriptReader, *yaml.Node){"behave": func(r *scriptReader, n *yaml.Node) {
			r.script.Domains[strings.ToLower(name.Value)] = r.behaviours(n)
		}})
	}
}

// anyDomain stands for the domains that have no behaviours of their own.
const anyDomain = "*"

func checkScriptDomain(name string) error {
	if name == anyDomain {
		return nil
	}
	return checkDomain("domain", name)
}

// ofRecipient are the steps at which a domain can have behaviours: those at which its
// recipients are known.
var ofRecipient = []timing.Step{timing.Rcpt, timing.Data, timing.Content, timing.BDAT, timing.Accept}

// checkScripts returns what is wrong with the behaviours of domains.
func checkScripts(domains map[string][]Behaviour) error {
	var faults []error
	for name, all := range domains {
		faults = append(faults, checkScriptDomain(name))
		for _, b := range all {
			faults = append(faults, b.check())
			if !slices.Contains(ofRecipient, b.Step) {
				faults = append(faults, fmt.Errorf("domain %s: behaviour %q: a domain can have them at rcpt, data, content, bdat and accept only", name, b))
			}
		}
	}
	return errors.Join(faults...)
}

// makeScripts returns the rules of each domain, those of all behind them; nil where there
// are none.
func makeScripts(c *Config, all *ruleTable) map[string]*ruleTable {
	if len(c.DomainBehaviours) == 0 {
		return nil
	}
	scripts := map[string]*ruleTable{anyDomain: all}
	for name, behaviours := range c.DomainBehaviours {
		table := makeRules(c, behaviours)
		for step := range table {
			table[step] = append(table[step], all[step]...)
		}
		scripts[strings.ToLower(name)] = &table
	}
	return scripts
}

// script returns the rules for recipients of a domain.
func (k *Sink) script(domain []byte) *ruleTable {
	if k.scripts == nil {
		return nil
	}
	if table := k.scripts[strings.ToLower(string(domain))]; table != nil {
		return table
	}
	return k.scripts[anyDomain]
}

// rulesFor is script, or the rules of all where there is none.
func (k *Sink) rulesFor(domain []byte) *ruleTable {
	if table := k.script(domain); table != nil {
		return table
	}
	return &k.rules
}

// rulesAt returns the rules of a step: those of the first recipient's domain, if there is
// one.
func (s *session) rulesAt(step timing.Step) []rule {
	if s.script != nil {
		return s.script[step]
	}
	return s.sink.rules[step]
}

// rulesOf returns the rules for a command with its argument. Those of RCPT are of the
// domain in it.
func (s *session) rulesOf(step timing.Step, arg []byte) []rule {
	if step == timing.Rcpt {
		if p, _, err := smtp.ParseRcptArg(arg, true); err == nil {
			return s.sink.script(p.Domain)[step]
		}
	}
	return s.rulesAt(step)
}
