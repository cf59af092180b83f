"""What a server may offer, and how mailmill run is made to use it: the rows of the matrix."""

import dataclasses

# Every message has this body unless a feature says otherwise: lines that begin with dots are where the transparency of DATA
# and its absence in BDAT show.
BODY = b".\r\n..\r\n.dot\r\n" + b"A line of a message that a real server stores.\r\n" * 20 + b".\r\n"
EIGHT_BIT = "Grüße, ein Satz mit acht Bit.\r\n".encode() * 5
# Every octet but the two that end lines, in one line that is longer than text may have.
BINARY = bytes(o for o in range(256) if o not in b"\r\n") * 5 + b"\r\n"

# Addresses that only documentation may use (RFC 5737, RFC 3849): no server knows them but by what a client claims.
CLAIMED = "198.51.100.77"
CLIENT = ("--client-addr", f"{CLAIMED}/32")


@dataclasses.dataclass(frozen=True)
class Feature:
    """A row: flags for mailmill run, and what must then be seen.

    place is which of a server's listeners is used; keyword is what the server announces in EHLO where it offers the feature.
    tells names the facts that a server's log or mail must state for each message (see servers.py), with what they state; of
    several values each for some message.
    steps are the steps of the document with the reply codes that they must have had, in every message or session.
    dialogue are patterns that the transcript must match; a pattern that begins with ! must not match.
    """
    name: str
    place: str = "plain"
    keyword: str = ""
    flags: tuple = ()
    tells: dict = dataclasses.field(default_factory=dict)
    steps: dict = dataclasses.field(default_factory=dict)
    dialogue: tuple = ()
    body: bytes = BODY
    sender: str = "sender@example.com"
    recipients: int = 1  # of each message, that are accepted
    unknown: int = 0  # and that are not
    refused: str = ""  # the step at which every message is refused, if it is to be
    withheld: str = ""  # why no message is sent, if none is to be: it stands in the fault of each
    tls: str = ""  # the version of TLS that the document must show, if it is not 1.3
    unusable: str = ""  # why the run does not begin, if it must not: what mailmill says of the target
    messages: int = 6
    needs: str = ""  # a fact without which there is nothing to be seen: a server that does not tell it does not offer the feature


def auth(mechanism):
    return Feature(f"AUTH {mechanism}", "auth", f"AUTH .*{mechanism}", ("--auth", mechanism, "--auth-users", "{users}"),
                   {"login": mechanism}, {"auth": (235, 334)})


BEFORE = ("--before", "mail:noop", "--before", "mail:vrfy", "--before", "mail:expn", "--before", "mail:help")
KNOWN_OR_NOT = (211, 214, 250, 252, 500, 501, 502, 550)  # many servers do not say who is there

PIPELINED = r"(?s)C: MAIL FROM[^\n]*\n[^\n]*C: RCPT TO"

# Not a run: the one row that shows what mailmill probe finds.
PROBE = Feature("mailmill probe", "starttls")

