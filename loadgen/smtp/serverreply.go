package smtp

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendReply appends a reply (RFC 5321 section 4.2) with an enhanced status
// code on each line (RFC 2034 section 4) unless e is 0. Each "\n" of text
// begins another line, and a line that would exceed 512 octets becomes several.
// Control octets become "?": nothing that a peer once sent can end a line.
func AppendReply(dst []byte, code Code, e Enhanced, text string) []byte {
	for {
		piece, rest, more := strings.Cut(text, "\n")
		dst, text = appendReplyLines(dst, code, e, piece, !more), rest
		if !more {
			return dst
		}
	}
}

// appendReplyLines appends text, which has no line feed, in as many lines as it
// takes. last tells whether the reply ends with it.
func appendReplyLines(dst []byte, code Code, e Enhanced, text string, last bool) []byte {
	for {
		start := len(dst)
		dst = strconv.AppendUint(dst, uint64(code), 10)
		dst = append(dst, ' ')
		separator := len(dst) - 1
		if e != 0 {
			dst = e.Append(dst)
			if text != "" {
				dst = append(dst, ' ')
			}
		}
		fit := fitting(text, replyLineLimit-len("\r\n")-(len(dst)-start))
		from := len(dst)
		dst = append(dst, text[:fit]...)
		replaceControls(dst[from:])
		dst = append(dst, '\r', '\n')
		text = text[fit:]
		if text != "" || !last {
			dst[separator] = '-'
		}
		if text == "" {
			return dst
		}
	}
}

// fitting returns how much of text fits into room octets without cutting a
// UTF-8 character in two.
func fitting(text string, room int) int {
	if len(text) <= room {
		return len(text)
	}
	for n := room; n > room-utf8.UTFMax; n-- {
		if utf8.RuneStart(text[n]) {
			return n
		}
	}
	return room
}

func replaceControls(text []byte) {
	for i, c := range text {
		if c < ' ' || c == 0x7f {
			text[i] = '?'
		}
	}
}
