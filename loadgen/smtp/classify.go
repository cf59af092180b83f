package smtp

import "strconv"

// A Command is a row of the per-command table: what was sent when the reply
// came.
type Command uint8

// The commands. CmdConnect stands for the connection, which the greeting
// answers, and CmdDOT for the end of mail data.
const (
	CmdConnect Command = iota
	CmdEHLO
	CmdHELO
	CmdLHLO
	CmdSTARTTLS
	CmdAUTH
	CmdMAIL
	CmdRCPT
	CmdDATA
	CmdDOT
	CmdBDAT
	CmdBURL
	CmdRSET
	CmdNOOP
	CmdQUIT
	CmdVRFY
	CmdEXPN
	CmdHELP
	CmdSEND
	CmdSOML
	CmdSAML
	CmdTURN
	CmdETRN
	CmdATRN
	CmdXCLIENT
	CmdXFORWARD
	NumCommands
)

var commandNames = [NumCommands]string{
	"CONNECT", "EHLO", "HELO", "LHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "DOT", "BDAT", "BURL", "RSET",
	"NOOP", "QUIT", "VRFY", "EXPN", "HELP", "SEND", "SOML", "SAML", "TURN", "ETRN", "ATRN", "XCLIENT", "XFORWARD",
}

// String returns the command's verb; "CONNECT" and "DOT" for the two that have
// none.
func (c Command) String() string {
	if c < NumCommands {
		return commandNames[c]
	}
	return "command(" + strconv.Itoa(int(c)) + ")"
}

// A Class is what a code means in answer to one command: the columns of RFC 821
// section 4.3, carried on in RFC 5321 section 4.3.2.
type Class uint8

// The classes.
const (
	Success      Class = iota // S
	Intermediate              // I: the exchange goes on
	Failure                   // F: the server will not, now (4yz) or ever (5yz)
	Error                     // E: the server finds fault with the command
	Tolerated                 // in no RFC's row for the command, but in a later RFC's spirit or common in servers
	Unexpected                // everything else; the first digit decides what to do
	numClasses
)

var classNames = [numClasses]string{"success", "intermediate", "failure", "error", "tolerated", "unexpected"}

// String returns the class's name.
func (c Class) String() string {
	if c < numClasses {
		return classNames[c]
	}
	return "class(" + strconv.Itoa(int(c)) + ")"
}

// Classify returns what code means in answer to cmd. Codes outside 200 to 599
// are Unexpected.
func Classify(cmd Command, code Code) Class {
	i := int(code) - int(minCode)
	if cmd >= NumCommands || uint(i) >= uint(numCodes) {
		return Unexpected
	}
	return classes[cmd][i]
}

// A row holds the codes of one command by class.
type row [Unexpected][]Code

// classes is commandRows spread out for one look-up. Where a row is silent, 421
// may answer anything, and 500 and 501 any command (RFC 5321 section 4.3.2);
// the greeting answers no command.
var classes = func() (table [NumCommands][numCodes]Class) {
	for cmd := range table {
		for i := range table[cmd] {
			table[cmd][i] = Unexpected
		}
		table[cmd][421-minCode] = Error
		if Command(cmd) != CmdConnect {
			table[cmd][500-minCode], table[cmd][501-minCode] = Error, Error
		}
		for class, codes := range commandRows[cmd] {
			for _, code := range codes {
				table[cmd][code-minCode] = Class(class)
			}
		}
	}
	return table
}()

// commandRows is RFC 821 section 4.3 merged with RFC 5321 section 4.3.2 and the
// RFCs of the extensions.
var commandRows = [NumCommands]row{
	CmdConnect:  {Success: {220}, Failure: {421, 554}, Tolerated: {521}},
	CmdEHLO:     {Success: {250}, Failure: {550}, Error: {500, 501, 502, 504, 421}, Tolerated: {554, 451}},
	CmdHELO:     {Success: {250}, Failure: {550}, Error: {500, 501, 504, 421}, Tolerated: {502}},
	CmdLHLO:     {Success: {250}, Failure: {550}, Error: {500, 501, 502, 504, 421}},
	CmdSTARTTLS: {Success: {220}, Failure: {454}, Error: {501, 500, 502, 503, 421}, Tolerated: {554, 530}},
	CmdAUTH:     {Success: {235}, Intermediate: {334}, Failure: {432, 454, 534, 535, 538}, Error: {500, 501, 503, 504, 530, 421}, Tolerated: {523, 524, 525, 422, 550}},
	CmdMAIL:     {Success: {250}, Failure: {451, 452, 552, 550, 553, 455, 555}, Error: {500, 501, 503, 421}, Tolerated: {450, 530, 554}},
	CmdRCPT:     {Success: {250, 251}, Failure: {450, 451, 452, 550, 551, 552, 553, 455, 555}, Error: {500, 501, 503, 421}, Tolerated: {252, 530, 554, 556}},
	CmdDATA:     {Intermediate: {354}, Failure: {451, 554, 450, 550}, Error: {500, 501, 503, 421}, Tolerated: {530, 452}},
	CmdDOT:      {Success: {250}, Failure: {450, 451, 452, 550, 552, 554}, Error: {421}, Tolerated: {353, 553, 555, 500}},
	CmdBDAT:     {Success: {250}, Failure: {450, 451, 452, 550, 552, 554}, Error: {500, 501, 503, 421}, Tolerated: {521, 551, 530}},
	CmdBURL:     {Success: {250}, Failure: {450, 451, 452, 550, 552, 554}, Error: {500, 501, 503, 504, 421}},
	CmdRSET:     {Success: {250}, Error: {500, 501, 504, 421}},
	CmdNOOP:     {Success: {250}, Error: {500, 421}, Tolerated: {501}},
	CmdQUIT:     {Success: {221}, Error: {500, 421}, Tolerated: {501}},
	CmdVRFY:     {Success: {250, 251, 252}, Failure: {550, 551, 553}, Error: {500, 501, 502, 504, 421}, Tolerated: {451, 503}},
	CmdEXPN:     {Success: {250, 252}, Failure: {550}, Error: {500, 501, 502, 504, 421}, Tolerated: {251, 451}},
	CmdHELP:     {Success: {211, 214}, Error: {500, 501, 502, 504, 421}, Tolerated: {250}},
	CmdSEND:     {Success: {250}, Failure: {451, 452, 552}, Error: {500, 501, 502, 421}, Tolerated: {503, 550}},
	CmdSOML:     {Success: {250}, Failure: {451, 452, 552}, Error: {500, 501, 502, 421}, Tolerated: {503, 550}},
	CmdSAML:     {Success: {250}, Failure: {451, 452, 552}, Error: {500, 501, 502, 421}, Tolerated: {503, 550}},
	CmdTURN:     {Success: {250}, Failure: {502}, Error: {500, 503}, Tolerated: {501, 421}},
	CmdETRN:     {Success: {250, 251, 252, 253}, Failure: {458, 459}, Error: {500, 501, 502, 421}, Tolerated: {530, 503}},
	CmdATRN:     {Success: {250}, Failure: {450, 451, 453}, Error: {500, 501, 502, 503, 530, 421}},
	CmdXCLIENT:  {Success: {220}, Failure: {550}, Error: {421, 501, 503}, Tolerated: {250, 500, 502}},
	CmdXFORWARD: {Success: {250}, Failure: {550}, Error: {421, 501, 503}, Tolerated: {500, 502}},
}
