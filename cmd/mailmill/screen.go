package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// A screen is what is known about where output goes.
type screen struct {
	terminal bool
	color    bool
	file     *os.File
}

// defaultWidth is that of output which is no terminal, in columns.
const defaultWidth = 80

// screenOf looks at w. NO_COLOR turns colours off (https://no-color.org).
func screenOf(w io.Writer, env environment) screen {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return screen{}
	}
	plain := env.get("TERM") == "dumb"
	return screen{terminal: !plain, color: !plain && env.get("NO_COLOR") == "", file: f}
}

// width returns the columns of a terminal now, or defaultWidth.
func (s screen) width() int {
	if s.file == nil {
		return defaultWidth
	}
	columns, _, err := term.GetSize(int(s.file.Fd()))
	if err != nil || columns <= 0 {
		return defaultWidth
	}
	return columns
}
