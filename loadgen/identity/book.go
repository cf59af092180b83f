package identity

import (
	"net"
	"net/netip"
	"slices"

	"github.com/pires/go-proxyproto"

	"mailmill/loadgen/smtp"
)

// A Book says whom sessions claim to speak for. It does not change while sessions use it.
type Book struct {
	Seed uint64
	// Clients are the addresses that are claimed; nil is none: then a PROXY header names nobody, and ADDR and PORT
	// are unavailable.
	Clients *Pool
	// Proxy is the version of the PROXY protocol, 1 or 2; 0 sends no header.
	Proxy byte
	// Claims are what XCLIENT and XFORWARD say; none: the command is not sent.
	Claims [2][]Attribute
}

// client returns the address and the port that session n claims. They are invalid where none are.
func (b *Book) client(n int64) netip.AddrPort {
	if b.Clients == nil {
		return netip.AddrPort{}
	}
	const first = 1024 // below it are the ports of servers
	return netip.AddrPortFrom(b.Clients.At(b.Seed, n), uint16(first+draw(b.Seed, n, 3)%(1<<16-first)))
}

// AppendProxy appends the PROXY header of session n to the server at an address, which is invalid for a UNIX
// socket. Where the server's address is of another family than the client's, the header names a loopback
// address of the client's family in its place.
func (b *Book) AppendProxy(dst []byte, n int64, server netip.AddrPort) ([]byte, error) {
	h := &proxyproto.Header{Version: b.Proxy, Command: proxyproto.LOCAL, TransportProtocol: proxyproto.UNSPEC}
	if b.Proxy == 1 { // which has no LOCAL: "PROXY UNKNOWN"
		h.Command = proxyproto.PROXY
	}
	if client := b.client(n); client.IsValid() {
		h = proxyproto.HeaderProxyFromAddrs(b.Proxy, net.TCPAddrFromAddrPort(client), net.TCPAddrFromAddrPort(facing(server, client.Addr())))
	}
	header, err := h.Format()
	return append(dst, header...), err
}

// facing is the server's address as a client of that family sees it.
func facing(server netip.AddrPort, client netip.Addr) netip.AddrPort {
	addr := server.Addr().Unmap().WithZone("")
	if addr.IsValid() && addr.Is4() == client.Is4() {
		return netip.AddrPortFrom(addr, server.Port())
	}
	loopback := netip.IPv6Loopback()
	if client.Is4() {
		loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	port := server.Port()
	if port == 0 {
		port = 25
	}
	return netip.AddrPortFrom(loopback, port)
}

// AppendCommand appends a command of session n, which gives that name in EHLO.
func (b *Book) AppendCommand(dst []byte, c Command, n int64, helo string) []byte {
	client := b.client(n)
	s := attributed{number: n, addr: client.Addr(), port: client.Port(), helo: helo}
	dst = append(dst, c.String()...)
	for i := range b.Claims[c] {
		a := &b.Claims[c][i]
		dst = append(append(append(dst, ' '), a.Name...), '=')
		dst = smtp.AppendXtext(dst, []byte(a.value(s)))
	}
	return append(dst, '\r', '\n')
}

// Missing returns the first attribute that a command claims and that is not among those offered, in upper case; ""
// is none.
func (b *Book) Missing(c Command, offered []string) string {
	for _, a := range b.Claims[c] {
		if !slices.Contains(offered, a.Name) {
			return a.Name
		}
	}
	return ""
}

// Names returns the names that sessions give in EHLO, from a list in which an entry "@FILE" stands for the lines of a
// file.
func Names(list []string, open func(path string) ([]string, error)) ([]string, error) {
	var names []string
	for _, entry := range list {
		if len(entry) > 1 && entry[0] == '@' {
			lines, err := open(entry[1:])
			if err != nil {
				return nil, err
			}
			names = append(names, lines...)
			continue
		}
		names = append(names, entry)
	}
	return names, nil
}
