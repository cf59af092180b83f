"""The servers of the matrix: where each listens, what it announces, and what its log and its mail tell of a session."""

import contextlib
import os
import pathlib
import re
import smtplib
import socket
import ssl
import subprocess

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "servers"
PROXY = b"PROXY TCP4 198.51.100.1 127.0.0.1 40000 25\r\n"

# A place is where a feature is tried: the scheme of the target and the name of the listener, of which the script prints the port.
# "resume" is there where the server hands out tickets that are good in its next session.
SMTP_PLACES = {"plain": ("smtp", "smtp"), "ipv6": ("smtp", "smtp"), "starttls": ("smtp+starttls", "smtp"), "resume": ("smtp+starttls", "smtp"),
               "tls": ("smtps", "smtps"), "auth": ("smtp+starttls", "smtp"), "proxy": ("smtp", "proxy"), "proxytls": ("smtps", "smtps_proxy")}
LIBRARY_PLACES = SMTP_PLACES | {"lmtp": ("lmtp", "lmtp"), "unix": ("lmtp+unix", "unix")}
AIOSMTPD_PLACES = {name: place for name, place in LIBRARY_PLACES.items() if name != "proxytls"}
LMTP_PLACES = {"plain": ("lmtp", "lmtp"), "lmtp": ("lmtp", "lmtp"), "ipv6": ("lmtp", "lmtp"), "unix": ("lmtp+unix", "unix"), "starttls": ("lmtp+starttls", "lmtp"),
               "proxy": ("lmtp", "lmtp_proxy")}
SUBMISSION_PLACES = {"plain": ("submission", "submission"), "ipv6": ("submission", "submission"), "starttls": ("submission", "submission"),
                     "tls": ("submissions", "submissions"), "auth": ("submission", "submission"),
                     "proxy": ("smtp+starttls", "submission_proxy"), "proxytls": ("submissions", "submissions_proxy")}

USER = "(?:anna|bert|carl)"
REPORT = r"(?s)Original-Envelope-I[dD]: mill\d+.*Original-Recipient: rfc822;.*Action: (?:delivered|relayed|expanded)"

# How each tells a fact: where, a pattern in which VALUE stands for what it states, and whether for each message or each session.
# A fact that is not here, a server does not tell; the document, the transcript and the mail are what remains.
RECIPIENT = ("mail", r"(?im)^(?:delivered|envelope)-to: <?([^\s>]+)>?\s*$", "message")
POSTFIX = {
    "client": ("log", r": client=\S*\[VALUE\]", "message"),
    "login": ("log", rf"sasl_method=VALUE, sasl_username={USER}@", "message"),
    "tls": ("mail", r"\(using TLSvVALUE with cipher", "message"),
    "resumed": ("log", r"Reusing old session|reloaded session", "message"),
    "subject": ("mail", r'\(Client CN "VALUE", Issuer "mailmill test CA" \(verified OK\)\)', "message"),
    "chunked": ("log", r"disconnect from (?!.* data=).* bdat=\d+", "session"),
    "utf8": ("mail", r"with UTF8SMTP", "message"),
    "dsn": ("reports", REPORT, "message"),
    "forwarded": ("log", r"orig_client=spike\.example\.org\[VALUE\]", "message"),
}
EXIM = {
    "client": ("log", r" <= .* H=[^=]*\[VALUE\]", "message"),
    "login": ("log", rf" <= .* A=VALUE:{USER}", "message"),
    "tls": ("log", r" <= .* X=TLSVALUE:", "message"),
    "resumed": ("log", r" <= .* X=TLS\S+\*", "message"),
    "subject": ("log", r' <= .* CV=yes DN="?[^ ]*CN=VALUE', "message"),
    "pipelined": ("log", r" <= .* L[.*]? ", "message"),
    "chunked": ("log", r" <= .* K ", "message"),
    "body": ("log", r" <= .* M8S=8 ", "message"),
    "utf8": ("log", r" <= .* P=utf8esmtp", "message"),
    "dsn": ("reports", REPORT, "message"),
}
DOVECOT_LMTP = {
    # Where a message has several recipients, the mail of none says whose it is.
    "recipient": ("log", r"rcpt (\S+): User session is finished", "message"),
    "client": ("log", r"Disconnect from VALUE:", "session"),
    "tls": ("mail", r"\(using TLSvVALUE with cipher", "message"),
}
DOVECOT_SUBMISSION = {
    "client": ("log", r"Login: user=<.* rip=VALUE,", "session"),
    "login": ("log", rf"Login: user=<{USER}>, method=VALUE,", "session"),
    "tls": ("log", r"Login: .* TLSvVALUE with cipher", "session"),
    "chunked": ("log", r"Received new command: BDAT \d+", "message"),
}
GO_SMTP = {
    "client": ("log", r'"Client":"\[?VALUE\]?:', "message"),
    "login": ("log", rf'"Mechanism":"VALUE","User":"{USER}"', "message"),
    "tls": ("log", r'"TLS":"TLS VALUE"', "message"),
    "resumed": ("log", r'"Resumed":true', "message"),
    "subject": ("log", r'"Subject":"VALUE"', "message"),
    "body": ("log", r'"Body":"VALUE"', "message"),
    "utf8": ("log", r'"UTF8":true', "message"),
    "dsn": ("log", r'"Return":"HDRS","EnvelopeID":"mill\d+".*"Notify":\["SUCCESS"\],"Original":\["', "message"),
}
AIOSMTPD = {
    "client": ("log", r'"Client": "[(\']*VALUE', "message"),
    "login": ("log", rf'"User": "{USER}", "Mechanism": "VALUE"', "message"),
    "tls": ("log", r'"TLS": "TLSvVALUE"', "message"),
    "subject": ("log", r"commonName', 'VALUE'", "message"),
    "body": ("log", r'"BODY=VALUE"', "message"),
    "utf8": ("log", r'"UTF8": true', "message"),
}


