"""One cell of the matrix: a run of mailmill against a server, and what must be true of it on both sides."""

import dataclasses
import json
import re
import subprocess
import time

import servers

MESSAGES = 6
PATIENCE = 10  # seconds that a server may take to deliver and to write its log


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
        ran = start(server, feature, mailmill)
        try:
            check(ran)
        except Wrong as wrong:
            return Cell(claim, "failed", f"{wrong}\n{' '.join(ran.command)}\n{tail(ran.said, 40)}\n-- {server.name}:\n{tail(ran.log(), 12)}")
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return Cell(claim, "failed", f"{type(error).__name__}: {error}")
    return Cell(claim, "ok")


def start(server, feature, mailmill):
    """Runs mailmill to its end."""
    tag = re.sub("[^a-z0-9]+", "-", feature.name.lower()).strip("-")
    document, content = server.folder / f"{tag}.json", server.folder / f"{tag}.eml"
    content.write_bytes(b"Subject: a cell\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        b"Content-Transfer-Encoding: " + encoding(feature.body) + b"\r\n\r\n" + feature.body)
    command = [str(mailmill), "run", server.target(feature.place), "--messages", str(MESSAGES), "--concurrency", "2",
               "--messages-per-session", "3", "--transcript", "9", "--out", str(document), "--helo", f"{tag}.example.com",
               "--from", feature.sender, "--to", f"{tag}+{{n}}@kept.example.com", "--recipients", str(feature.recipients)]
    if feature.body:
        command += ["--data", str(content)]
    if server.places[feature.place][0] not in ("smtp", "lmtp", "smtp+unix", "lmtp+unix"):
        command += ["--tls-ca", str(server.folder / "tls/ca.pem")]
    flags = feature.flags if "--auth" in feature.flags else server.always + feature.flags
    command += [flag.format(**logins(server.folder), folder=server.folder) for flag in flags]
    before = len(server.log()), server.mail()
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    books = json.loads(document.read_text()) if document.exists() else {}
    return Run(server, feature, tag, command, ran.returncode, ran.stdout + ran.stderr, books, *before)


def logins(folder):
    """Files of logins: of all users, of the first, and of the first with a wrong password."""
    files = {"users": folder / "users", "first": folder / "first", "wrong": folder / "wrong"}
    first = files["users"].read_text().splitlines()[0]
    files["first"].write_text(first + "\n")
    files["wrong"].write_text(first.split(":")[0] + ":no-such-password\n")
    for file in files.values():
        file.chmod(0o600)
    return files


def encoding(body):
    return b"7bit" if body.isascii() else b"binary" if b"\0" in body else b"8bit"


def check(ran):
    """Raises Wrong with the first thing that is not as it must be."""
    if not ran.document:
        raise Wrong(f"no document, exit code {ran.code}")
    books(ran)
    dialogue(ran)
    if ran.feature.refused:
        return
    eventually(ran, delivered)
    eventually(ran, told)


def books(ran):
    """The document: every message accepted, or every one refused where it must be, and no fault."""
    counts, feature = ran.document["counts"], ran.feature
    if ran.document.get("faults"):
        raise Wrong(f"faults: {ran.document['faults']}")
    wanted = ({"rejected": MESSAGES, "accepted": 0} if feature.refused else
              {"accepted": MESSAGES, "recipients_accepted": MESSAGES * feature.recipients})
    for name, count in (wanted | {"intended": MESSAGES}).items():
        if counts.get(name, 0) != count:
            raise Wrong(f"the document counts {counts.get(name, 0)} {name}, not {count}")
    if ran.code != (10 if feature.refused else 0):
        raise Wrong(f"exit code {ran.code}")
    replies = {(r["step"], r["code"]) for r in ran.document["replies"]}
    if feature.refused and not any(step == feature.refused and code >= 500 for step, code in replies):
        raise Wrong(f"no refusal at {feature.refused}: {sorted(replies)}")
    for step, codes in feature.steps.items():
        got = {code for of, code in replies if of == step}
        if not got or got - set(codes):
            raise Wrong(f"the replies of step {step} are {sorted(got)}, not of {codes}")
    if feature.tls and f"TLS {feature.tls}" not in json.dumps(ran.document.get("tls", "")):
        raise Wrong(f"the document says of TLS: {ran.document.get('tls')}")


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
    got = sorted(m[1].decode() for m in (re.search(rb"(?im)^(?:delivered|envelope)-to: <?([^\s>]+)>?\s*$", m) for m in mail) if m)
    wanted = sorted(f"{ran.tag}+{n}@kept.example.com" for n in range(MESSAGES * ran.feature.recipients))
    if got != wanted:
        raise Wrong(f"mail has come for {got}, not for {wanted}")
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
        if name == "login" and ran.server.script == "exim":
            value = value.lower().replace("-", "_")
        pattern = servers.states(fact, value)
        count = sum(len(pattern.findall(text)) for text in sources[source])
        if count < (MESSAGES if per == "message" else 1):
            raise Wrong(f"{ran.server.name}'s {source} states {name} {value} {count} times: {pattern.pattern}")


def tail(text, lines):
    return "\n".join(text.splitlines()[-lines:])
