#!/usr/bin/env python3
"""Fails when a document links to a file that is not there, or the README's feature table misses a row.

Run by `./sauda test lint`, from the repository root.
"""
import pathlib
import re
import sys

# Rows of the feature table: letter (or "D-" for the old faults) and how many.
ROWS = {"A": 12, "B": 11, "C": 13, "D": 18, "D-": 10, "E": 6}
MARKS = ("works", "thin", "not yet")
SKIPPED = {"build", ".sauda", "node_modules", ".git"}


def broken_links():
    for page in sorted(pathlib.Path(".").rglob("*.md")):
        if SKIPPED.intersection(page.parts):
            continue
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target and not (page.parent / target).exists():
                yield f"{page}: links to {target}, which is not there"


def table_problems():
    marks = dict(re.findall(r"^\| ((?:[A-E]|D-)\d+) \|[^|]*\| ([^|]*?) \|[^|]*\|$",
                            pathlib.Path("README.md").read_text(), re.M))
    for letter, count in ROWS.items():
        for number in range(1, count + 1):
            mark = marks.pop(f"{letter}{number}", None)
            if mark not in MARKS:
                yield f"README.md: row {letter}{number} of the feature table is {mark or 'missing'}"
    yield from (f"README.md: row {row} is unknown" for row in marks)


def main():
    problems = [*broken_links(), *table_problems()]
    print("\n".join(problems) or "documents: links and feature table ok")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
