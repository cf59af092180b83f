package target

import (
	"net"
	"net/netip"
	"strconv"
)

// A Scheme is a protocol that a target URL can name.
type Scheme string

// The schemes.
const SMTP Scheme = "smtp"

// A Target names a server, or a domain whose mail exchangers are the servers.
type Target struct {
	Scheme Scheme
	// Host is a domain name, or an address as netip writes it.
	Host string
	// Addr is the address if Host is one, else invalid. It needs no DNS.
	Addr netip.Addr
	// Port is the port to connect to, never 0.
	Port uint16
	// MX tells that Host is a domain whose MX records name the servers.
	MX bool
}

// String returns the target as [Parse] reads it, with its port: smtp://host:25, or
// mx:domain:25.
func (t Target) String() string {
	address := net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port)))
	if t.MX {
		return "mx:" + address
	}
	return string(t.Scheme) + "://" + address
}
