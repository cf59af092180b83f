package main

import (
	"path/filepath"
	"strings"

	"mailmill/profiles"
	"mailmill/report"
	"mailmill/results"
)

// A publication says where a document goes, with what beside it, and how it is shown.
type publication struct {
	out    destination
	beside companions
	label  string // in its name
	format string
	quiet  bool
}

// publish saves the document and what lies beside it, and shows it on stdout.
func (p *program) publish(document *results.Document, how publication) error {
	path, err := how.out.save(document, how.label)
	if err != nil {
		how.beside.discard()
		return err
	}
	if err := how.beside.keep(path); err != nil {
		return err
	}
	format := how.format
	if how.out.stdout {
		format = "json"
	}
	if format == "json" && path != "" && !how.quiet {
		p.note("the result is in %s", path) // the text says so itself
	}
	return p.show(document, format, path)
}

// show writes a document to stdout in one of the formats of --format. path is
// where it is stored.
func (p *program) show(document *results.Document, format, path string) error {
	if format == "json" {
		return report.JSON(p.stdout, document)
	}
	screen := screenOf(p.stdout, p.environ)
	return report.Text(p.stdout, document, report.Options{Width: screen.width(), Color: screen.color, Path: path})
}

// label is what a document is called besides its time: the profile, or "run".
func label(plan profiles.Plan) string {
	if plan.Profile == "" {
		return "run"
	}
	return strings.TrimSuffix(filepath.Base(plan.Profile), filepath.Ext(plan.Profile))
}
