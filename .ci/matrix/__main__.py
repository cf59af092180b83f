"""Runs mailmill against real servers, each feature against each server that offers it, and prints the matrix.

A cell is a whole run of a few messages. It is ok when the document counts them, the transcript shows what was meant, each message
lies octet for octet in the server's Maildir, and the server's own log or Received fields tell the same: the client's address, the
login, the version of TLS. – is for what the server does not announce, as Python's smtplib hears it.
"""

import argparse
import concurrent.futures
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

import cell  # noqa: E402
import features  # noqa: E402
import servers  # noqa: E402
import table  # noqa: E402

FAILED = 10  # exit code where a cell failed, as that of mailmill run where a check did


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mailmill", type=pathlib.Path, help="the program, as built")
    parser.add_argument("--server", action="append", metavar="NAME", help="only this server (repeatable)")
    parser.add_argument("--feature", action="append", metavar="NAME", help="only features that contain this (repeatable)")
    parser.add_argument("--readme", type=pathlib.Path, help="a file whose matrix must be this one")
    parser.add_argument("--claims", type=pathlib.Path, default=os.environ.get("CLAIMS"), help="where the outcome of each cell is added")
    return parser.parse_args()


def column(server, rows, folder, mailmill, stopped):
    """Runs all cells of a server, in their order: what its log and its mail have gained is then the cell's."""
    try:
        with server.running(folder):
            announced = {}
            return [cell.run(server, feature, announced, mailmill) for feature in rows if not stopped.is_set()]
    except RuntimeError as error:
        return [cell.Cell(f"{server.name}: {feature.name}", "failed", str(error)) for feature in rows]


def columns_of(columns, rows, scratch, mailmill):
    """Runs the columns, some at a time. When it is interrupted, each ends its server after the cell that it is at."""
    stopped = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(3) as lanes:
        done = [lanes.submit(column, s, rows, scratch / str(n), mailmill, stopped) for n, s in enumerate(columns)]
        try:
            return [d.result() for d in done]
        except BaseException:
            stopped.set()
            raise


def main():
    options, began = arguments(), time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends the servers on the way
    columns = [s for s in servers.all_servers() if not options.server or s.name in options.server]
    rows = [f for f in features.FEATURES if not options.feature or any(o in f.name for o in options.feature)]
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        scratch = pathlib.Path(folder)
        scratch.chmod(0o755)  # servers drop their privileges and must still reach their folders below it
        cells = columns_of(columns, rows, scratch, options.mailmill.resolve())
    matrix = table.matrix(columns, rows, cells)
    print(matrix)
    failures = [c for lane in cells for c in lane if c.why]
    for failure in failures:
        print(f"\nFAILED  {failure.claim}\n{table.indented(failure.why)}")
    tried = sum(c.tried for lane in cells for c in lane)
    print(f"\n{tried} cells, {len(failures)} failed, {time.monotonic() - began:.0f} s")
    said = [("failed " if c.why else "passed ") + c.claim for lane in cells for c in lane if c.tried]
    if options.readme:
        same = matrix in options.readme.read_text()
        said.append(("passed " if same else "failed ") + f"{options.readme.name} shows this matrix")
        if not same:
            print(f"FAILED  {options.readme.name} shows another matrix than this one")
            failures.append(None)
    if options.claims:
        with options.claims.open("a") as claims:
            claims.write("".join(line + "\n" for line in said))
    return FAILED if failures else 0


if __name__ == "__main__":
    sys.exit(main())
