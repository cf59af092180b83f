package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"mailmill/loadgen/sink"
)

// openStore returns where accepted mail goes; nil discards it.
func (o *sinkOptions) openStore() (sink.Store, error) {
	folder, isMaildir := strings.CutPrefix(o.store, "maildir:")
	switch {
	case o.store != "discard" && (!isMaildir || folder == ""):
		return nil, fmt.Errorf("%q is no store; write discard or maildir:FOLDER", o.store)
	case isMaildir && o.deliverExec != "":
		return nil, errors.New("mail goes to a Maildir or to --deliver-exec; leave out one of them")
	case o.deliverExec != "":
		return &sink.Exec{Command: []string{"sh", "-c", o.deliverExec}}, nil
	case isMaildir:
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return nil, err
		}
		return &sink.Maildir{Root: folder}, nil
	}
	return nil, nil
}
