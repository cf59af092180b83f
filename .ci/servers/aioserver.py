#!/usr/bin/python3
"""A mail server made of the library aiosmtpd: aioserver.py FOLDER NAME=ADDRESS…

NAME says how the server speaks at ADDRESS, which is HOST:PORT: smtp, smtps (TLS from the begin), proxy (behind a PROXY header),
lmtp, or unix (LMTP, ADDRESS is a path). It prints a line of JSON for each message.
"""

import asyncio
import json
import mailbox
import pathlib
import signal
import ssl
import sys

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult

FOLDER = pathlib.Path(sys.argv[1])
USERS = dict(line.split(":", 1) for line in (FOLDER / "users").read_text().splitlines())
MAIL = mailbox.Maildir(FOLDER / "mail")


class Handler:
    """Takes mail, and says what came with it."""

    async def handle_PROXY(self, server, session, envelope, proxy_data):  # noqa: N802: aiosmtpd's name
        return proxy_data.valid

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("nobody"):
            return "550 5.1.1 User unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        for recipient in envelope.rcpt_tos:
            if recipient.endswith("@kept.example.com"):
                head = f"Delivered-To: {recipient}\n".encode()
                MAIL.add(head + envelope.original_content.replace(b"\r\n", b"\n"))
        proxy, cipher = session.proxy_data, server.transport.get_extra_info("cipher")
        print(json.dumps({
            "Client": str(proxy.src_addr) if proxy else str(session.peer), "Helo": session.host_name,
            "TLS": cipher[1] if cipher else "", "Subject": str(server.transport.get_extra_info("peercert") or ""),
            "User": getattr(session, "login", None) or "", "Mechanism": getattr(session, "mechanism", ""),
            "From": envelope.mail_from, "MailOptions": envelope.mail_options, "UTF8": envelope.smtp_utf8,
            "To": envelope.rcpt_tos, "Octets": len(envelope.original_content)}), flush=True)
        return "\r\n".join(["250 2.0.0 OK"] * (len(envelope.rcpt_tos) if isinstance(server, LMTP) else 1))


def authenticate(server, session, envelope, mechanism, data):
    """Whether the user of FOLDER/users has that password."""
    session.mechanism, session.login = mechanism, data.login.decode()
    return AuthResult(success=USERS.get(session.login) == data.password.decode(), handled=False)


def tls():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=FOLDER / "tls/ca.pem")
    context.load_cert_chain(FOLDER / "tls/server.pem", FOLDER / "tls/server.key")
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def server(name, context):
    """Makes the factory of a listener's sessions."""
    common = {"hostname": "aiosmtpd.example.com", "data_size_limit": 1 << 20, "enable_SMTPUTF8": True, "loop": asyncio.get_running_loop()}
    if name in ("lmtp", "unix"):
        return lambda: LMTP(Handler(), tls_context=context, **common)
    common |= {"authenticator": authenticate, "auth_require_tls": True}
    if name == "smtps":
        return lambda: SMTP(Handler(), auth_exclude_mechanism=[], **{**common, "auth_require_tls": False})
    return lambda: SMTP(Handler(), tls_context=context, proxy_protocol_timeout=5 if name == "proxy" else None, **common)


async def main():
    context = tls()  # one, so that its tickets are good in the next session
    for listener in sys.argv[2:]:
        name, address = listener.split("=", 1)
        if name == "unix":
            await asyncio.get_running_loop().create_unix_server(server(name, context), address)
            continue
        host, port = address.rsplit(":", 1)
        await asyncio.get_running_loop().create_server(
            server(name, context), host.strip("[]"), int(port), ssl=context if name == "smtps" else None)
    await asyncio.Event().wait()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the init of a namespace is ended by no signal that it does not handle
asyncio.run(main())
