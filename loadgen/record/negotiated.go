package record

// A Handshake is what a TLS handshake came to.
type Handshake struct {
	Version, Cipher uint16 // as crypto/tls has them
	Resumed         bool
}

// Negotiated counts what sessions agreed on with the server before any mail.
type Negotiated struct {
	TLS    map[Handshake]int64
	Logins map[string]int64 // that succeeded, by mechanism
}

// add counts one of a key in a map, which is made for the first.
func add[K comparable](m *map[K]int64, key K, n int64) {
	if *m == nil {
		*m = map[K]int64{}
	}
	(*m)[key] += n
}

// merge adds what from holds.
func (g *Negotiated) merge(from *Negotiated) {
	for key, n := range from.TLS {
		add(&g.TLS, key, n)
	}
	for key, n := range from.Logins {
		add(&g.Logins, key, n)
	}
}

// Handshake counts a TLS handshake that was completed.
func (s *Shard) Handshake(class uint8, h Handshake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.classes[class].Handshakes++
	add(&s.classes[class].TLS, h, 1)
}

// LoggedIn counts an AUTH exchange that succeeded.
func (s *Shard) LoggedIn(class uint8, mechanism string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add(&s.classes[class].Logins, mechanism, 1)
}
