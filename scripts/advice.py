#!/usr/bin/env python3
"""The last column of docs/messages.md as a C table, so that an error without advice of its own gives what the page says.
usage: advice.py docs/messages.md OUTPUT"""
import re
import sys


def plain(text):
    """Markdown without its signs."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return text.replace("`", "").strip()


def main(page, output):
    rows = []
    for line in open(page, encoding="utf-8"):
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if len(cells) == 3 and re.fullmatch(r"`?[a-z0-9-]+`?", cells[0]) and cells[0] not in ("id", "---"):
            rows.append((plain(cells[0]), plain(cells[2]).replace("\\|", "|")))
    quoted = ((i, t.replace("\\", "\\\\").replace('"', '\\"')) for i, t in sorted(rows))
    with open(output, "w", encoding="utf-8") as out:
        out.write("".join(f'    {{ "{i}", "{t}" }},\n' for i, t in quoted))


main(*sys.argv[1:])
