"""What a server may offer, and how mailmill run is made to use it: the rows of the matrix."""

import dataclasses

# Every message has this body unless a feature says otherwise: lines that begin with dots are where the transparency of DATA
# and its absence in BDAT show.
BODY = b".\r\n..\r\n.dot\r\n" + b"A line of a message that a real server stores.\r\n" * 20 + b".\r\n"
EIGHT_BIT = "Grüße, ein Satz mit acht Bit.\r\n".encode() * 5
# Neither lines nor text: all octets, a bare CR, a bare LF, and no end of line.
BINARY = bytes(range(256)) * 4 + b"\r.\n\n.\r\n\0end"

# Addresses that only documentation may use (RFC 5737, RFC 3849): no server knows them but by what a client claims.
CLAIMED = "198.51.100.77"


@dataclasses.dataclass(frozen=True)
class Feature:
    """A row: flags for mailmill run, and what must then be seen.

    place is which of a server's listeners is used; keyword is what the server announces in EHLO where it offers the feature.
    tells names the facts that a server's log or mail must state for each message (see servers.py), with what they state.
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
    recipients: int = 1
    refused: str = ""  # the step at which every message is refused, if it is to be
    tls: str = ""  # the document's version of TLS
    needs: str = ""  # a fact without which there is nothing to be seen: a server that does not tell it does not offer the feature


def auth(mechanism):
    return Feature(f"AUTH {mechanism}", "auth", f"AUTH .*{mechanism}", ("--auth", mechanism, "--auth-users", "{users}"),
                   {"login": mechanism}, {"auth": (235,)}, tls="1.3")


PIPELINED = r"(?s)C: MAIL FROM[^\n]*\n[^\n]*C: RCPT TO"

FEATURES = (
    Feature("plain session", steps={"data": (354,), "accept": (250,)}),
    Feature("IPv6", "ipv6", tells={"client": "::1"}),
    Feature("UNIX socket", "unix"),
    Feature("3 recipients each", recipients=3),
    Feature("unknown recipients", flags=("--to", "nobody{{n}}@kept.example.com"), refused="rcpt"),
    Feature("STARTTLS, TLS 1.3", "starttls", "STARTTLS", ("--tls-min", "1.3"), {"tls": "1.3"}, {"starttls": (220,)}, tls="1.3"),
    Feature("STARTTLS, TLS 1.2", "starttls", "STARTTLS", ("--tls-max", "1.2"), {"tls": "1.2"}, {"starttls": (220,)}, tls="1.2"),
    Feature("TLS from the begin", "tls", "", (), {"tls": "1.3"}, tls="1.3"),
    Feature("TLS resumption", "resume", "", ("--tls-resume", "100%", "--messages-per-session", "1", "--concurrency", "1"), {"resumed": ""}),
    Feature("client certificate", "starttls", "STARTTLS", ("--tls-cert", "{folder}/tls/client.pem", "--tls-key", "{folder}/tls/client.key"),
            {"subject": "anna"}, needs="subject"),
    *(auth(mechanism) for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER")),
    Feature("AUTH EXTERNAL", "auth", "AUTH .*EXTERNAL",
            ("--auth", "EXTERNAL", "--auth-users", "{first}", "--tls-cert", "{folder}/tls/client.pem", "--tls-key", "{folder}/tls/client.key"),
            {"login": "EXTERNAL"}, {"auth": (235,)}),
    Feature("AUTH, wrong password", "auth", "AUTH .*PLAIN", ("--auth", "PLAIN", "--auth-users", "{wrong}"), refused="auth"),
    Feature("PIPELINING", "plain", "PIPELINING", ("--pipeline",), {"pipelined": ""}, dialogue=(PIPELINED,), recipients=2),
    Feature("PIPELINING under TLS", "starttls", "PIPELINING", ("--pipeline",), {"pipelined": "", "tls": "1.3"}, dialogue=(PIPELINED,)),
    Feature("CHUNKING, one BDAT", "plain", "CHUNKING", ("--bdat", "1M"), {"chunked": ""}, {"bdat": (250,)}, ("!C: DATA", r"C: BDAT \d+ LAST")),
    Feature("CHUNKING, BDAT of 100 octets", "plain", "CHUNKING", ("--bdat", "100"), {"chunked": ""}, {"bdat": (250,)},
            ("!C: DATA", r"C: BDAT 100\n", r"C: BDAT \d+ LAST")),
    Feature("CHUNKING, pipelined", "plain", "CHUNKING", ("--bdat", "100", "--pipeline"), {"chunked": ""}, {"bdat": (250,)}, ("!C: DATA",)),
    Feature("BINARYMIME", "plain", "BINARYMIME", ("--binary", "--bdat", "100"), {"body": "BINARYMIME"}, {"bdat": (250,)},
            (r"MAIL FROM:.* BODY=BINARYMIME",), body=BINARY),
    Feature("8BITMIME", "plain", "8BITMIME", (), {"body": "8BITMIME"}, dialogue=(r"MAIL FROM:.* BODY=8BITMIME",), body=EIGHT_BIT),
    Feature("SMTPUTF8", "plain", "SMTPUTF8", (), {"utf8": ""}, dialogue=(r"MAIL FROM:<grüße@.* SMTPUTF8",), sender="grüße@example.com"),
    Feature("SIZE, too large", "plain", r"SIZE \d+", ("--size", "2M"), refused="mail", dialogue=(r"MAIL FROM:.* SIZE=20\d{5}",), body=b""),
    Feature("DSN", "plain", "DSN", ("--dsn", "notify=success,ret=hdrs,envid=mill{{n}},orcpt"), {"dsn": ""},
            dialogue=(r"MAIL FROM:.* RET=HDRS", r"MAIL FROM:.* ENVID=mill", r"RCPT TO:.* NOTIFY=SUCCESS"), sender="dsn@kept.example.com"),
    Feature("LIMITS", "plain", "LIMITS", ("--limits",), recipients=12, dialogue=("!(?s)(C: RCPT TO[^\n]*\n[^\n]*\n[^\n]*){6}",)),
    Feature("NOOP, VRFY, HELP before MAIL", "plain", "", ("--before", "mail=NOOP", "--before", "mail=VRFY a@kept.example.com", "--before", "mail=HELP"),
            steps={"noop": (250,), "vrfy": (250, 252), "help": (211, 214)}),
    Feature("XCLIENT", "plain", "XCLIENT", ("--xclient", "ADDR,PORT", "--client-addr", f"{CLAIMED}/32"), {"client": CLAIMED}, {"xclient": (220,)}),
    Feature("XFORWARD", "plain", "XFORWARD", ("--xforward", "NAME=spike.example.org,ADDR", "--client-addr", f"{CLAIMED}/32"),
            {"forwarded": CLAIMED}, {"xforward": (250,)}),
    Feature("PROXY, version 1", "proxy", "", ("--proxy", "v1", "--client-addr", f"{CLAIMED}/32"), {"client": CLAIMED}),
    Feature("PROXY, version 2", "proxy", "", ("--proxy", "v2", "--client-addr", f"{CLAIMED}/32"), {"client": CLAIMED}),
)
