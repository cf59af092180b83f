package sink

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Maildir is a store with a Maildir for each recipient, Root/ADDRESS/{tmp,new,cur}.
// A message is written to tmp and appears in new by a rename, so that a reader
// never sees half of it (https://cr.yp.to/proto/maildir.html). It is not synced to
// the disk: the figures are to be those of the server under test.
type Maildir struct {
	Root string
	// Verbatim keeps the line ends as sent, CR LF. Else they become the LF that readers
	// of a Maildir expect, and a LF that was sent on its own cannot be told from them.
	Verbatim bool

	made    sync.Map // folder → nothing: those that exist
	folders atomic.Int64
	number  atomic.Uint64
}

// maxFolders bounds the folders remembered to exist; past it they are looked for anew.
const maxFolders = 100_000

// Check says what is missing.
func (d *Maildir) Check() error {
	if d.Root == "" {
		return errors.New("Maildir: no folder to store in")
	}
	return nil
}

// Deliver implements Store. Where one of several recipients cannot be given the
// message, it is answered 451, and the others have it all the same.
func (d *Maildir) Deliver(_ context.Context, m *Message) Verdict {
	for _, recipient := range m.Recipients {
		err := d.deliver(m, recipient, time.Now())
		if errors.Is(err, fs.ErrNotExist) { // the folder was removed since it was made
			d.made.Clear()
			err = d.deliver(m, recipient, time.Now())
		}
		if err != nil {
			return TryLater("Maildir: " + plainError(err))
		}
	}
	return Stored()
}

// plainError leaves paths of this machine out of what clients are told.
func plainError(err error) string {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}

func (d *Maildir) deliver(m *Message, recipient string, now time.Time) error {
	folder := filepath.Join(d.Root, folderName(recipient))
	if err := d.make(folder); err != nil {
		return err
	}
	name := d.uniqueName(now, m.Hostname)
	tmp := filepath.Join(folder, "tmp", name)
	if err := d.write(tmp, m, recipient, now); err != nil {
		os.Remove(tmp)
		return err
	}
	return os.Rename(tmp, filepath.Join(folder, "new", name))
}

func (d *Maildir) make(folder string) error {
	if _, known := d.made.Load(folder); known {
		return nil
	}
	for _, part := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(folder, part), 0o700); err != nil {
			return err
		}
	}
	if d.folders.Add(1) > maxFolders {
		d.made.Clear()
		d.folders.Store(1)
	}
	d.made.Store(folder, nil)
	return nil
}

// uniqueName is the time, the process, a number and the host: no two deliveries
// ever share it. "/" and ":" have meanings in a Maildir.
func (d *Maildir) uniqueName(now time.Time, host string) string {
	host = strings.NewReplacer("/", `\057`, ":", `\072`).Replace(host)
	return fmt.Sprintf("%d.M%06dP%dQ%d.%s", now.Unix(), now.Nanosecond()/1000, os.Getpid(), d.number.Add(1), host)
}

func (d *Maildir) write(path string, m *Message, recipient string, now time.Time) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, largeChunk)
	var out io.Writer = w
	if !d.Verbatim {
		out = &localLines{w: w}
	}
	_, err = out.Write(m.appendTrace(nil, recipient, now))
	if err == nil {
		_, err = io.Copy(out, m.Content())
	}
	return errors.Join(err, w.Flush(), file.Close())
}

// appendTrace appends what a server adds on top at delivery: Return-Path
// (RFC 5321 section 4.4), Delivered-To and Received, with CR LF.
func (m *Message) appendTrace(dst []byte, recipient string, now time.Time) []byte {
	return fmt.Appendf(dst, "Return-Path: <%s>\r\nDelivered-To: %s\r\n"+
		"Received: from %s ([%s])\r\n\tby %s with %s id %s\r\n\tfor <%s>; %s\r\n",
		m.ReversePath, recipient, orUnknown(m.HELO), literal(m.Client), m.Hostname, m.Protocol, m.ID,
		recipient, now.Format(time.RFC1123Z))
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// literal is an address as it stands in an address literal (RFC 5321 section 4.1.3).
func literal(address string) string {
	if strings.Contains(address, ":") {
		return "IPv6:" + address
	}
	return address
}

// localLines writes CR LF as LF. A CR on its own stays.
type localLines struct {
	w  *bufio.Writer
	cr bool // a CR is held back
}

// Write implements io.Writer.
func (l *localLines) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if l.cr && rest[0] != '\n' {
			l.w.WriteByte('\r')
		}
		i := bytes.IndexByte(rest, '\r')
		if l.cr = i >= 0; !l.cr {
			_, err := l.w.Write(rest)
			return len(p), err
		}
		l.w.Write(rest[:i]) // a bufio.Writer keeps its error for the last Write
		rest = rest[i+1:]
	}
	return len(p), nil
}
