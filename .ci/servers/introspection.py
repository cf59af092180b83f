#!/usr/bin/env python3
"""Token introspection (RFC 7662) on loopback: introspection.py PORT USERS. The token of a user is its password."""

import http.server
import json
import sys
import urllib.parse

with open(sys.argv[2], encoding="utf-8") as users:
    USERS = {password: user for user, _, password in (line.rstrip("\n").partition(":") for line in users)}


class Introspection(http.server.BaseHTTPRequestHandler):
    """Answers each token with whose it is."""

    def do_POST(self):  # noqa: N802: the base class's name
        octets = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = urllib.parse.parse_qs(octets.decode()).get("token", [""])[0]
        known = {"active": True, "username": USERS[token]} if token in USERS else {"active": False}
        reply = json.dumps(known).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Introspection).serve_forever()
