"""The report: medians, ranges and paired ratios as Markdown, under the machine and the versions they belong to."""

import os
import platform
import re
import statistics
import subprocess

COLUMNS = (("generator_us", "generator, µs CPU/message"), ("sink_us", "sink, µs CPU/message"), ("rate", "messages/s"))


def spread(values, digits):
    """The median and the range, such as 6.6 (6.5–7.1)."""
    low, middle, high = (f"{v:,.{digits}f}" for v in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low}–{high})"


def ratios(row, rounds, lane):
    """One ratio a round: the lane's quantity divided by the first lane's of the same round."""
    first = row.lanes[0].name
    return [r[lane.name][row.quantity] / r[first][row.quantity] for r in rounds if lane.name in r and first in r]


PLACES = {"free": "on any processor", "apart": "on a processor each (taskset)", "together": "on one processor (taskset)"}


def section(row, place, rounds, failures):
    """Returns the lines of one Row's table, measured in one of PLACES. rounds holds, for each round, lane name → column → value."""
    unit = dict(COLUMNS)[row.quantity]
    lines = [f"## {row.title}", "", f"Generator and sink {PLACES[place]}.", "",
             f"| | {' | '.join(head for _, head in COLUMNS)} | ratio of {unit.split(',')[0]} | |",
             "|---|" + "---:|" * (len(COLUMNS) + 1) + "---|"]
    for lane in row.lanes:
        samples = [r[lane.name] for r in rounds if lane.name in r]
        if not samples:
            lines.append(f"| {lane.name} | – | – | – | – | did not do it: {failures[lane.name]} |")
            continue
        cells = [spread([s[key] for s in samples], 0 if key == "rate" else 1) for key, _ in COLUMNS]
        shares = ratios(row, rounds, lane)
        cells.append(spread(shares, 2) if shares else "–")
        lines.append(f"| {lane.name} | {' | '.join(cells)} | {lane.remark} |")
    return lines + [""]


def first_line(command, pattern):
    """The first group of pattern in what the command prints, or – where it is not there."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    except OSError:
        return "–"
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else "–"


def machine():
    """Lines that say what the figures belong to."""
    cpu = first_line(["lscpu"], r"Model name:\s*(.+)")
    versions = {
        "mailmill": first_line(["git", "rev-parse", "--short=12", "HEAD"], r"(\w+)"),
        "Go": first_line(["go", "version"], r"go version (\S+)"),
        "Postfix (smtp-source, smtp-sink)": first_line(["postconf", "-d", "-h", "mail_version"], r"(\S+)"),
        "postal": first_line(["postal"], r"Postal Version: (\S+)"),
        "smtpping": first_line(["smtpping", "-v"], r"(\d+\.\d+\S*)"),
        "cc": first_line(["cc", "--version"], r" (\d+\.\d+\.\d+)"),
    }
    return [f"Machine: {cpu.strip()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}.", "",
            "Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()) + ".", ""]
