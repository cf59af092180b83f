"""One cell of the matrix: a run of mailmill against a server, and what must be true of it on both sides."""

import dataclasses
import json
import re
import subprocess
import time

import features
import servers

PLAIN = ("smtp", "lmtp", "smtp+unix", "lmtp+unix")  # schemes of targets without TLS
PATIENCE = 20  # seconds that a server may take to deliver and to write its log


class Wrong(Exception):
    """Something that must be true of a run and is not."""


@dataclasses.dataclass
class Cell:
    claim: str
    outcome: str  # ok, absent or failed
    why: str = ""

    @property
    def tried(self):
        return self.outcome != "absent"


@dataclasses.dataclass
class Run:
    """What a run left behind."""
    server: servers.Server
    feature: object
    tag: str
    command: list
    code: int
    said: str
    document: dict
    log_before: int
    mail_before: set

    @property
    def secured(self):
        """Whether the target's scheme says TLS."""
        return self.server.places[self.feature.place][0] not in PLAIN

    def log(self):
        return self.server.log()[self.log_before:]

    def mail(self):
        """New mail, without reports of delivery, and these."""
        every = [m.read_bytes() for m in self.server.mail() - self.mail_before]
        reports = [m for m in every if b"multipart/report" in m]
        return [m for m in every if m not in reports], reports


def run(server, feature, announced, mailmill):
    """Tries a feature on a server; announced keeps what the server has announced at each place."""
    claim = f"{server.name}: {feature.name}"
    if feature.place not in server.places or feature.needs and feature.needs not in server.facts:
        return Cell(claim, "absent")
    try:
        if feature.place not in announced:
            announced[feature.place] = server.announces(feature.place)
        if feature.keyword and not any(re.match(feature.keyword, line) for line in announced[feature.place]):
            return Cell(claim, "absent")
        if feature is features.PROBE:
            return Cell(claim, *probe(server, announced[feature.place], mailmill))
        ran = start(server, feature, mailmill)
        try:
            check(ran)
        except Wrong as wrong:
            return Cell(claim, "failed", f"{wrong}\n{' '.join(ran.command)}\n{tail(ran.said, 40)}\n-- {server.name}:\n{tail(ran.log(), 12)}")
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return Cell(claim, "failed", f"{type(error).__name__}: {error}")
    return Cell(claim, "ok")


def probe(server, announced, mailmill):
    """Whether mailmill probe verifies the certificate and lists what Python's smtplib has heard; an outcome and why."""
    ran = subprocess.run([mailmill, "probe", server.target("starttls"), "--tls-ca", server.folder / "tls/ca.pem"],
                         capture_output=True, text=True, errors="replace", timeout=60, check=False)
    # The first line of each reply to EHLO is a greeting; some servers greet with words only.
    keywords = {line.split()[0] for line in announced if re.fullmatch("[A-Z0-9]{2}[A-Z0-9]*( .*)?", line)}
    missing = [k for k in sorted(keywords) if not re.search(rf"(?m)^{k}\b", ran.stdout)]
    if ran.returncode or missing or "verified for 127.0.0.1" not in ran.stdout:
        return "failed", f"exit code {ran.returncode}; not listed: {missing}\n{ran.stdout}{ran.stderr}"
    return "ok", ""


