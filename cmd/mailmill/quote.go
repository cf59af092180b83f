package main

import "strconv"

// quoted returns text from outside so that it cannot steer a terminal.
func quoted(text string) string { return strconv.Quote(text) }
