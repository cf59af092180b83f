package sink

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/netip"

	"github.com/pires/go-proxyproto"

	"mailmill/loadgen/transport"
)

// What a PROXY header is made of (the PROXY protocol, versions 1 and 2).
const (
	proxyLine      = "PROXY "
	proxyLineLimit = 107 // octets with CR LF
	proxySignature = "\r\n\r\n\x00\r\nQUIT\n"
	proxyFixed     = 16   // octets in front of the addresses: signature, command, family, length
	proxyLimit     = 4096 // octets behind those
	proxyCRC       = 0x03
)

var errProxy = errors.New("not a PROXY header")

// parseProxy reads the PROXY header at the start of in. n is its length, 0 while its end
// has not arrived. client is invalid where the header names nobody.
func parseProxy(in []byte) (client netip.Addr, n int, err error) {
	if n, err = proxyLength(in); n == 0 || err != nil {
		return netip.Addr{}, 0, err
	}
	h, err := proxyproto.Read(bufio.NewReaderSize(bytes.NewReader(in[:n]), n))
	if err != nil {
		return netip.Addr{}, 0, errProxy
	}
	if h.Version == 2 && !proxyHolds(in[:n]) {
		return netip.Addr{}, 0, errProxy
	}
	from, _, isTCP := h.TCPAddrs()
	if h.Command.IsLocal() || !isTCP {
		return netip.Addr{}, n, nil
	}
	client, _ = netip.AddrFromSlice(from.IP)
	return client.Unmap(), n, nil
}

// proxyLength returns the length of the header, 0 while it is not known. It tells as soon as
// octets cannot be one.
func proxyLength(in []byte) (int, error) {
	switch {
	case begins(in, proxyLine):
		end := bytes.IndexByte(in[:min(len(in), proxyLineLimit)], '\n')
		if end < 0 && len(in) >= proxyLineLimit {
			return 0, errProxy
		}
		return end + 1, nil
	case !begins(in, proxySignature):
		return 0, errProxy
	case len(in) < proxyFixed:
		return 0, nil
	}
	n := int(binary.BigEndian.Uint16(in[proxyFixed-2:]))
	if n > proxyLimit {
		return 0, errProxy
	}
	if len(in) < proxyFixed+n {
		return 0, nil
	}
	return proxyFixed + n, nil
}

// begins reports whether in begins as whole does, as far as it goes.
func begins(in []byte, whole string) bool {
	n := min(len(in), len(whole))
	return string(in[:n]) == whole[:n]
}

// proxyAddresses are the octets that the addresses of each family take.
var proxyAddresses = map[byte]int{0x0: 0, 0x1: 12, 0x2: 36, 0x3: 216}

// proxyHolds checks the CRC32C of a header of version 2, if it has one, and that what
// stands around it is whole.
func proxyHolds(header []byte) bool {
	at := proxyFixed + proxyAddresses[header[13]>>4]
	for at < len(header) {
		if len(header)-at < 3 {
			return false
		}
		kind, size := header[at], int(binary.BigEndian.Uint16(header[at+1:]))
		at += 3
		if len(header)-at < size {
			return false
		}
		if kind == proxyCRC && !proxySums(header, at, size) {
			return false
		}
		at += size
	}
	return true
}

// proxySums reports whether the sum at an offset is that of the header with zeros in its
// place.
func proxySums(header []byte, at, size int) bool {
	if size != crc32.Size {
		return false
	}
	zeroed := bytes.Clone(header)
	clear(zeroed[at : at+size])
	return crc32.Checksum(zeroed, crc32.MakeTable(crc32.Castagnoli)) == binary.BigEndian.Uint32(header[at:])
}

// head takes the PROXY header. Whoever has none, or sends it without being trusted to, is
// not spoken to.
func (s *session) head(t *turn) bool {
	client, n, err := parseProxy(t.rest())
	if err != nil || !s.sink.config.trusts(sourceOf(s.peer)) {
		s.loop.ProxyRefused++
		s.leave(transport.Now)
		return false
	}
	if n == 0 {
		return false
	}
	t.used += n
	if client.IsValid() {
		s.identity().addr = client
	}
	s.begin(t)
	return true
}
