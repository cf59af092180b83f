//go:build !unix

package message

import "os"

// mapFile returns the octets of a file, and what gives them back. Here they are read:
// the syscall package maps files on Unix alone.
func mapFile(path string) (octets []byte, done func(), err error) {
	octets, err = os.ReadFile(path)
	return octets, func() {}, err
}
