package login

import "strings"

// hidden stands in the place of what is not to be shown.
const hidden = "[not shown]"

// shortestPiece is how many octets of a secret make a piece of it: fewer may be there by chance. A secret that is
// shorter counts as a whole.
const shortestPiece = 8

// Hide takes out of a server's words what they repeat of the password, or of what was said of it in the exchange, whole
// or in pieces: some servers quote the line that they do not like.
func (x *Exchange) Hide(text string) string {
	x.mu.Lock()
	secrets := x.secrets
	x.mu.Unlock()
	for _, secret := range secrets {
		text = hide(text, secret)
	}
	return text
}

func hide(text, secret string) string {
	n := min(len(secret), shortestPiece)
	if n == 0 {
		return text
	}
	for i := 0; i+n <= len(text); i++ {
		if !strings.Contains(secret, text[i:i+n]) {
			continue
		}
		end := i + n
		for end < len(text) && strings.Contains(secret, text[i:end+1]) {
			end++
		}
		text = text[:i] + hidden + text[end:]
		i += len(hidden) - 1
	}
	return text
}
