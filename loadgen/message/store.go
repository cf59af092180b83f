package message

import (
	"bufio"
	"bytes"
	"os"
)

// corpusMemory is how much of a corpus's bodies stays in memory, in octets. What is
// beyond it lies in a file without a name, and is mapped: the system keeps in
// memory what of it is sent, as long as it has room.
const corpusMemory = 64 << 20

// A store keeps bodies until they are all known.
type store struct {
	room  int // octets of memory left
	kept  [][]byte
	file  *os.File // of those that kept has as nil
	out   *bufio.Writer
	spans [][2]int64 // in the file
	size  int64
}

func newStore(memory int) *store { return &store{room: memory} }

// put keeps a copy of a body.
func (s *store) put(body []byte) error {
	s.room -= len(body)
	if s.room >= 0 {
		s.kept = append(s.kept, bytes.Clone(body))
		return nil
	}
	if s.file == nil {
		file, err := os.CreateTemp("", "mailmill-corpus-")
		if err != nil {
			return err
		}
		s.file, s.out = file, bufio.NewWriterSize(file, 1<<20)
	}
	s.kept = append(s.kept, nil)
	s.spans = append(s.spans, [2]int64{s.size, s.size + int64(len(body))})
	s.size += int64(len(body))
	_, err := s.out.Write(body)
	return err
}

// bodies returns what was put, in its order. The mapping stays as long as the process.
func (s *store) bodies() ([][]byte, error) {
	if s.file == nil {
		return s.kept, nil
	}
	defer s.drop()
	if err := s.out.Flush(); err != nil {
		return nil, err
	}
	mapped, _, err := mapFile(s.file.Name())
	if err != nil {
		return nil, err
	}
	for i, body := range s.kept {
		if body == nil {
			span := s.spans[0]
			s.kept[i], s.spans = mapped[span[0]:span[1]:span[1]], s.spans[1:]
		}
	}
	return s.kept, nil
}

// drop takes away the file; what is mapped of it stays.
func (s *store) drop() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
}
