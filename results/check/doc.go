// Package check is the small language in which a user says what a run must be
// like, as
//
//	response:p99<250ms
//	replies{step=rcpt,code=4xx}:ratio<0.1%
//	accepted:per_s>=490
//
//	check    := metric selector? ":" aggregate op value unit?
//	selector := "{" key "=" value ("," key "=" value)* "}"
//
// and its evaluation over a result document. Blanks may stand between the parts.
//
// It knows the names of what can be expected and how to tell whether a document
// meets it. It does not know how a run is made, when checks are asked for, or
// what a failed one means for an exit code.
package check
