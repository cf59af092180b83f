package check

import "strings"

// nearest returns the name of a list that s was probably meant to be, "" if
// none is near: one that it begins, or else one within a change of a letter, or two where it has four or more.
func nearest(s string, list []string) string {
	best, least := "", min(3, len(s)-1)
	for _, name := range list {
		if len(s) >= 3 && strings.HasPrefix(name, s) {
			return name
		}
		// As many changes as a name has letters turn it into any other.
		if d := distance(s, name); d < least && d < len(name)-1 {
			best, least = name, d
		}
	}
	return best
}

// distance is Levenshtein's: the fewest octets put in, taken out or changed. It
// looks at the first 32 of s, which is longer than any name here.
func distance(s, t string) int {
	s = s[:min(len(s), 32)]
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(s) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(t) {
			change := diagonal
			if s[i] != t[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(t)]
}
