package profiles

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Schema returns a JSON Schema (draft 2020-12) of profiles, made of the table: what an
// editor needs to complete a profile and to mark what is wrong in it. It knows keys,
// types and choices. The rules of values, and those between settings, are Load's.
func Schema() []byte {
	settings, run, class := object{}, object{}, object{
		"name":   object{"type": "string", "pattern": className.String(), "description": "The class's own name."},
		"weight": object{"type": "integer", "minimum": 1, "maximum": MaxWeight, "default": 1, "description": "How many messages the class gets for each of another class of weight 1."},
	}
	for _, s := range Settings {
		settings[s.Name] = s.schema()
		reference := object{"$ref": "#/$defs/" + s.Name}
		run[s.Name] = reference
		if s.PerClass() {
			class[s.Name] = reference
		}
	}
	run[classesKey] = object{
		"description": "Classes of traffic: each is the profile with settings of its own.",
		"type":        "array", "minItems": 1, "maxItems": MaxClasses,
		"items": object{"type": "object", "properties": class, "required": []string{"name"}, "additionalProperties": false},
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(object{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"title":       "A profile of mailmill",
		"description": "Settings of a run: the keys are the long flags of mailmill run.",
		"type":        "object", "properties": run, "additionalProperties": false, "$defs": settings,
	})
	if err != nil {
		panic(err) // it holds texts, numbers and lists of them
	}
	return out.Bytes()
}

// An object is one of JSON.
type object map[string]any

// schema says what a profile may give as the setting.
func (s Setting) schema() object {
	words := s.Usage
	if s.Unit != "" {
		words += " (" + s.Unit + ")"
	}
	one := s.oneValue()
	schema := one
	if s.Repeatable() || s.Keys != nil || s.Join != "" {
		schema = object{"anyOf": s.forms(one)}
	}
	schema["description"] = words
	if s.Default != "" && !s.Repeatable() {
		schema["default"] = s.typed(s.Default)
	}
	return schema
}

// forms are those of a setting that takes several values.
func (s Setting) forms(one object) []object {
	item, forms := one, []object{one}
	if mapping := s.mapping(); mapping != nil {
		forms = append(forms, mapping)
		item = object{"anyOf": []object{one, mapping}}
	}
	if s.Repeatable() {
		forms = append(forms, object{"type": "array", "items": item})
	}
	return forms
}

// mapping is the form of values that have keys; nil if they have none.
func (s Setting) mapping() object {
	plain := object{"type": []string{"string", "number", "boolean"}}
	switch {
	case s.Keys != nil:
		keys := object{}
		for _, key := range s.Keys {
			keys[key] = plain
		}
		return object{"type": "object", "properties": keys, "required": s.Keys[:1], "additionalProperties": false}
	case s.Join != "":
		return object{"type": "object", "additionalProperties": plain}
	}
	return nil
}

// oneValue is the form of one value.
func (s Setting) oneValue() object {
	v := s.Value(&Plan{})
	switch named, choice := v.(interface{ Choices() []string }); {
	case s.Switch():
		return object{"type": "boolean"}
	case choice && len(named.Choices()) > 0:
		return object{"enum": named.Choices()}
	case v.Type() == "int":
		return object{"type": "integer"}
	}
	return object{"type": []string{"string", "number"}}
}

// typed is a value in the type that it has in YAML.
func (s Setting) typed(text string) any {
	if s.Switch() {
		return text == "true"
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	return text
}
