"""The matrix as text."""

import textwrap

WORDS = {"ok": "ok", "absent": "–", "failed": "FAILED"}


def matrix(columns, rows, cells):
    """A Markdown table: a row for each feature, a column for each server."""
    lines = [["", *(s.name for s in columns)]]
    lines += [[row.name, *(WORDS[lane[n].outcome] for lane in cells)] for n, row in enumerate(rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = ["| " + " | ".join(word.ljust(width) for word, width in zip(line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) if i == 0 else ":" + "-" * width + ":" for i, width in enumerate(widths)) + "|")
    return "\n".join(text)


def indented(text):
    return textwrap.indent(text.rstrip(), "        | ")
