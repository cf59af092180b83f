package message

// The samples that filters are tested with. They are kept in pieces, so that nothing
// finds them in this source or in the program.

// eicar is the test file of anti-virus programs (EICAR).
func eicar() string {
	return joined(`X5O!P%@AP[4\PZX54(P^)7CC)7}$`, `EICAR`, `-STANDARD-`, `ANTIVIRUS`, `-TEST-FILE`, `!$H+H*`)
}

// gtube is the line that SpamAssassin and Rspamd take for spam (GTUBE).
func gtube() string {
	return joined(`XJS*C4JDBQADN1.NSBN3*2IDNEN*`, `GTUBE`, `-STANDARD-`, `ANTI-UBE`, `-TEST-EMAIL`, `*C.34X`)
}

// joined puts pieces together when the program runs: the compiler would do it for
// constants.
func joined(pieces ...string) string {
	var out []byte
	for _, piece := range pieces {
		out = append(out, piece...)
	}
	return string(out)
}
