package target

import (
	"net"
	"net/netip"
	"strconv"
)

// A Target names a server, or a domain whose mail exchangers are the servers.
type Target struct {
	Scheme Scheme
	// Host is a domain name, or an address as netip writes it.
	Host string
	// Addr is the address if Host is one, else invalid. It needs no DNS.
	Addr netip.Addr
	// Port is the port to connect to; 0 for a UNIX socket.
	Port uint16
	// Path is that of a UNIX socket; "" is none.
	Path string
	// MX tells that Host is a domain whose MX records name the servers.
	MX bool
}

// String returns the target as [Parse] reads it, with its port: smtp://host:25,
// mx:domain:25, or smtp+unix:///path.
func (t Target) String() string {
	if t.Path != "" {
		return string(t.Scheme) + "://" + t.Path
	}
	address := net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port)))
	if t.MX {
		return "mx:" + address
	}
	return string(t.Scheme) + "://" + address
}
