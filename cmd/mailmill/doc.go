// Command mailmill puts a mail server through the mill.
//
// The program knows arguments, signals, exit codes and files. There is one file
// per command: its options, its flags, and what it runs. Settings of a run are
// not described here but in package profiles, and what the program writes about
// a run comes from package report.
//
// It does not know SMTP, and no histogram passes through its hands.
package main
