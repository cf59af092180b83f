package smtp

import "bytes"

// AppendTransparent appends content in its wire form (RFC 5321 section 4.5.2):
// every bare LF and bare CR becomes CRLF, a line that begins with a dot gets
// another, and the last line is made to end in CRLF. Nothing else is added: no
// empty line, and no end of mail data, which is EndOfData. Empty content stays
// empty.
func AppendTransparent(dst, content []byte) []byte {
	for len(content) > 0 {
		line, rest := cutAnyLine(content)
		if len(line) > 0 && line[0] == '.' {
			dst = append(dst, '.')
		}
		dst = append(dst, line...)
		dst = append(dst, '\r', '\n')
		content = rest
	}
	return dst
}

// SizeOf returns the size of content as SIZE declares it (RFC 1870 section 5):
// octets with CRLF line ends, before dots are doubled, without the end of mail
// data.
func SizeOf(content []byte) int64 {
	var size int64
	for len(content) > 0 {
		line, rest := cutAnyLine(content)
		size += int64(len(line) + len("\r\n"))
		content = rest
	}
	return size
}

// cutAnyLine cuts content, which is not empty, behind its first CRLF, LF or CR.
func cutAnyLine(content []byte) (line, rest []byte) {
	end := bytes.IndexByte(content, '\n')
	if end < 0 {
		end = len(content)
	}
	if cr := bytes.IndexByte(content[:end], '\r'); cr >= 0 {
		if cr+1 < len(content) && content[cr+1] == '\n' {
			return content[:cr], content[cr+2:]
		}
		return content[:cr], content[cr+1:]
	}
	return content[:end], content[min(end+1, len(content)):]
}
