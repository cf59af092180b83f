package smtp

import (
	"bytes"
	"slices"
	"strings"
)

// A Keyword is one extension of an EHLO reply (RFC 5321 section 4.1.1.1), such
// as {"SIZE", "10240000"}. Name is in upper case; Params are as the server
// wrote them, and hostile.
type Keyword struct{ Name, Params string }

// Keywords are the extensions of an EHLO reply, in the order of the server.
type Keywords []Keyword

// ParseKeywords returns the domain of an EHLO or LHLO reply and its extensions.
// It allocates. It takes "AUTH=PLAIN" for "AUTH PLAIN", the syntax of before
// RFC 4954; a keyword on several lines becomes one with the parameters of all;
// an empty line is no keyword.
func ParseKeywords(ehlo Reply) (domain string, k Keywords) {
	first := true
	ehlo.EachLine(func(text []byte) {
		if first {
			first = false
			if words := bytes.Fields(text); len(words) > 0 {
				domain = string(words[0])
			}
			return
		}
		k = k.add(string(bytes.TrimSpace(text)))
	})
	return domain, k
}

// add puts one line to the list.
func (k Keywords) add(line string) Keywords {
	name, params := line, ""
	if i := strings.IndexAny(line, " \t="); i >= 0 {
		name, params = line[:i], strings.TrimSpace(line[i+1:])
	}
	if name == "" {
		return k
	}
	name = strings.ToUpper(name)
	i := slices.IndexFunc(k, func(have Keyword) bool { return have.Name == name })
	if i < 0 {
		return append(k, Keyword{name, params})
	}
	have := strings.Fields(k[i].Params)
	for _, word := range strings.Fields(params) {
		if !slices.Contains(have, word) {
			have = append(have, word)
		}
	}
	k[i].Params = strings.Join(have, " ")
	return k
}

// Has tells whether the extension is offered. name is in upper case.
func (k Keywords) Has(name string) bool {
	_, ok := k.Get(name)
	return ok
}

// Get returns the parameters of an extension, and whether it is offered. name
// is in upper case.
func (k Keywords) Get(name string) (params string, ok bool) {
	for i := range k {
		if k[i].Name == name {
			return k[i].Params, true
		}
	}
	return "", false
}

// Words returns the parameters of an extension as different words in upper case,
// such as the mechanisms of AUTH; none if it is not offered. name is in upper case.
// It allocates.
func (k Keywords) Words(name string) (words []string) {
	params, _ := k.Get(name)
	for _, word := range strings.Fields(strings.ToUpper(params)) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}
