package sink

import (
	"encoding/binary"
	"hash/crc32"
	"net/netip"
	"strings"
	"testing"

	"mailmill/loadgen/transport"
)

const signature = "\r\n\r\n\x00\r\nQUIT\n"

// v2 is a header of version 2.
func v2(command, family byte, behind string) string {
	head := signature + string([]byte{command, family})
	return string(binary.BigEndian.AppendUint16([]byte(head), uint16(len(behind)))) + behind
}

// withCRC appends the sum that the header has with it.
func withCRC(command, family byte, behind string) string {
	header := []byte(v2(command, family, behind+"\x03\x00\x04\x00\x00\x00\x00"))
	sum := crc32.Checksum(header, crc32.MakeTable(crc32.Castagnoli))
	binary.BigEndian.PutUint32(header[len(header)-4:], sum)
	return string(header)
}

const (
	fourAddresses = "\xc0\x00\x02\x0a\x7f\x00\x00\x01\x9c\x41\x00\x19"
	sixAddresses  = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x9c\x41\x00\x19"
)

func TestProxyHeaders(t *testing.T) {
	sum := withCRC(0x21, 0x11, fourAddresses)
	if !strings.HasSuffix(sum, "\x03\x00\x04\x01\xb1\x15\x1b") {
		t.Fatalf("the sum of the published vector is %x", sum[len(sum)-4:])
	}
	bent := []byte(sum)
	bent[20] ^= 1
	for name, test := range map[string]struct {
		header string
		client string // "" is the real peer; "close" is none
	}{
		"v1 TCP4":                     {"PROXY TCP4 192.0.2.10 127.0.0.1 40001 25\r\n", "192.0.2.10"},
		"v1 TCP6":                     {"PROXY TCP6 2001:db8::10 ::1 40001 25\r\n", "2001:db8::10"},
		"v1 UNKNOWN":                  {"PROXY UNKNOWN\r\n", ""},
		"v1 UNKNOWN with addresses":   {"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", ""},
		"v2 TCP4":                     {v2(0x21, 0x11, fourAddresses), "192.0.2.10"},
		"v2 TCP6":                     {v2(0x21, 0x21, sixAddresses), "2001:db8::10"},
		"v2 LOCAL":                    {v2(0x20, 0x00, ""), ""},
		"v2 with a sum":               {sum, "192.0.2.10"},
		"v2 TCP6 with a sum":          {withCRC(0x21, 0x21, sixAddresses), "2001:db8::10"},
		"v2 with a TLV nobody knows":  {v2(0x21, 0x11, fourAddresses+"\xe0\x00\x02ab"), "192.0.2.10"},
		"v2 of a UNIX socket":         {v2(0x21, 0x31, strings.Repeat("\x00", 216)), ""},
		"v2 with one bit changed":     {string(bent), "close"},
		"v2 with a sum of two octets": {v2(0x21, 0x11, fourAddresses+"\x03\x00\x02ab"), "close"},
		"v2 with half a TLV":          {v2(0x21, 0x11, fourAddresses+"\xe0\x00\x09ab"), "close"},
		"v2 with short addresses":     {v2(0x21, 0x11, "\x00\x00"), "close"},
		"v2 of another version":       {v2(0x31, 0x11, fourAddresses), "close"},
		"v2 over the limit":           {signature + "\x21\x11\xff\xff", "close"},
		"v1 too long":                 {"PROXY TCP4 " + strings.Repeat("1", 120), "close"},
		"a command instead":           {"EHLO x\r\n", "close"},
		"TLS instead":                 {"\x16\x03\x01", "close"},
		"v1 port over 65535":          {"PROXY TCP4 192.0.2.10 127.0.0.1 70000 25\r\n", "close"},
		"v1 with leading zeros":       {"PROXY TCP4 192.0.2.010 127.0.0.1 040 25\r\n", "close"},
		"v1 with three octets":        {"PROXY TCP4 192.0.2 127.0.0.1 40 25\r\n", "close"},
		"v1 of mixed families":        {"PROXY TCP4 2001:db8::10 ::1 40001 25\r\n", "close"},
		"v1 with a bare LF":           {"PROXY UNKNOWN\n", "close"},
	} {
		for pieces, byOctet := range map[string]bool{"": false, ", one octet at a time": true} {
			t.Run(name+pieces, func(t *testing.T) { checkProxied(t, test.header, test.client, byOctet) })
		}
	}
}

func checkProxied(t *testing.T, header, client string, byOctet bool) {
	store := &memoryStore{}
	k := newSink(t, Config{Proxy: true, Store: store, Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}})
	c := dial(t, k)
	send := c.send
	if byOctet {
		send = c.trickle
	}
	send(header + "HELO h.example\r\nMAIL FROM:<>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n.\r\n")
	if client == "close" {
		if said := c.said(); said != "" || !c.closed || k.Counters().ProxyRefused != 1 {
			t.Errorf("said %q, closed %v, counters %+v", said, c.closed, k.Counters())
		}
		return
	}
	c.woken()
	c.expect("220", "250", "250", "250", "354", "250")
	if client == "" {
		client = "192.0.2.1"
	}
	if got := strings.Fields(store.messages[0])[0]; got != client {
		t.Errorf("the client is %s, want %s", got, client)
	}
}

func TestProxyHeaderOfSomebodyNotTrusted(t *testing.T) {
	k := newSink(t, Config{Proxy: true})
	c := dial(t, k)
	c.send("PROXY TCP4 192.0.2.10 127.0.0.1 40001 25\r\n")
	if said := c.said(); said != "" || !c.closed || k.Counters().ProxyRefused != 1 {
		t.Errorf("said %q, closed %v", said, c.closed)
	}
}

// The header comes before the handshake, and may share a segment with it.
func TestProxyHeaderBeforeImplicitTLS(t *testing.T) {
	server, _ := serverTLS(t)
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		w := connect(t, serve(t, newSink(t, Config{Proxy: true, TLS: server, ImplicitTLS: true}), make))
		defer w.conn.Close()
		w.say(v2(0x21, 0x11, fourAddresses))
		w.say("@TLS")
		for _, want := range []string{"TLSOK", "220"} {
			if got := w.reply(false); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
}

// What is said of a client is kept for the store, and forgotten when it should be.
func TestStoreIsToldWhoTheClientIs(t *testing.T) {
	store := &identityStore{}
	c := newClient(t, newSink(t, Config{Store: store}))
	c.from("127.0.0.1:9")
	c.open()
	c.send("XCLIENT ADDR=IPV6:2001:db8::7 LOGIN=user+40example.com\r\nEHLO h.example\r\nXFORWARD NAME=spike.example ADDR=192.0.2.8\r\n")
	for range 2 {
		c.send("MAIL FROM:<>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
		c.send(".\r\n")
		c.woken()
	}
	want := []string{
		"2001:db8::7 user@example.com ESMTPA NAME=spike.example ADDR=192.0.2.8",
		"2001:db8::7 user@example.com ESMTPA ",
	}
	if len(store.seen) != 2 || store.seen[0] != want[0] || store.seen[1] != want[1] {
		t.Errorf("%q, want %q", store.seen, want)
	}
}