# What a server's log says of a client that does not behave. No cell may leave it there, but one whose messages are to be refused.
COMPLAINTS = re.compile(r"warning:|fatal:|panic:|lost connection|timeout after|improper|SSL_accept error|protocol (?:synchronization )?error"
                        r"|TLS error|unexpected disconnection|incomplete transaction|dropped|\bError: |\bWarning: |Traceback|Disconnected:? (?!Logged out|Connection closed)")


class Server:
    """One column: a server that runs, or is about to."""

    def __init__(self, name, script, places, facts, always=(), relay=None):
        self.name, self.script, self.places, self.facts = name, script, places, facts
        self.always = always  # flags without which it takes no mail
        self.relay = relay  # the server that delivers for it
        self.folder, self.ports = None, {}

    @contextlib.contextmanager
    def running(self, folder):
        """Starts it in folder, and what it relays to beside it; ends both. A socket's path is short, so names of folders are too."""
        with contextlib.ExitStack() as ends:
            environment = None
            if self.relay:
                ends.enter_context(self.relay.running(folder.with_name(folder.name + "r")))
                environment = {"RELAY": str(self.relay.ports["smtp"])}
            self.folder = folder
            folder.mkdir()
            said = run_script(self.script, "start", self.folder, environment)
            ends.callback(run_script, self.script, "stop", self.folder)
            self.ports = dict(line.split("=", 1) for line in said.split())
            yield self

    def target(self, place):
        """The TARGET of mailmill run for a place."""
        scheme, listener = self.places[place]
        if scheme.endswith("+unix"):
            return f"{scheme}://{self.ports[listener]}"
        host = "[::1]" if place == "ipv6" else "127.0.0.1"
        return f"{scheme}://{host}:{self.ports[listener]}"

    def announces(self, place):
        """The lines of all replies to EHLO or LHLO at a place, as Python's smtplib hears them."""
        scheme, listener = self.places[place]
        context = ssl.create_default_context(cafile=self.folder / "tls/ca.pem")
        context.load_cert_chain(self.folder / "tls/client.pem", self.folder / "tls/client.key")
        session = Session()
        session.lmtp = scheme.startswith("lmtp")
        session.open(self.ports[listener], "::1" if place == "ipv6" else "127.0.0.1", PROXY if place.startswith("proxy") else b"",
                     context if scheme in ("smtps", "submissions") else None)
        with contextlib.closing(session):
            lines = session.hello()
            if "starttls" in scheme or scheme == "submission":
                session.starttls(context=context)
                lines += session.hello()
            session.docmd("QUIT")
            return lines

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def mail(self):
        """The files of all mail that has come."""
        folder = (self.relay or self).folder / "mail/new"
        return set(folder.iterdir())


class Session(smtplib.SMTP):
    """smtplib's session, over any kind of connection."""

    lmtp = False

    def open(self, port, host, before, context):
        if port.startswith("/"):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(port)
        else:
            self.sock = socket.create_connection((host, int(port)), 10)
        self.sock.settimeout(10)
        self.sock.sendall(before)
        self._host = host
        if context:
            self.sock = context.wrap_socket(self.sock, server_hostname=host)
        code, text = self.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)

    def hello(self):
        code, text = self.docmd("LHLO" if self.lmtp else "EHLO", "probe.example.com")
        if code != 250:
            raise smtplib.SMTPHeloError(code, text)
        lines = text.decode(errors="replace").splitlines()
        self.ehlo_resp, self.does_esmtp = text, True  # what starttls asks for
        self.esmtp_features = {line.split()[0].lower(): "" for line in lines if line}
        return lines


def run_script(script, action, folder, environment=None):
    ran = subprocess.run([SCRIPTS / script, action, folder], capture_output=True, text=True, env=os.environ | (environment or {}), check=False)
    if ran.returncode:
        raise RuntimeError(f"{script} {action}: {ran.stderr.strip()}")
    return ran.stdout


def all_servers():
    """The columns of the matrix, in their order."""
    postfix = dict(SMTP_PLACES, auth=("submission", "submission"), tls=("submissions", "smtps"))
    login = ("--auth", "PLAIN", "--auth-users", "{users}")
    return [
        Server("Postfix", "postfix", postfix, POSTFIX),
        Server("Exim", "exim", SMTP_PLACES, EXIM),
        Server("Dovecot LMTP", "dovecot", LMTP_PLACES, DOVECOT_LMTP),
        Server("Dovecot submission", "dovecot", SUBMISSION_PLACES, DOVECOT_SUBMISSION, login,
               Server("Postfix", "postfix", postfix, POSTFIX)),
        Server("go-smtp", "go-smtp", LIBRARY_PLACES, GO_SMTP),
        Server("aiosmtpd", "aiosmtpd", AIOSMTPD_PLACES, AIOSMTPD),
    ]


def states(fact, value):
    """The pattern of a fact that states value."""
    return re.compile(fact[1].replace("VALUE", re.escape(value)))
