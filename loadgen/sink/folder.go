package sink

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// maxFolderName leaves room below the 255 octets that file systems allow.
const maxFolderName = 200

// folderName makes a recipient's address a folder name: letters, digits and a few
// marks stand for themselves, everything else is %HH, and so is a leading dot.
// So no address, whatever its octets, leads out of the store. Different addresses
// have different names, but for the case of their domain.
func folderName(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at >= 0 {
		address = address[:at] + strings.ToLower(address[at:])
	}
	var name strings.Builder
	for i := range len(address) {
		if c := address[i]; isPlain(c) && (c != '.' || i > 0) {
			name.WriteByte(c)
		} else {
			name.WriteByte('%')
			name.WriteString(strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	switch s := name.String(); {
	case s == "":
		return "%"
	case len(s) > maxFolderName:
		sum := sha256.Sum256([]byte(address))
		return s[:maxFolderName-2*8-1] + "%" + hex.EncodeToString(sum[:8])
	default:
		return s
	}
}

func isPlain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("@.-_+=", c) >= 0
}
