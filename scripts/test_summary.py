#!/usr/bin/env python3
"""Counts what a run of ./sauda test did: what failed, what was skipped and why, and the last line's totals.

Reads checks.tsv (outcome, area, name, reason) in the folder given, and of every run of ctest RUN.xml (JUnit), RUN.status
(how ctest ended) and, for programs that ran as one test each, RUN/PROGRAM.xml (GoogleTest's own). Exits 1 when something failed, could not run, or nothing ran.
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


def outcome_of(case):
    """(outcome, reason) of one test of a JUnit file."""
    failure, skipped = case.find("failure"), case.find("skipped")
    status, said = case.get("status"), skipped.get("message") or "" if skipped is not None else ""
    if status == "fail" or failure is not None:
        return "failed", (failure.get("message") or "") if failure is not None else ""
    if status == "disabled":
        return "skipped", "disabled"
    if status == "notrun" or skipped is not None:
        # ctest names a test "not run" that skipped itself, and one whose program or fixture is not there.
        if said.startswith("SKIP_"):
            return "skipped", reason_of_skip(case.findtext("system-out") or "")
        return "failed", f"could not run: {said or 'no reason given'}"
    return "passed", ""


def cases_of_program(file):
    """((outcome, reason), name) of each case of a GoogleTest program."""
    for case in ET.parse(file).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failure, skipped = case.find("failure"), case.find("skipped")
        if failure is not None:
            yield ("failed", (failure.get("message") or "").split("\n")[0]), name
        elif skipped is not None or case.get("status") == "notrun":
            said = skipped.get("message") or "" if skipped is not None else "disabled"
            yield ("skipped", said.strip().split("\n")[-1] or "no reason given"), name
        else:
            yield ("passed", ""), name


def with_cases(folder, run, found):
    """The outcomes of a run's tests, each program that kept those of its cases replaced by them. One that failed where no
    case did stays beside them: it was ended, or did not end."""
    for (outcome, reason), name in found:
        kept = folder / run / f"{name}.xml"
        cases = list(cases_of_program(kept)) if kept.exists() else []
        yield from cases
        failed = any(each == "failed" for (each, _), _ in cases)
        if not cases or (outcome == "failed" and not failed):
            yield (outcome, reason), name


def outcomes_of_run(folder, run):
    """The same of one run of ctest: its tests, and whether they account for how it ended."""
    file, kept = folder / f"{run}.xml", folder / f"{run}.status"
    status = kept.read_text().strip() if kept.exists() else "0"
    try:
        cases = list(ET.parse(file).getroot().iter("testcase"))
    except (OSError, ET.ParseError):
        yield "failed", run, "ctest", f"no list of tests, and it ended with {status}"
        return
    found = list(with_cases(folder, run, [(outcome_of(case), case.get("name")) for case in cases]))
    for (outcome, reason), name in found:
        yield outcome, run, name, reason
    if status != "0" and not any(outcome == "failed" for (outcome, _), _ in found):
        yield "failed", run, "ctest", f"it ended with {status}, and no test has failed"


def outcomes(folder):
    """Yields (outcome, area, name, reason) of every check and test."""
    for line in (folder / "checks.tsv").read_text().splitlines():
        yield tuple((line.split("\t") + [""] * 4)[:4])
    for run in sorted({file.stem for kind in ("xml", "status") for file in folder.glob(f"*.{kind}")}):
        yield from outcomes_of_run(folder, run)


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