def start(server, feature, mailmill):
    """Runs mailmill to its end."""
    tag = re.sub("[^a-z0-9]+", "-", feature.name.lower()).strip("-")
    document, content = server.folder / f"{tag}.json", server.folder / f"{tag}.eml"
    content.write_bytes(b"Subject: a cell\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        b"Content-Transfer-Encoding: " + encoding(feature.body) + b"\r\n\r\n" + feature.body)
    command = [str(mailmill), "run", "--target", server.target(feature.place), "--messages", str(feature.messages), "--concurrency", "2",
               "--messages-per-session", "3", "--transcript", "9", "--out", str(document), "--helo", f"{tag}.example.com",
               "--from", feature.sender, "--to", f"{tag}+{{n}}@kept.example.com", "--recipients", str(feature.recipients + feature.unknown)]
    if feature.body:
        command += ["--data", str(content)]
    if server.places[feature.place][0] not in PLAIN:
        command += ["--tls-ca", str(server.folder / "tls/ca.pem")]
    flags = feature.flags if "--auth" in feature.flags else server.always + feature.flags
    command += [flag.format(**files(server.folder), folder=server.folder, tag=tag, plain=server.target("plain")) for flag in flags]
    before = len(server.log()), server.mail()
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    books = json.loads(document.read_text()) if document.exists() else {}
    return Run(server, feature, tag, command, ran.returncode, ran.stdout + ran.stderr, books, *before)


def files(folder):
    """Files that flags name: logins of all users, of the first, of the first with a wrong password, and another certificate."""
    named = {"users": folder / "users", "first": folder / "first", "wrong": folder / "wrong", "other": folder / "tls/client.pem"}
    first = named["users"].read_text().splitlines()[0]
    named["first"].write_text(first + "\n")
    named["wrong"].write_text(first.split(":")[0] + ":no-such-password\n")
    return named


def encoding(body):
    return b"7bit" if body.isascii() else b"binary" if b"\0" in body else b"8bit"


def check(ran):
    """Raises Wrong with the first thing that is not as it must be."""
    if ran.feature.unusable:
        if ran.code != 3 or not re.search(f"is not usable: {ran.feature.unusable}", ran.said):
            raise Wrong(f"exit code {ran.code}, and not said: is not usable: {ran.feature.unusable}")
        return
    if not ran.document:
        raise Wrong(f"no document, exit code {ran.code}")
    books(ran)
    negotiated(ran)
    dialogue(ran)
    if not ran.feature.refused and not ran.feature.withheld:
        eventually(ran, delivered)
        eventually(ran, told)
    complaint = servers.COMPLAINTS.search(ran.log())
    if complaint and not ran.feature.refused:
        raise Wrong(f"{ran.server.name} complains: {complaint[0]}")


def books(ran):
    """The document: every message accepted, or every one refused or withheld where it must be, and no other fault."""
    counts, feature, faults = ran.document["counts"], ran.feature, ran.document.get("faults", [])
    if any(fault["kind"] != "not-offered" or feature.withheld not in fault["example"] for fault in faults) or bool(faults) != bool(feature.withheld):
        raise Wrong(f"faults: {faults}")
    wanted = ({"rejected": feature.messages, "accepted": 0} if feature.refused else {"failed": feature.messages, "accepted": 0} if feature.withheld else
              {"accepted": feature.messages, "recipients_accepted": feature.messages * feature.recipients,
               "recipients_rejected": feature.messages * feature.unknown})
    for name, count in (wanted | {"intended": feature.messages}).items():
        if counts.get(name, 0) != count:
            raise Wrong(f"the document counts {counts.get(name, 0)} {name}, not {count}")
    if ran.code != (10 if feature.refused or feature.withheld else 0):
        raise Wrong(f"exit code {ran.code}")
    replies = {(r["step"], r["code"]) for r in ran.document["replies"]}
    if feature.refused and not any(step == feature.refused and code >= 500 for step, code in replies):
        raise Wrong(f"no refusal at {feature.refused}: {sorted(replies)}")
    for step, codes in feature.steps.items():
        got = {code for of, code in replies if of == step}
        if not got or got - set(codes):
            raise Wrong(f"the replies of step {step} are {sorted(got)}, not of {codes}")


def negotiated(ran):
    """What the document says that the sessions agreed on: TLS where the target says so and only there, resumption, logins."""
    tells, document = ran.feature.tells, ran.document
    handshakes = document.get("tls", [])
    versions = {h["version"] for h in handshakes}
    wanted = {f"TLS {ran.feature.tls or 1.3}"} if ran.secured else set()
    if versions != wanted:
        raise Wrong(f"the document says of TLS {handshakes}, not {wanted}")
    if ran.secured and not all(c["verified"] for c in document["target"]["certificates"]):
        raise Wrong(f"certificates: {document['target']['certificates']}")
    resumed = sum(h["count"] for h in handshakes if h.get("resumed"))
    if resumed != (ran.feature.messages if "resumed" in tells else 0):
        raise Wrong(f"the document counts {resumed} sessions resumed")
    mechanisms = {login["mechanism"] for login in document.get("logins", [])}
    always = ran.server.always and ran.feature.refused != "auth"
    if mechanisms != ({tells["login"]} if "login" in tells else {"PLAIN"} if always else set()):
        raise Wrong(f"the document counts logins by {mechanisms}")


def dialogue(ran):
    """The transcript shows what was meant, and not what must not be."""
    for pattern in ran.feature.dialogue:
        if bool(re.search(pattern.removeprefix("!"), ran.said)) == pattern.startswith("!"):
            raise Wrong(f"the transcript does not agree with {pattern!r}")


def eventually(ran, what):
    """Waits for what to be true: a server delivers and writes its log when it has answered."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return what(ran)
        except Wrong:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def delivered(ran):
    """Each recipient has one message, and its body is what was sent."""
    mail, _ = ran.mail()
    source, pattern, _ = ran.server.facts.get("recipient", servers.RECIPIENT)
    text = ran.log() if source == "log" else "\n".join(m.decode(errors="replace") for m in mail)
    got = sorted(re.findall(pattern, text))
    known, every = ran.feature.recipients, ran.feature.recipients + ran.feature.unknown
    wanted = sorted(f"{ran.tag}+{n}@kept.example.com" for n in range(ran.feature.messages * every) if n % every < known)
    if got != wanted or len(mail) != len(wanted):
        raise Wrong(f"{len(mail)} messages have come, for {got}, not for {wanted}")
    body = ran.feature.body.replace(b"\r\n", b"\n")
    for m in mail:
        if not m.replace(b"\r\n", b"\n").rstrip(b"\n").endswith(b"\n\n" + body.rstrip(b"\n")):
            raise Wrong(f"a message was stored with another body: …{m[-400:]!r}")


def told(ran):
    """The server's log and its mail state the facts of the feature."""
    mail, reports = ran.mail()
    sources = {"log": [ran.log()], "mail": [m.decode(errors="replace") for m in mail], "reports": [m.decode(errors="replace") for m in reports]}
    for name, value in ran.feature.tells.items():
        if name not in ran.server.facts:
            continue
        source, _, per = fact = ran.server.facts[name]
        several = isinstance(value, tuple)
        for each in value if several else (value,):
            if name == "login" and ran.server.script == "exim":
                each = each.lower().replace("-", "_")  # the authenticator's name
            pattern = servers.states(fact, each)
            count = sum(len(pattern.findall(text)) for text in sources[source])
            if count < (1 if several or per == "session" else ran.feature.messages):
                raise Wrong(f"{ran.server.name}'s {source} states {name} {each} {count} times: {pattern.pattern}")


def tail(text, lines):
    return "\n".join(text.splitlines()[-lines:])
