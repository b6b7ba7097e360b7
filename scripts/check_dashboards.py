#!/usr/bin/env python3
"""Fails when a query of a dashboard returns nothing, or a scrape target is down. Argument: Prometheus's address.

A new series shows only after a scrape or two, so it asks again for up to a minute.
"""
import json
import pathlib
import sys
import time
import urllib.parse
import urllib.request

LIMIT_S = 60


def ask(server, path, **arguments):
    url = f"{server}/api/v1/{path}?{urllib.parse.urlencode(arguments)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]


def problems_of(server):
    found = [f"target {each['labels']['service']} is {each['health']}: {each['lastError']}"
             for each in ask(server, "targets")["activeTargets"] if each["health"] != "up"]
    for path in sorted(pathlib.Path("observability/grafana/dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                query = target["expr"].replace("$__rate_interval", "1m")
                if not ask(server, "query", query=query)["result"]:
                    found.append(f"{path.name}: {panel['title']}: nothing for {query}")
    return found


def main():
    until = time.monotonic() + LIMIT_S
    while (problems := problems_of(sys.argv[1])) and time.monotonic() < until:
        time.sleep(2)
    print("\n".join(problems) or "dashboards: every target is up, every query returns data")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
