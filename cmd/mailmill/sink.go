package main

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailmill/loadgen/sink"
	"mailmill/profiles"
)

// sinkOptions are what the command sink takes.
type sinkOptions struct {
	listen                                         []string
	hostname                                       string
	domains, users, behaviours                     []string
	quota, maxSize                                 int
	maxRecipients, maxSessions, maxErrors, maxLine int
	timeout                                        time.Duration
	lenientLines, refuseLoneLF                     bool
	seed                                           uint64
	store, deliverExec                             string
	exitAfter                                      int64
	counters                                       string
	countersEvery                                  time.Duration
	transport                                      string
	loops                                          int
	spin                                           bool
	protocolOptions
}

func (p *program) sinkCommand() *cobra.Command {
	var o sinkOptions
	cmd := &cobra.Command{
		Use:   "sink",
		Short: "Take mail as a server that does what it is told",
		Long: "Listen for SMTP or LMTP and take mail: discard it or store it, and delay or refuse it where told to. It ends with " +
			"Ctrl-C or after --exit-after messages, and prints what it counted.",
		Example: "  mailmill sink\n" +
			"  mailmill sink --listen 127.0.0.1:0 --behave 'rcpt: 450 4.2.1 Mailbox busy 5%' --behave 'accept: delay 20ms'\n" +
			"  mailmill sink --tls self-signed --auth-users users.txt --require-auth\n" +
			"  mailmill sink --domain example.com --user 'full@example.com quota 1000000' --store maildir:/tmp/mail",
		Args:        noArguments,
		Annotations: map[string]string{exitNote: exitHelp(0, 1, 2)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return p.runSink(cmd.Context(), &o) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags adds the flags of the options.
func (o *sinkOptions) AddFlags(fs *pflag.FlagSet) {
	fs.SortFlags = false
	o.setDefaults()
	o.addListening(fs)
	o.addProtocol(fs)
	o.addSecurity(fs)
	o.addMailboxes(fs)
	o.addLimits(fs)
	o.addBehaviour(fs)
	o.addCounting(fs)
}

func (o *sinkOptions) setDefaults() {
	*o = sinkOptions{
		hostname: "localhost", maxSize: sink.DefaultMaxSize, maxRecipients: sink.DefaultMaxRecipients,
		maxSessions: sink.DefaultMaxSessions, maxLine: sink.DefaultMaxLine, timeout: sink.DefaultTimeout,
		seed: 1, store: "discard", counters: "text", transport: "auto",
	}
}

func (o *sinkOptions) addListening(fs *pflag.FlagSet) {
	fs.Var(as("ADDR", profiles.Texts(&o.listen, ",")), "listen", "Address to listen on, IP:PORT or unix:PATH; port 0 takes a free one. Repeatable. "+
		"Without it 127.0.0.1:2525, and [::1]:2525 where there is IPv6.")
	fs.Var(as("NAME", profiles.Text(&o.hostname)), "hostname", "Name that the sink gives in its replies.")
	fs.Var(as("NAME", profiles.Choice(&o.transport, "auto", "epoll", "goroutines")), "transport",
		"What moves the octets: epoll (event loops, Linux), goroutines (every system), or auto, the fastest one here.")
	fs.Var(as("N", profiles.Number(&o.loops)), "loops", "Event loops; 0 lets mailmill choose.")
	addSwitch(fs, &o.spin, "spin", "Poll without ever sleeping: less jitter for a whole processor per loop.")
	group(fs, "Listening", "listen", "hostname", "transport", "loops", "spin")
	separated(fs, ",", "listen")
}

func (o *sinkOptions) addMailboxes(fs *pflag.FlagSet) {
	fs.Var(as("DOMAIN", profiles.Texts(&o.domains, ",")), "domain", "Take mail for this domain only; repeatable. Without it for all.")
	fs.Var(as("USER", profiles.Texts(&o.users, "\n")), "user", "Take mail for this user only; repeatable: 'ADDRESS', 'ADDRESS quota OCTETS', "+
		"'ADDRESS 251 OTHER' (forwarded) or 'ADDRESS 551 OTHER' (moved).")
	fs.Var(as("SIZE", profiles.Size(&o.quota)), "quota", "Content in octets (4k, 1MiB) that the mailbox of each --user holds before 552; 0 is no limit.")
	fs.Var(as("STORE", profiles.Text(&o.store)), "store", "Where accepted mail goes: discard, or maildir:FOLDER with a Maildir for each recipient.")
	fs.Var(as("CMD", profiles.Text(&o.deliverExec)), "deliver-exec", "Run this shell command for each message, with the content as its standard input and the envelope in its environment "+
		"(SENDER, RECIPIENTS, CLIENT_ADDRESS, HELO, SUBJECT, SIZE). Exit code 0 is 250, 75 is 451, any other 554.")
	group(fs, "Mailboxes", "domain", "user", "quota", "store", "deliver-exec")
	separated(fs, ",", "domain")
	separated(fs, "\n", "user")
}

func (o *sinkOptions) addLimits(fs *pflag.FlagSet) {
	fs.Var(as("SIZE", profiles.Size(&o.maxSize)), "max-size", "Longest content, in octets (4k, 1MiB); 0 is no limit.")
	fs.Var(as("N", profiles.Number(&o.maxRecipients)), "max-recipients", "Recipients of a mail transaction at most; 0 is no limit.")
	fs.Var(as("N", profiles.Number(&o.maxRecipientDomains)), "max-recipient-domains", "Different domains of recipients in a session at most, which LIMITS announces as RCPTDOMAINMAX; 0 is no limit.")
	fs.Var(as("N", profiles.Number(&o.maxSessions)), "max-sessions", "Sessions open at the same time at most; further ones get 421. 0 is no limit.")
	fs.Var(as("N", profiles.Number(&o.maxErrors)), "max-errors", "End a session with 421 after so many replies of 5yz; 0 is never.")
	fs.Var(as("N", profiles.Number(&o.maxLine)), "max-line", "Longest command line, in octets with its line end.")
	fs.Var(as("D", profiles.Duration(&o.timeout)), "timeout", "Longest wait for the next command or block of content, and for a reply to be taken.")
	addSwitch(fs, &o.lenientLines, "lenient-lines", "Take a lone LF as the end of a command line, as old servers do.")
	addSwitch(fs, &o.refuseLoneLF, "refuse-lone-lf", "Refuse content with a CR or LF on its own with 550.")
	fs.Var(as("N", profiles.Number(&o.maxSessionsPerSource)), "max-sessions-per-source", "Sessions open at the same time from one address at most; 0 is no limit.")
	fs.Var(as("N", profiles.Number(&o.maxAccepted)), "max-accepted", "Connections that are accepted at the same time at most; further ones wait in the system's queue, unanswered, as with a server that has run out of processes. 0 is no limit.")
	fs.Var(as("N", profiles.Number(&o.acceptQueue)), "accept-queue", "Connections that may wait in that queue (Linux; one more on each event loop): beyond them an attempt to connect has no answer at all. 0 is as many as the system allows.")
	fs.Var(as("N", profiles.Number(&o.maxTransactions)), "max-transactions", "Mail transactions of a session at most; 0 is no limit.")
	fs.Var(as("N", profiles.Number(&o.maxReceived)), "max-received", "Received fields of a message at most, beyond which it is refused as a loop; 0 is no limit.")
	group(fs, "Limits", "max-size", "max-recipients", "max-recipient-domains", "max-sessions", "max-sessions-per-source", "max-accepted", "accept-queue", "max-transactions", "max-received", "max-errors", "max-line", "timeout", "lenient-lines", "refuse-lone-lf")
}

func (o *sinkOptions) addBehaviour(fs *pflag.FlagSet) {
	fs.Var(as("RULE", profiles.Texts(&o.behaviours, "\n")), "behave", behaveHelp)
	fs.Var(as("N", profiles.Number(&o.seed)), "seed", "Seed of what is drawn; the same seed misbehaves alike.")
	o.addScript(fs)
	group(fs, "Behaviour", "behave", "seed")
	separated(fs, "\n", "behave")
}

// behaveHelp is the grammar of package sink in brief.
const behaveHelp = "Misbehave by the rule 'STEP: DEED [LIMIT…]'; repeatable. DEED is, in the place of the reply, another one ('450 4.2.1 Busy'), " +
	"'early' and one that comes before the command is complete, drop, reset, silence, deaf (reads no more), endless (at auth), garbage or " +
	"'certificate expired|untrusted|wrong-name' (at tls); in front of it 'delay D' or 'delay D..D'; or, of its manner, twice, omit, close (behind it), break (so, with RST), " +
	"split (octet by octet), 'dribble D' (so, with pauses), bare-code, bad-code, mixed-codes, lf-only, long-line, not-smtp, nul. " +
	"LIMIT is 'for *@example.com', 'above 100/s' (more than a second's worth at once, or that rate for longer), " +
	"'above 100/s per source', 'first N', 'every N' or odds such as 5%."

func (o *sinkOptions) addCounting(fs *pflag.FlagSet) {
	fs.Var(as("N", profiles.Number(&o.exitAfter)), "exit-after", "End after so many messages, when the reply to the last one has left; 0 is never.")
	fs.Var(as("N", profiles.Number(&o.exitAfterSessions)), "exit-after-sessions", "End after so many sessions have ended; 0 is never.")
	fs.Var(as("FILE", profiles.Text(&o.log)), "log", "Append a line to this file for each message that has come: time, client, envelope, size and reply.")
	fs.Var(as("text|json", profiles.Choice(&o.counters, "text", "json")), "counters", "What stdout shows: lines of words, or a JSON object per line.")
	fs.Var(as("D", profiles.Duration(&o.countersEvery)), "counters-every", "Print the counters at this interval too; 0 is at the end only.")
	group(fs, "Counting", "exit-after", "exit-after-sessions", "log", "counters", "counters-every")
}
