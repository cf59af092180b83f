"""What is compared with what: the tools' command lines, and one Row for each table of the report."""

import dataclasses
import os
from collections.abc import Callable

SIZE = 1024  # octets of body
SESSIONS = 20


@dataclasses.dataclass(frozen=True)
class Load:
    """What one client is to do: so many messages over so many sessions, each session kept or of one message."""

    messages: int
    sessions: int = SESSIONS
    kept: bool = True


@dataclasses.dataclass(frozen=True)
class Lane:
    """One contender: a generator against a sink. The remark says what it cannot do of what the others do."""

    name: str
    generator: Callable
    sink: Callable
    load: Load
    remark: str = ""


@dataclasses.dataclass(frozen=True)
class Row:
    """One table. Its lanes run once each in every round, and each is divided by the first lane of the same round.

    The ratio is of quantity: generator_us or sink_us (CPU microseconds a message), or rate (messages a second).
    """

    name: str
    title: str
    quantity: str
    lanes: tuple


class Tools:
    """Command lines: of generators by port and Load, of sinks by port."""

    def __init__(self, scratch):
        self.limit = os.path.join(scratch, "limit")
        self.mailmill = os.path.join(scratch, "mailmill")
        self.document = os.path.join(scratch, "document.json")
        self.users = os.path.join(scratch, "users")

    def limit_client(self, port, load):
        return [self.limit, "client", str(port), str(load.sessions), str(load.messages), str(int(load.kept)), str(SIZE)]

    def limit_server(self, port):
        return [self.limit, "server", str(port)]

    def mailmill_run(self, port, load):
        return [self.mailmill, "run", f"smtp://127.0.0.1:{port}", "--messages", str(load.messages),
                "--concurrency", str(load.sessions), "--messages-per-session", "0" if load.kept else "1",
                "--size", str(SIZE), "--out", self.document]

    def mailmill_sink(self, port):
        return [self.mailmill, "sink", "--listen", f"127.0.0.1:{port}"]

    def smtp_source(self, port, load):
        return ["smtp-source", *(["-d"] if load.kept else []), "-s", str(load.sessions), "-m", str(load.messages),
                "-l", str(SIZE), "-f", "a@example.com", "-t", "b@example.com", f"127.0.0.1:{port}"]

    def smtp_sink(self, port):
        return ["smtp-sink", "-u", "nobody", "-m", "20000", f"127.0.0.1:{port}", "4096"]

    def smtpping(self, port, load):
        # -c counts per worker; with more than one worker -q and -r never end, so its lines are thrown away instead.
        return ["smtpping", "-P", str(load.sessions), "-w", "0", "-c", str(load.messages // load.sessions),
                "-s", str(SIZE // 1024), "-p", str(port), "b@example.com", "@127.0.0.1"]

    def postal(self, port, load):
        # It has no number of messages. -m and -M are KiB; -r is a cap for a minute, set where it does not bind.
        return ["postal", "-t", str(load.sessions), "-c", "1000" if load.kept else "1", "-r", "1000000",
                "-m", "1", "-M", "1", "-p", str(port), "127.0.0.1", self.users]


def rows(tools, messages):
    """Returns every Row. A session a message costs several times as much, so it gets fewer messages."""
    kept, each = Load(messages), Load(messages * 2 // 5, kept=False)
    modes = (("kept", "sessions kept", kept), ("each", "a session per message", each))
    table = []
    for mode, words, load in modes:
        table.append(Row(f"generator-{mode}", f"Generators against `limit server`, {words}", "generator_us", (
            Lane("limit client", tools.limit_client, tools.limit_server, load, "measures nothing"),
            Lane("smtp-source", tools.smtp_source, tools.limit_server, load, "no statistics, HELO only"),
            Lane("mailmill run", tools.mailmill_run, tools.limit_server, load))))
    for mode, words, load in modes:
        table.append(Row(f"sink-{mode}", f"Sinks under `limit client`, {words}", "sink_us", (
            Lane("limit server", tools.limit_client, tools.limit_server, load, "parses and counts nothing"),
            Lane("smtp-sink", tools.limit_client, tools.smtp_sink, load, "counts messages only"),
            Lane("mailmill sink", tools.limit_client, tools.mailmill_sink, load))))
    for mode, words, load in modes:
        table.append(Row(f"both-{mode}", f"Generator and sink of one house, {words}", "rate", (
            Lane("smtp-source → smtp-sink", tools.smtp_source, tools.smtp_sink, load, "no statistics"),
            Lane("mailmill run → mailmill sink", tools.mailmill_run, tools.mailmill_sink, load))))
    for sessions in (10, 100, 1_000, 10_000):
        load = Load(max(messages, sessions * 10), sessions)
        table.append(Row(f"scale-{sessions}", f"Scaling: {sessions} sessions, kept, against `limit server`", "generator_us", (
            Lane("limit client", tools.limit_client, tools.limit_server, load),
            Lane("mailmill run", tools.mailmill_run, tools.limit_server, load))))
    table.append(Row("smtpping", "smtpping against `smtp-sink`, a session per message, 20 workers", "rate", (
        Lane("mailmill run", tools.mailmill_run, tools.smtp_sink, each),
        Lane("smtpping", tools.smtpping, tools.smtp_sink, each,
             "cannot keep a session; no rate; no summary with more than one worker"))))
    table.append(Row("postal", "postal against `smtp-sink`, sessions kept, 20 threads", "rate", (
        Lane("mailmill run", tools.mailmill_run, tools.smtp_sink, kept),
        Lane("postal", tools.postal, tools.smtp_sink, kept,
             "measured over a minute, as it takes no number of messages; no latencies; sends at most some 24 600 a minute"))))
    return table
