#!/usr/bin/env python3
"""Writes every program's --help into docs/configuration.md, between its marks; --check only compares.

A program's part of the page starts with <!-- help:NAME --> and ends with <!-- end -->.
"""
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path("docs/configuration.md")
BIN = pathlib.Path("build/release/bin")


def help_of(program):
    """What the program prints with --help, in an empty environment."""
    ran = subprocess.run([BIN / program, "--help"], capture_output=True, text=True, timeout=20,
                         env={"PATH": "/usr/bin:/bin"}, check=False)
    if ran.returncode:
        sys.exit(f"{program} --help failed with {ran.returncode}: {ran.stderr.strip()}")
    return "\n".join(line.rstrip() for line in ran.stdout.strip().splitlines())


def main():
    page = PAGE.read_text()
    made = re.sub(r"<!-- help:([a-z-]+) -->.*?<!-- end -->",
                  lambda m: f"<!-- help:{m[1]} -->\n```\n{help_of(m[1])}\n```\n<!-- end -->",
                  page, flags=re.S)
    if "--check" in sys.argv and made != page:
        sys.exit(f"{PAGE} is behind the programs' --help: run scripts/settings_page.py")
    PAGE.write_text(made)
    print(f"settings: {PAGE} is what the programs say")


if __name__ == "__main__":
    main()
