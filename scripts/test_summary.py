#!/usr/bin/env python3
"""Counts what a run of ./sauda test did: what failed, what was skipped and why, and the last line's totals.

Reads checks.tsv (outcome, area, name, reason) and every JUnit file of ctest in the folder given.
Exits 1 when something failed or nothing ran.
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree as ET


def reason_of_skip(output):
    """The line a GoogleTest prints under "Skipped", or the first line of a program that skipped itself."""
    found = re.search(r"Skipped\n(.*?)(?:\n|$)", output)
    if found and found[1].strip():
        return found[1].strip()
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def outcomes(folder):
    """Yields (outcome, area, name, reason) of every check and test."""
    for line in (folder / "checks.tsv").read_text().splitlines():
        yield tuple((line.split("\t") + [""] * 4)[:4])
    for file in sorted(folder.glob("*.xml")):
        for case in ET.parse(file).getroot().iter("testcase"):
            name, status = case.get("name"), case.get("status")
            if status == "fail" or case.find("failure") is not None:
                yield "failed", file.stem, name, (case.find("failure").get("message") or "")
            elif status == "notrun" or case.find("skipped") is not None:
                yield "skipped", file.stem, name, reason_of_skip(case.findtext("system-out") or "")
            elif status == "disabled":
                yield "skipped", file.stem, name, "disabled"
            else:
                yield "passed", file.stem, name, ""


def main():
    folder = pathlib.Path(sys.argv[1])
    found = list(outcomes(folder))
    count = collections.Counter(outcome for outcome, *_ in found)
    for outcome, area, name, reason in found:
        if outcome == "failed":
            print(f"FAILED   {area}: {name}" + (f": {reason}" if reason else ""))
    reasons = collections.defaultdict(list)
    for outcome, area, name, reason in found:
        if outcome == "skipped":
            reasons[reason].append(f"{area}: {name}")
    for reason, names in sorted(reasons.items()):
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        print(f"SKIPPED  {len(names)}: {reason} ({'; '.join(names[:3])}{more})")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
