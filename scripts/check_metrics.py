#!/usr/bin/env python3
"""Fails when a metric in the code is not in docs/metrics.md, the other way round, or a query uses neither.

Queries are those of the dashboards and of the rules in observability/. Run by `./sauda test lint`.
"""
import json
import pathlib
import re
import sys

CODE = ["services", "libs", "simulator"]
NAME = r"sauda_[a-z0-9]+(?:_[a-z0-9]+)+"
HISTOGRAM = re.compile(r"_(bucket|sum|count)$")


SERVICES = re.compile(r"^sauda_(gateway|auth|instruments|feed|orders|sim)_")
SHARED = re.compile(r'"sauda_" \+ \w+ \+ "(_[a-z0-9_]+)"')  # the libraries' own, one of each service


def in_code():
    """Metric names as string literals of the sources, each with the first file that has it."""
    found = {}
    for root in CODE:
        for path in sorted(pathlib.Path(root).rglob("*.?pp")):
            text = path.read_text()
            for name in re.findall(rf'"({NAME})"', text):
                found.setdefault(name, path)
            for tail in SHARED.findall(text):
                found.setdefault("sauda_<service>" + tail, path)
    return found


def in_page(page):
    """Metric names of the page's tables: the first cell of a row."""
    return set(re.findall(r"^\| `(sauda_[a-z0-9_<>]+)`", page.read_text(), re.M))


def queries():
    """Yields (file, expression) of every panel and rule."""
    for path in pathlib.Path("observability").rglob("*.json"):
        for panel in json.loads(path.read_text()).get("panels", []):
            for target in panel.get("targets", []):
                yield path, target["expr"]
    for path in pathlib.Path("observability/prometheus/rules").glob("*.yml"):
        for expression in re.findall(r"^\s*expr: (.*(?:\n\s{10,}.*)*)", path.read_text(), re.M):
            yield path, expression


def main():
    page = pathlib.Path("docs/metrics.md")
    code, listed = in_code(), in_page(page)
    problems = [f"{code[name]}: {name} is not in {page}" for name in sorted(code.keys() - listed)]
    problems += [f"{page}: {name} is in no source" for name in sorted(listed - code.keys())]
    for path, expression in queries():
        for name in re.findall(NAME, expression):
            plain = HISTOGRAM.sub("", name)
            known = {name, plain, SERVICES.sub("sauda_<service>_", name), SERVICES.sub("sauda_<service>_", plain)}
            if not known & listed:
                problems.append(f"{path}: no such metric: {name}")
    print("\n".join(problems) or f"metrics: {len(code)} documented, every query uses one of them")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
