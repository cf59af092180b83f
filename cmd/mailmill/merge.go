package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailmill/profiles"
	"mailmill/results"
	"mailmill/results/check"
)

// mergeOptions are what the command merge takes.
type mergeOptions struct {
	out    string
	format string
	quiet  bool
	strict bool
}

// AddFlags adds the flags of the options.
func (o *mergeOptions) AddFlags(fs *pflag.FlagSet) {
	fs.SortFlags = false
	o.out, o.format = "results/", "text"
	fs.Var(as("FILE|FOLDER", profiles.Text(&o.out)), "out", "Where the merged document goes: a file, a folder, - for stdout in place of the summary, or none. "+
		"In a folder (one that exists, or a name that ends in /) it gets a name of its own.")
	fs.Var(as("text|json", profiles.Choice(&o.format, "text", "json")), "format", "What stdout shows: a summary, or the whole document.")
	addSwitch(fs, &o.quiet, "quiet", "No notes on stderr.")
	addSwitch(fs, &o.strict, "strict", "Exit with 20 for a degraded run too.")
	group(fs, "Merge", "out", "format", "quiet", "strict")
}

func (p *program) mergeCommand() *cobra.Command {
	var o mergeOptions
	cmd := &cobra.Command{
		Use:   "merge FILE FILE...",
		Short: "Make one result of those of several processes",
		Long: "Make one result document of the documents of processes that made one run together, as with run --shard. Counts add, " +
			"histograms add bucket by bucket, extremes combine, and percentiles are computed anew: they are never averaged. The " +
			"verdict is the worst, and the parts stay in the document. Refused are other plans, with the differences, other " +
			"targets, windows that differ by more than a second, a run that is there twice, and a share that is missing. The interval " +
			"logs beside the documents (NAME.hlog) merge into one; without them the seconds of the result have no percentiles. Raw rows " +
			"(NAME.raw.csv) need no merging: one file after the other, without the later headers.",
		Example: "  for m in 0 1 2 3; do\n" +
			"    mailmill run 127.0.0.1:25 --rate 8000/s --duration 1m --shard $m/4 --start-at +3s --out part$m.json --quiet &\n" +
			"  done; wait\n" +
			"  mailmill merge part?.json --out whole.json",
		Args:        atLeastTwo,
		Annotations: map[string]string{exitNote: exitHelp(0, 1, 2, 10, 12, 20, 130)},
		RunE:        func(_ *cobra.Command, args []string) error { return p.runMerge(&o, args) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func atLeastTwo(_ *cobra.Command, args []string) error {
	if len(args) < 2 {
		return usagef("merge takes the documents of two processes or more, and was given %d; see mailmill merge --help", len(args))
	}
	return nil
}

// runMerge merges documents and their logs, holds the sum to what its parts were held
// to, and hands it on as run does.
func (p *program) runMerge(o *mergeOptions, files []string) error {
	sources, err := loadSources(files)
	if err != nil {
		return err
	}
	if err := notAmong(o.out, files); err != nil {
		return err
	}
	out, err := openDestination(o.out)
	if err != nil {
		return err
	}
	document, err := results.Merge(sources)
	if err != nil {
		return usageError{err.Error()}
	}
	document.Run.Argv, document.Run.Tool = p.args, tool()
	beside, err := p.mergeLogs(o, out, document, files)
	if err != nil {
		return err
	}
	document.Checks = checkAnew(document)
	if err := p.publish(document, publication{out, beside, "merged", o.format, o.quiet}); err != nil {
		return err
	}
	return judge(document, o.strict)
}

// loadSources reads the documents; every one that cannot be read is told of.
func loadSources(files []string) ([]results.Source, error) {
	var sources []results.Source
	var wrong error
	for _, file := range files {
		document, err := loadDocument(file)
		wrong = errors.Join(wrong, err)
		sources = append(sources, results.Source{File: file, Document: document})
	}
	return sources, wrong
}

// notAmong refuses to write over a document that is read.
func notAmong(out string, files []string) error {
	there, err := os.Stat(out)
	if err != nil {
		return nil // nothing is there
	}
	for _, file := range files {
		if one, err := os.Stat(file); err == nil && os.SameFile(one, there) {
			return usagef("--out %s is one of the documents that are merged; give another file", quoted(out))
		}
	}
	return nil
}

// mergeLogs merges the interval logs beside the documents, if every one of them has
// one, into one beside the new document.
func (p *program) mergeLogs(o *mergeOptions, out destination, document *results.Document, files []string) (all companions, err error) {
	var logs []results.LogSource
	for _, file := range files {
		name := beside(file, logEnding)
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			if !o.quiet {
				p.note("there is no interval log %s: seconds in which several parts had messages get no percentiles", quoted(name))
			}
			return nil, nil
		}
		if err != nil {
			return nil, usagef("%s: %v", quoted(name), reason(err))
		}
		defer f.Close()
		logs = append(logs, results.LogSource{File: name, Log: results.NewLogReader(f)})
	}
	w := io.Discard
	if out.place() != "" {
		log, err := out.companion(logEnding)
		if err != nil {
			return nil, err
		}
		all, w = companions{log}, log.file
	}
	err = document.MergeLogs(results.NewLogWriter(w), logs)
	if err != nil {
		all.discard()
	}
	if _, wrong := errors.AsType[*results.MergeError](err); wrong {
		return nil, usagef("%v; move the interval logs away to merge without them", err)
	}
	return all, err
}

// checkAnew holds a merged document to the checks of its parts. A check that ended a
// part stays as it was seen then.
func checkAnew(d *results.Document) (all []results.Check) {
	for i := range d.Parts {
		for _, c := range d.Parts[i].Checks {
			at := slices.IndexFunc(all, func(known results.Check) bool { return known.Expression == c.Expression })
			if at < 0 {
				at = len(all)
				all = append(all, anew(c, d))
			}
			if d.Parts[i].Verdict.End == results.EndCheck && c.Status != results.CheckPassed && all[at].Status == results.CheckPassed {
				all[at] = c
			}
		}
	}
	return all
}

// anew evaluates a check over another document. One that this mailmill cannot read
// has no data.
func anew(c results.Check, d *results.Document) results.Check {
	parsed, err := check.Parse(c.Expression)
	if err != nil {
		return results.Check{Expression: c.Expression, Status: results.CheckNoData, Limit: c.Limit, Unit: c.Unit, BuiltIn: c.BuiltIn,
			Words: "no data: " + err.Error()}
	}
	again := parsed.Evaluate(d)
	again.BuiltIn = c.BuiltIn
	return again
}
