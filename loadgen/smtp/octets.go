package smtp

// An octetSet is a set of kinds that an octet belongs to.
type octetSet uint8

const (
	atext    octetSet = 1 << iota // of an Atom (RFC 5322 section 3.2.3)
	ldh                           // of a domain's label: letters, digits, hyphen, and the underscore that servers take
	letDig                        // letters and digits
	qtext                         // of a quoted string, without a backslash (RFC 5321 section 4.1.2)
	dcontent                      // of a general address literal (RFC 5321 section 4.1.3)
	esmtp                         // of a parameter's value (RFC 5321 section 4.1.2, RFC 6531 section 3.3)
	blank                         // space and tab
)

// octets tells the kinds of each octet.
var octets = func() (table [256]octetSet) {
	put := func(kinds octetSet, from, to byte) {
		for c := int(from); c <= int(to); c++ {
			table[c] |= kinds
		}
	}
	put(atext|ldh|letDig, 'a', 'z')
	put(atext|ldh|letDig, 'A', 'Z')
	put(atext|ldh|letDig, '0', '9')
	put(ldh, '-', '-')
	put(ldh, '_', '_')
	for _, c := range []byte("!#$%&'*+-/=?^_`{|}~") {
		put(atext, c, c)
	}
	put(qtext, ' ', '!')
	put(qtext, '#', '[')
	put(qtext, ']', '~')
	put(dcontent, '!', 'Z')
	put(dcontent, '^', '~')
	put(esmtp, '!', '<')
	put(esmtp, '>', '~')
	put(esmtp, 0x80, 0xff)
	put(blank, ' ', ' ')
	put(blank, '\t', '\t')
	return table
}()
