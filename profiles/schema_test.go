package profiles

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// A validator knows the words of JSON Schema that Schema uses, and no others.
type validator struct {
	defs map[string]any
}

// words are those of JSON Schema that say nothing of what is valid.
var silentWords = []string{"$schema", "$defs", "title", "description", "default"}

// faults returns what a value has against its schema.
func (v validator) faults(where string, schema map[string]any, value any) (found []string) {
	say := func(format string, args ...any) {
		found = append(found, where+": "+fmt.Sprintf(format, args...))
	}
	for word, rule := range schema {
		switch word {
		case "$ref":
			name := strings.TrimPrefix(rule.(string), "#/$defs/")
			found = append(found, v.faults(where, v.defs[name].(map[string]any), value)...)
		case "anyOf":
			if !slices.ContainsFunc(rule.([]any), func(one any) bool { return v.faults(where, one.(map[string]any), value) == nil }) {
				say("none of the forms fits %v", value)
			}
		case "enum":
			if !slices.Contains(rule.([]any), value) {
				say("%v is none of %v", value, rule)
			}
		case "type":
			if !isOfType(rule, value) {
				say("%v is no %v", value, rule)
			}
		case "pattern":
			if s, ok := value.(string); ok && !regexp.MustCompile(rule.(string)).MatchString(s) {
				say("%q does not match", s)
			}
		case "minimum", "maximum", "minItems", "maxItems":
			if beyond(word, rule.(float64), value) {
				say("%v is beyond the %s of %v", value, word, rule)
			}
		case "items":
			items, _ := value.([]any)
			for i, item := range items {
				found = append(found, v.faults(fmt.Sprintf("%s[%d]", where, i), rule.(map[string]any), item)...)
			}
		case "required":
			object, _ := value.(map[string]any)
			for _, key := range rule.([]any) {
				if _, there := object[key.(string)]; object != nil && !there {
					say("no %v", key)
				}
			}
		case "properties", "additionalProperties":
		default:
			if !slices.Contains(silentWords, word) {
				say("the schema has the word %q, which this test does not know", word)
			}
		}
	}
	return append(found, v.members(where, schema, value)...)
}

func (v validator) members(where string, schema map[string]any, value any) (found []string) {
	object, _ := value.(map[string]any)
	known, _ := schema["properties"].(map[string]any)
	for key, member := range object {
		more := schema["additionalProperties"]
		if rule, ok := known[key]; ok {
			more = rule
		}
		switch rule := more.(type) {
		case map[string]any:
			found = append(found, v.faults(where+"."+key, rule, member)...)
		case bool:
			if !rule {
				found = append(found, where+"."+key+": no such key")
			}
		}
	}
	return found
}

func beyond(word string, limit float64, value any) bool {
	n, counted := 0.0, true
	switch value := value.(type) {
	case int:
		n = float64(value)
	case float64:
		n = value
	case []any:
		n = float64(len(value))
	default:
		counted = false
	}
	return counted && (strings.HasPrefix(word, "min") && n < limit || strings.HasPrefix(word, "max") && n > limit)
}

func isOfType(rule, value any) bool {
	if several, ok := rule.([]any); ok {
		return slices.ContainsFunc(several, func(one any) bool { return isOfType(one, value) })
	}
	switch value := value.(type) {
	case string:
		return rule == "string"
	case bool:
		return rule == "boolean"
	case int, uint64, int64:
		return rule == "integer" || rule == "number"
	case float64:
		return rule == "number" || rule == "integer" && value == math.Trunc(value)
	case []any:
		return rule == "array"
	case map[string]any:
		return rule == "object"
	}
	return false
}

// validate holds a profile against the schema.
func validate(t *testing.T, profile string) []string {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var value map[string]any
	if err := yaml.Load([]byte(profile), &value); err != nil {
		t.Fatalf("%v in\n%s", err, profile)
	}
	return validator{schema["$defs"].(map[string]any)}.faults("profile", schema, value)
}

func TestTheSchemaTakesEveryProfileThatComesWithMailmill(t *testing.T) {
	for _, name := range Names() {
		text, _ := Source(name)
		for _, fault := range validate(t, string(text)) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

func TestTheSchemaTakesWhatIsPrinted(t *testing.T) {
	for _, from := range []Sources{{}, {Profile: write(t, threeClasses)}, {Flags: Flags{"label": {"a=b"}, "check": {"none"}, "header": {"X-A: 1"}}}} {
		plan, err := Load(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range validate(t, string(plan.YAML())) {
			t.Errorf("%s", fault)
		}
	}
}

func TestWhatTheSchemaRefuses(t *testing.T) {
	for profile, want := range map[string]string{
		"raet: 5/s":                          "profile.raet: no such key",
		"concurrency: many":                  "profile.concurrency: many is no integer",
		"arrivals: sometimes":                "profile.arrivals: sometimes is none of [constant poisson]",
		"spin: 7":                            "profile.spin: 7 is no boolean",
		"rate: [1, 2]":                       "profile.rate: [1 2] is no [string number]",
		"check: {chek: x}":                   "profile.check: none of the forms fits map[chek:x]",
		"classes: []":                        "profile.classes: [] is beyond the minItems of 1",
		"classes: [{weight: 2}]":             "profile.classes[0]: no name",
		"classes: [{name: a b}]":             `profile.classes[0].name: "a b" does not match`,
		"classes: [{name: a, weight: 0}]":    "profile.classes[0].weight: 0 is beyond the minimum of 1",
		"classes: [{name: a, rate: 5/s}]":    "profile.classes[0].rate: no such key",
		"classes: [{name: a, header: ok}]":   "",
		"timeout: {accept: 2m}":              "",
		"timeout: [3s, accept=2m]":           "",
		"check: [{check: 'a', abort: true}]": "",
		"rate: 500/s\nsize: 1024\nlinger: 0": "",
	} {
		faults := validate(t, profile)
		if want == "" && faults != nil || want != "" && (len(faults) != 1 || faults[0] != want) {
			t.Errorf("%s: %q, want %q", profile, faults, want)
		}
	}
}
