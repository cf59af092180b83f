package smtp

import "bytes"

// ParseMailArg reads the argument of MAIL, "FROM:<reverse-path> parameters"
// (RFC 5321 section 4.1.1.2). params is what NextParam takes. Blanks before the
// path are tolerated, as by every server. The error is a SyntaxError.
func ParseMailArg(arg []byte, smtputf8 bool) (p Path, params []byte, err error) {
	path, ok := cutKeyword(arg, "FROM:")
	if !ok {
		return Path{}, nil, ErrNoKeyword
	}
	p, rest, err := ParsePath(path, smtputf8)
	if err != nil {
		return Path{}, nil, err
	}
	return withParams(p, rest)
}

// ParseRcptArg reads the argument of RCPT, "TO:<forward-path> parameters"
// (RFC 5321 section 4.1.1.3), as ParseMailArg does.
func ParseRcptArg(arg []byte, smtputf8 bool) (p Path, params []byte, err error) {
	path, ok := cutKeyword(arg, "TO:")
	if !ok {
		return Path{}, nil, ErrNoKeyword
	}
	p, rest, err := ParseForwardPath(path, smtputf8)
	if err != nil {
		return Path{}, nil, err
	}
	return withParams(p, rest)
}

func cutKeyword(arg []byte, upper string) (rest []byte, ok bool) {
	if len(arg) < len(upper) || !equalFold(arg[:len(upper)], upper) {
		return nil, false
	}
	return trimBlanks(arg[len(upper):]), true
}

func withParams(p Path, rest []byte) (Path, []byte, error) {
	if len(rest) > 0 && octets[rest[0]]&blank == 0 {
		return Path{}, nil, ErrAfterPath
	}
	return p, trimBlanks(rest), nil
}

// NextParam takes the next parameter, KEY or KEY=value (RFC 5321 section
// 4.1.2), from params. value is nil where there is none, and ok is false at the
// end and with an error, which is ErrParam. key is as the client wrote it: its
// case means nothing.
func NextParam(params []byte) (key, value []byte, rest []byte, ok bool, err error) {
	params = trimBlanks(params)
	if len(params) == 0 {
		return nil, nil, nil, false, nil
	}
	end := 0
	for end < len(params) && octets[params[end]]&blank == 0 {
		end++
	}
	key, rest = params[:end], params[end:]
	if i := bytes.IndexByte(key, '='); i >= 0 {
		key, value = key[:i], key[i+1:]
		if len(value) == 0 || !all(value, esmtp) {
			return nil, nil, params, false, ErrParam
		}
	}
	if !isKeyword(key) {
		return nil, nil, params, false, ErrParam
	}
	return key, value, rest, true, nil
}

// isKeyword tells whether key is letters, digits and, but for the first, hyphens.
func isKeyword(key []byte) bool {
	if len(key) == 0 || key[0] == '-' {
		return false
	}
	for _, c := range key {
		if octets[c]&letDig == 0 && c != '-' {
			return false
		}
	}
	return true
}

// MaxChunk is the largest chunk size that ParseBDAT takes, in octets. Any
// number of chunks that a session could send adds up without overflow.
const MaxChunk = 1 << 50

// ParseBDAT reads the argument of BDAT, "size" or "size LAST" (RFC 3030 section
// 2). size is decimal digits only. The error is ErrChunk or ErrChunkTooLarge;
// after either the length of what follows is unknown.
func ParseBDAT(arg []byte) (size int64, last bool, err error) {
	end := 0
	for ; end < len(arg) && arg[end]-'0' <= 9; end++ {
		if size = size*10 + int64(arg[end]-'0'); size > MaxChunk {
			return 0, false, ErrChunkTooLarge
		}
	}
	if end == 0 {
		return 0, false, ErrChunk
	}
	if end == len(arg) {
		return size, false, nil
	}
	if octets[arg[end]]&blank == 0 || !equalFold(trimBlanks(arg[end:]), "LAST") {
		return 0, false, ErrChunk
	}
	return size, true, nil
}
