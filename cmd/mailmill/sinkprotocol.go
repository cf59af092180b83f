package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"mailmill/loadgen/sink"
	"mailmill/profiles"
)

// protocolOptions are what the sink speaks, and to whom.
type protocolOptions struct {
	lmtp, proxy, prdr                                  bool
	without, trusted                                   []string
	tls, clientCA                                      string
	implicitTLS, requireTLS                            bool
	authUsers                                          string
	mechanisms                                         []string
	requireAuth, authInClear, authAny                  bool
	tlsMin, tlsMax                                     string
	tlsCiphers                                         []string
	maxRecipientDomains                                int
	rejectEarlyTalkers                                 bool
	greetDelay                                         time.Duration
	script, log                                        string
	maxSessionsPerSource, maxTransactions, maxReceived int
	maxAccepted, acceptQueue                           int
	replyByAddress                                     bool
	behaveInTime                                       sink.Script // its Greylist and Tarpit
	exitAfterSessions                                  int64
}

func (o *protocolOptions) addProtocol(fs *pflag.FlagSet) {
	addSwitch(fs, &o.lmtp, "lmtp", "Speak LMTP instead of SMTP: LHLO, and a reply to each recipient.")
	fs.Var(as("NAME", profiles.Texts(&o.without, ",")), "without", "Leave this extension out of the EHLO reply, and refuse what belongs to it; repeatable: "+
		"PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, ENHANCEDSTATUSCODES, CHUNKING, BINARYMIME, LIMITS, VRFY, EXPN, HELP, STARTTLS, AUTH, XCLIENT, XFORWARD.")
	addSwitch(fs, &o.prdr, "prdr", "Offer PRDR, as Exim does: on request, a reply to each recipient after the content, and then one to the message.")
	addSwitch(fs, &o.proxy, "proxy", "Expect a PROXY header, version 1 or 2, in front of every connection, and close those without.")
	fs.Var(as("PREFIX", profiles.Texts(&o.trusted, ",")), "trust", "Addresses whose XCLIENT, XFORWARD and PROXY are believed, such as 10.0.0.0/8; repeatable. Without it those of this machine.")
	group(fs, "Protocol", "lmtp", "without", "prdr", "proxy", "trust")
	separated(fs, ",", "without", "trust")
}

func (o *protocolOptions) addSecurity(fs *pflag.FlagSet) {
	fs.Var(as("self-signed|CERT,KEY", profiles.Text(&o.tls)), "tls", "Offer STARTTLS with a certificate made now, or with this certificate and key (PEM files).")
	addSwitch(fs, &o.implicitTLS, "implicit-tls", "Shake hands before the greeting instead of offering STARTTLS.")
	addSwitch(fs, &o.requireTLS, "require-tls", "Answer 530 to nearly everything before TLS.")
	fs.Var(as("VERSION", profiles.Choice(&o.tlsMin, tlsVersions...)), "tls-min", "Lowest version of TLS that is accepted: 1.0, 1.1, 1.2 or 1.3.")
	fs.Var(as("VERSION", profiles.Choice(&o.tlsMax, tlsVersions...)), "tls-max", "Highest version of TLS that is accepted.")
	fs.Var(as("SUITE", profiles.Texts(&o.tlsCiphers, ",")), "tls-cipher", "Accept this cipher suite only, by its IANA name; repeatable. Up to TLS 1.2; those of TLS 1.3 are not chosen.")
	fs.Var(as("FILE", profiles.Text(&o.clientCA)), "tls-client-ca", "Ask clients for a certificate, verify it against these authorities (PEM), and offer them AUTH EXTERNAL.")
	fs.Var(as("FILE", profiles.Text(&o.authUsers)), "auth-users", "Offer AUTH to these users: user:password a line. The password is the token of XOAUTH2 and OAUTHBEARER too.")
	addSwitch(fs, &o.authAny, "auth-any", "Offer AUTH, and let in anybody with any password. Without --auth-users there is no SCRAM, for which the server has to know it.")
	fs.Var(as("NAME", profiles.Texts(&o.mechanisms, ",")), "auth-mechanism", "Offer this mechanism only; repeatable: PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256, XOAUTH2, OAUTHBEARER, EXTERNAL.")
	addSwitch(fs, &o.requireAuth, "require-auth", "Answer 530 to mail before AUTH.")
	addSwitch(fs, &o.authInClear, "auth-in-clear", "Let passwords come in clear from other machines too, not only from this one.")
	group(fs, "TLS and AUTH", "tls", "implicit-tls", "require-tls", "tls-min", "tls-max", "tls-cipher", "tls-client-ca",
		"auth-users", "auth-any", "auth-mechanism", "require-auth", "auth-in-clear")
	separated(fs, ",", "auth-mechanism", "tls-cipher")
}

