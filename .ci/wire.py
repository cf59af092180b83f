"""What a capture of SMTP sessions shows: the interval of each step between the segments on the wire.

Reads pcap files of Ethernet or loopback frames with IPv4 or IPv6 and TCP. Knows one command at a time and pipelined ones;
knows no TLS and no BDAT.
"""

import collections
import dataclasses
import struct

SYN = 2  # the flag that opens a connection, in both directions


@dataclasses.dataclass
class Segment:
    at: int  # nanoseconds
    client: tuple  # address and port of the client's end
    from_client: bool
    flags: int
    sequence: int
    payload: bytes


def segments(path, port):
    """Yields the TCP segments of a pcap file in their order; port is the server's."""
    with open(path, "rb") as file:
        magic = file.read(4)
        order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        unit = 1 if magic in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
        link = struct.unpack(order + "HHiIII", file.read(20))[5]
        if link != 1:
            raise ValueError(f"{path}: link type {link}; captures of Ethernet frames (1), as of lo, are read")
        while header := file.read(16):
            seconds, fraction, kept, _ = struct.unpack(order + "IIII", header)
            found = segment(seconds * 1_000_000_000 + fraction * unit, file.read(kept), port)
            if found:
                yield found


def segment(at, frame, port):
    kind = frame[12:14]
    if kind == b"\x08\x00" and frame[23] == 6:
        start = 14 + (frame[14] & 15) * 4
        end, source, target = 14 + int.from_bytes(frame[16:18], "big"), frame[26:30], frame[30:34]
    elif kind == b"\x86\xdd" and frame[20] == 6:
        start, end = 54, 54 + int.from_bytes(frame[18:20], "big")
        source, target = frame[22:38], frame[38:54]
    else:
        return None
    source_port, target_port, sequence = struct.unpack(">HHI", frame[start:start + 8])
    from_client = target_port == port
    return Segment(at, (source, source_port) if from_client else (target, target_port), from_client,
                   frame[start + 13], sequence, frame[start + (frame[start + 12] >> 4) * 4:end])


@dataclasses.dataclass
class Step:
    """One step on the wire. cause is the instant of what came before it on this connection: the last reply, as a rule."""

    name: str
    cause: int
    begin: int
    end: int


class Connection:
    """Follows one connection and collects its steps."""

    COMMANDS = {b"EHLO": "ehlo", b"HELO": "helo", b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data", b"RSET": "rset",
                b"NOOP": "noop", b"QUIT": "quit"}

    def __init__(self):
        self.steps = []
        self.said = {True: b"", False: b""}  # octets of an unfinished line, by direction
        self.next = {True: None, False: None}  # sequence number that is due, by direction
        self.outstanding = collections.deque()  # (name, begin)
        self.content = None  # instant of the 354
        self.last = None  # instant of the last reply

    def take(self, s):
        if s.flags & SYN:
            self.opening(s)
        due = self.next[s.from_client]
        if s.flags & SYN or not s.payload or due is None:
            return
        fresh = s.payload[(due - s.sequence) & 0xFFFFFFFF:] if due != s.sequence else s.payload
        self.next[s.from_client] = (due + len(fresh)) & 0xFFFFFFFF
        (self.client_says if s.from_client else self.server_says)(s.at, fresh)

    def opening(self, s):
        self.next[s.from_client] = (s.sequence + 1) & 0xFFFFFFFF
        if s.from_client:
            self.last = s.at
        else:
            self.steps.append(Step("connect", self.last, self.last, s.at))
            self.outstanding.append(("greeting", s.at))
            self.last = s.at

    def client_says(self, at, octets):
        text = self.said[True] + octets
        if self.content is not None:
            self.said[True] = text[-5:]
            if text.endswith(b"\r\n.\r\n"):
                self.steps.append(Step("content", self.content, self.content, at))
                self.outstanding.append(("accept", at))
                self.content, self.said[True] = None, b""
            return
        *lines, self.said[True] = text.split(b"\r\n")
        for line in lines:
            self.outstanding.append((self.COMMANDS.get(line[:4].upper(), "?"), at))

    def server_says(self, at, octets):
        *lines, self.said[False] = (self.said[False] + octets).split(b"\r\n")
        for line in lines:
            if line[3:4] == b"-" or not self.outstanding:
                continue
            name, begin = self.outstanding.popleft()
            self.steps.append(Step(name, begin if name in ("greeting", "accept") else self.last, begin, at))
            self.last = at
            if name == "data" and line[:1] == b"3":
                self.content, self.said[True] = at, b"\r\n"  # content may be the dot alone


def connections(path, port):
    """Returns the connections of a capture in the order in which they were opened."""
    opened, current = [], {}
    for s in segments(path, port):
        if s.flags & SYN and s.from_client:
            current[s.client] = Connection()
            opened.append(current[s.client])
        if s.client in current:
            current[s.client].take(s)
    return opened
