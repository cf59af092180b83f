//go:build unix

package message

import (
	"math"
	"os"
	"syscall"
)

// mapped is the size from which on a file is mapped in place of being read, in octets.
const mapped = 1 << 20

// mapFile returns the octets of a file, and what gives them back.
func mapFile(path string) (octets []byte, done func(), err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if size := info.Size(); info.Mode().IsRegular() && size >= mapped && size <= math.MaxInt {
		octets, err := syscall.Mmap(int(file.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_PRIVATE)
		if err == nil {
			return octets, func() { syscall.Munmap(octets) }, nil
		}
	}
	octets, err = os.ReadFile(path) // also where the system cannot map, as with pipes
	return octets, func() {}, err
}