func (o *protocolOptions) addScript(fs *pflag.FlagSet) {
	fs.Var(as("FILE", profiles.Text(&o.script)), "script", "Behave as this YAML file says: keys behave, users, greylist, tarpit, reply-by-address, and domains with a behave of their own. Flags win.")
	addSwitch(fs, &o.replyByAddress, "reply-by-address", "Answer MAIL and RCPT as the local-part says: tempfail, permfail, drop, reset, silence, or 550_5.1.1; what follows a + means nothing.")
	fs.Var(as("D", profiles.Duration(&o.behaveInTime.Greylist)), "greylist", "Defer a client, sender and recipient that come together for the first time with 450, until this has passed; 0 is never.")
	fs.Var(as("D", profiles.Duration(&o.behaveInTime.Tarpit)), "tarpit", "Delay each command by this for each 5yz reply before it, up to 30s; 0 is never.")
	fs.Var(as("D", profiles.Duration(&o.greetDelay)), "greet-delay", "Wait this long before the greeting.")
	addSwitch(fs, &o.rejectEarlyTalkers, "reject-early-talkers", "Answer 554 to a client that speaks before the greeting, and close; with --greet-delay, so that it shows.")
	group(fs, "Behaviour", "greet-delay", "reject-early-talkers", "script", "reply-by-address", "greylist", "tarpit")
}

// addTo puts the options into c.
func (o *protocolOptions) addTo(c *sink.Config, wrong *mistakes) {
	c.LMTP, c.Proxy, c.PRDR = o.lmtp, o.proxy, o.prdr
	c.ImplicitTLS, c.RequireTLS = o.implicitTLS, o.requireTLS
	c.Mechanisms, c.RequireAuth, c.AuthInClear = o.mechanisms, o.requireAuth, o.authInClear
	c.MaxSessionsPerSource, c.MaxTransactions = o.maxSessionsPerSource, o.maxTransactions
	c.MaxReceived = o.maxReceived
	c.MaxAccepted = o.maxAccepted
	c.ExitAfterSessions = o.exitAfterSessions
	c.AuthAny, c.MaxRecipientDomains = o.authAny, o.maxRecipientDomains
	c.RejectEarlyTalkers, c.GreetDelay = o.rejectEarlyTalkers, o.greetDelay
	for _, name := range o.without {
		e, err := sink.ParseExtension(name)
		wrong.add("--without", err)
		c.Without |= e
	}
	for _, text := range o.trusted {
		p, err := parsePrefix(text)
		wrong.add("--trust", err)
		c.Trusted = append(c.Trusted, p)
	}
	var err error
	c.TLS, err = o.serverTLS(c.Hostname)
	wrong.add("--tls", err)
	c.Accounts, err = o.accounts()
	wrong.add("--auth-users", err)
	wrong.add("--script", o.addScriptTo(c))
	if o.log != "" {
		file, err := os.OpenFile(o.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		wrong.add("--log", err)
		if err == nil {
			c.Log = file
		}
	}
}

// parsePrefix reads addresses as a prefix, or one alone.
func parsePrefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no address and no prefix such as 10.0.0.0/8", text)
	}
	return p, nil
}

func (o *protocolOptions) accounts() ([]sink.Account, error) {
	if o.authUsers == "" {
		return nil, nil
	}
	file, err := os.Open(o.authUsers)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.Contains(o.authUsers, ":") && filepath.VolumeName(o.authUsers) == "":
		return nil, errors.New("what it is given is no file: write user:password into one, and give its name") // and nothing of it is told
	case err != nil:
		return nil, err
	}
	defer file.Close()
	all, err := sink.ReadAccounts(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s, %w", o.authUsers, err)
	case len(all) == 0:
		return nil, fmt.Errorf("%s has no user", o.authUsers)
	}
	return all, nil
}

// addScriptTo puts the script behind what flags say.
func (o *protocolOptions) addScriptTo(c *sink.Config) error {
	var s sink.Script
	if o.script != "" {
		text, err := os.ReadFile(o.script)
		if err != nil {
			return err
		}
		if s, err = sink.ParseScript(text); err != nil {
			return inFile(o.script, err)
		}
	}
	c.Behaviours = append(c.Behaviours, s.Behaviours...)
	c.Users = append(c.Users, s.Users...)
	c.DomainBehaviours = s.Domains
	c.ReplyByAddress = o.replyByAddress || s.ReplyByAddress
	c.Greylist, c.Tarpit = s.Greylist, s.Tarpit
	if o.behaveInTime.Greylist != 0 {
		c.Greylist = o.behaveInTime.Greylist
	}
	if o.behaveInTime.Tarpit != 0 {
		c.Tarpit = o.behaveInTime.Tarpit
	}
	return nil
}

// inFile puts the file's name in front of each line of an error.
func inFile(name string, err error) error {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = name + ", " + lines[i]
	}
	return errors.New(strings.Join(lines, "\n"))
}
