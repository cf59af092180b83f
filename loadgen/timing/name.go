package timing

import (
	"slices"
	"strconv"
)

// name returns names[i], or a readable stand-in for a value outside the table.
func name(names []string, i int, kind string) string {
	if i < len(names) && names[i] != "" {
		return names[i]
	}
	return kind + "(" + strconv.Itoa(i) + ")"
}

// index is the inverse of name for the values of the table.
func index(names []string, s string) (int, bool) {
	i := slices.Index(names, s)
	return max(i, 0), i >= 0 && s != ""
}
