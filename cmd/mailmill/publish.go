package main

import (
	"path/filepath"
	"strings"

	"mailmill/profiles"
	"mailmill/report"
	"mailmill/results"
)

// publish saves the document and shows it on stdout.
func (p *program) publish(o *runOptions, out destination, plan profiles.Plan, document *results.Document) error {
	path, err := out.save(document, label(plan))
	if err != nil {
		return err
	}
	format := o.format
	if out.stdout {
		format = "json"
	}
	if format == "json" && path != "" && !o.quiet {
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