FEATURES = (
    PROBE,
    Feature("plain session", steps={"data": (354,), "accept": (250,)}),
    Feature("500 messages, 10 sessions", messages=500, flags=("--concurrency", "10", "--messages-per-session", "50")),
    Feature("500 messages, all at once", "auth", "CHUNKING", messages=500, recipients=2,
            flags=("--concurrency", "10", "--messages-per-session", "50", "--auth", "PLAIN", "--auth-users", "{users}", "--pipeline", "--bdat", "300"),
            tells={"login": "PLAIN", "tls": "1.3", "pipelined": "", "chunked": ""}),
    Feature("IPv6", "ipv6", tells={"client": "::1"}),
    Feature("LMTP", "lmtp", steps={"lhlo": (250,)}, recipients=3),
    Feature("LMTP by UNIX socket", "unix", steps={"lhlo": (250,)}, recipients=3),
    Feature("2 servers, in turn", "ipv6", flags=("--target", "{plain}"), tells={"client": ("::1", "127.0.0.1")}),
    Feature("3 recipients each", recipients=3),
    Feature("1 of 3 recipients unknown", recipients=2, unknown=1,
            flags=("--to", "{tag}+{{n}}@kept.example.com,{tag}+{{n}}@kept.example.com,nobody{{n}}@kept.example.com")),
    Feature("unknown recipients", flags=("--to", "nobody{{n}}@kept.example.com"), refused="rcpt"),
    Feature("STARTTLS, TLS 1.3", "starttls", "STARTTLS", ("--tls-min", "1.3"), {"tls": "1.3"}, {"starttls": (220,)}),
    Feature("STARTTLS, TLS 1.2", "starttls", "STARTTLS", ("--tls-max", "1.2"), {"tls": "1.2"}, {"starttls": (220,)}, tls="1.2"),
    Feature("TLS from the begin", "tls", "", (), {"tls": "1.3"}),
    Feature("TLS resumption", "resume", "", ("--tls-resume", "100%", "--messages-per-session", "1", "--concurrency", "1"), {"resumed": ""}),
    Feature("client certificate", "starttls", "STARTTLS", ("--tls-cert", "{folder}/tls/client.pem", "--tls-key", "{folder}/tls/client.key"),
            {"subject": "anna"}, needs="subject"),
    *(auth(mechanism) for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER")),
    Feature("AUTH EXTERNAL", "auth", "AUTH .*EXTERNAL",
            ("--auth", "EXTERNAL", "--auth-users", "{first}", "--tls-cert", "{folder}/tls/client.pem", "--tls-key", "{folder}/tls/client.key"),
            {"login": "EXTERNAL"}, {"auth": (235, 334)}),
    Feature("login after XCLIENT", "auth", "XCLIENT", ("--auth", "PLAIN", "--auth-users", "{users}", "--xclient", "ADDR", *CLIENT),
            {"client": CLAIMED, "login": "PLAIN"}, {"xclient": (220,)}),
    Feature("PIPELINING", "plain", "PIPELINING", ("--pipeline",), {"pipelined": ""}, dialogue=(PIPELINED,), recipients=2),
    Feature("PIPELINING under TLS", "starttls", "PIPELINING", ("--pipeline",), {"pipelined": "", "tls": "1.3"}, dialogue=(PIPELINED,)),
    Feature("CHUNKING, one BDAT", "plain", "CHUNKING", ("--bdat", "1M"), {"chunked": ""}, dialogue=("!C: DATA", r"C: BDAT \d+ LAST")),
    Feature("CHUNKING, BDAT of 100 octets", "plain", "CHUNKING", ("--bdat", "100"), {"chunked": ""}, {"bdat": (250,)},
            ("!C: DATA", r"C: BDAT 100\n", r"C: BDAT \d+ LAST")),
    Feature("CHUNKING, pipelined", "plain", "CHUNKING", ("--bdat", "100", "--pipeline"), {"chunked": ""}, {"bdat": (250,)}, ("!C: DATA",)),
    Feature("BINARYMIME", "plain", "BINARYMIME", ("--binary", "--bdat", "100"), {"body": "BINARYMIME"}, {"bdat": (250,)},
            (r"MAIL FROM:.* BODY=BINARYMIME",), body=BINARY),
    Feature("8BITMIME", "plain", "8BITMIME", (), {"body": "8BITMIME"}, dialogue=(r"MAIL FROM:.* BODY=8BITMIME",), body=EIGHT_BIT),
    Feature("SMTPUTF8", "plain", "SMTPUTF8", (), {"utf8": ""}, dialogue=(r"MAIL FROM:<grüße@.* SMTPUTF8",), sender="grüße@example.com"),
    Feature("SIZE, too large", "plain", r"SIZE \d+", ("--size", "2M"), refused="mail", dialogue=(r"MAIL FROM:.* SIZE=20\d{5}",), body=b""),
    Feature("DSN", "plain", "DSN", ("--dsn", "notify=success", "--dsn", "ret=hdrs", "--dsn", "envid=mill{{n}}", "--dsn", "orcpt={{rcpt}}"), {"dsn": ""},
            dialogue=(r"MAIL FROM:.* RET=HDRS", r"MAIL FROM:.* ENVID=mill", r"RCPT TO:.* NOTIFY=SUCCESS"), sender="dsn@kept.example.com"),
    Feature("LIMITS, kept", "plain", "LIMITS", ("--limits",), recipients=5),
    Feature("LIMITS, too many recipients", "plain", "LIMITS .*RCPTMAX=5", ("--limits",), recipients=6, withheld="RCPTMAX=5",
            dialogue=("!C: MAIL",)),
    Feature("NOOP, VRFY, EXPN, HELP before MAIL", "plain", "", BEFORE, dialogue=("C: NOOP", "C: VRFY", "C: EXPN", "C: HELP"),
            steps={"noop": (250,), "vrfy": KNOWN_OR_NOT, "expn": KNOWN_OR_NOT, "help": KNOWN_OR_NOT}),
    Feature("XCLIENT", "plain", "XCLIENT", ("--xclient", "ADDR,PORT", *CLIENT), {"client": CLAIMED}, {"xclient": (220,)}),
    Feature("XFORWARD", "plain", "XFORWARD", ("--xforward", "NAME=spike.example.org,ADDR", *CLIENT),
            {"forwarded": CLAIMED}, {"xforward": (250,)}),
    Feature("PROXY, version 1", "proxy", "", ("--proxy", "v1", *CLIENT), {"client": CLAIMED}),
    Feature("PROXY, version 2", "proxy", "", ("--proxy", "v2", *CLIENT), {"client": CLAIMED}),
    Feature("PROXY, then TLS", "proxytls", "", ("--proxy", "v2", *CLIENT), {"client": CLAIMED, "tls": "1.3"}),
    # Last: what a server says of these may come late.
    Feature("certificate of another CA, refused", "starttls", "", ("--tls-ca", "{other}"), unusable="tls: .*certificate"),
    Feature("certificate of another name, refused", "starttls", "", ("--tls-server-name", "other.example.com"), unusable="tls: .*other.example.com"),
    Feature("wrong password, counted", "auth", "AUTH .*PLAIN", ("--auth", "PLAIN", "--auth-users", "{wrong}"), steps={"auth": (535,)}, refused="auth"),
)
