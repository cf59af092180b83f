package message

import "time"

// dateLength is the length of a date-time of RFC 5322 section 3.3 in the years
// 1000 to 9999.
const dateLength = len("Mon, 02 Jan 2006 15:04:05 +0000")

const (
	weekdays = "SunMonTueWedThuFriSat"
	months   = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// appendDate appends the date-time of a second since 1970. It is in UTC, so that
// messages do not depend on the zone of the machine that makes them.
//
// time.Time.AppendFormat would read its layout again for every message; this
// takes about a fifth of its time.
func appendDate(dst []byte, second int64) []byte {
	t := time.Unix(second, 0).UTC()
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	weekday := 3 * int(t.Weekday())
	dst = append(dst, weekdays[weekday:weekday+3]...)
	dst = append(dst, ", "...)
	dst = appendTwo(dst, day)
	dst = append(dst, ' ')
	dst = append(dst, months[3*month-3:3*month]...)
	dst = append(dst, ' ')
	dst = appendTwo(dst, year/100)
	dst = appendTwo(dst, year%100)
	dst = append(dst, ' ')
	dst = appendTwo(dst, hour)
	dst = append(dst, ':')
	dst = appendTwo(dst, minute)
	dst = append(dst, ':')
	dst = appendTwo(dst, sec)
	return append(dst, " +0000"...)
}

// appendTwo appends n (0 to 99) as two digits.
func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10%10), byte('0'+n%10))
}
