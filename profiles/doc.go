// Package profiles knows every setting of a run: its name, default, unit, check
// and place in the [Plan].
//
// One table, [Settings], is the source of the command line's flags, of the
// MAILMILL_ environment variables, of the keys of a profile and of the help.
// [Load] reads all three and returns a plan, or everything that is wrong with
// them at once. Profiles that come with mailmill are the .yaml files of this
// folder.
//
// The package does not know how a plan is carried out: it opens no connection,
// and no name in it is resolved.
package profiles
