#!/usr/bin/env python3
"""Fails when a file includes what its layer may not see, naming file, line and rule.

The rules are those of docs/architecture.md:

    main -> app -> { rpc, adapters } -> core -> libs/base     and the pure libraries

Run by `./sauda test lint`, from the repository root.
"""
import pathlib
import re
import sys

PURE = ["libs/base/", "libs/exchange/", "libs/calendar/", "libs/charges/", "libs/keys/"]

# layer of a file -> what its quoted includes may start with ({s}: its own service)
MAY_SEE = {
    "base": ["libs/base/"],
    "pure": PURE,
    "libs": ["libs/", "google/", "upstox/"],
    "client libs": ["libs/", "sauda/"],  # what several services ask another one
    "core": PURE + ["services/{s}/src/core/"],
    "leaf": ["libs/", "services/{s}/src/core/"],  # config.hpp, metrics.hpp
    "rpc": ["libs/", "sauda/", "services/{s}/src/core/", "services/{s}/src/rpc/",
            "services/{s}/src/metrics.hpp"],
    "adapters": ["libs/", "sauda/", "upstox/", "services/{s}/src/core/",
                 "services/{s}/src/adapters/", "services/{s}/src/metrics.hpp"],
    "app": ["libs/", "services/{s}/src/"],
    "simulator": ["libs/", "upstox/", "simulator/src/"],
    "simulator core": PURE + ["simulator/src/core/"],
    "cli": ["libs/", "sauda/", "upstox/", "cli/src/"],  # upstox/: it shows journaled frames
}
NO_IO = {"base", "pure", "core", "simulator core"}
IO = re.compile(r"<(grpc|google/|pqxx|libpq|boost/(asio|beast)|spdlog|prometheus|hiredis|openssl|"
                r"iostream|fstream|thread|sys/socket|unistd)")
# Who may see the only class that writes orders at a broker.
WRITER = "libs/upstox/order_writer.hpp"
MAY_WRITE = {"libs/upstox/order_writer.cpp", "services/orders/src/live_route.hpp",
             "services/orders/src/adapters/upstox_venue.cpp",
             "services/orders/src/adapters/upstox_words.hpp"}
ORDER_PATHS = re.compile(r"/order/(place|modify|cancel|multi|gtt|positions)")
# The paper route has none to a broker: nothing that it is made of sees these, at whatever distance.
PAPER = "services/orders/src/paper_route.hpp"
NOT_ON_PAPER = ("libs/upstox/", "libs/http/")
# One says why it aborts, on stderr; the other computes a SHA-256, which is a function of its bytes, with a library.
EXEMPT = ("libs/base/check.hpp", "libs/keys/digest.cpp")


def layer(path):
    """Names the layer of a file and the service it belongs to."""
    parts = path.parts
    if parts[0] == "libs":
        if parts[1] == "base":
            return "base", ""
        if parts[1].endswith("_client"):
            return "client libs", ""
        return ("pure" if f"libs/{parts[1]}/" in PURE else "libs"), ""
    if parts[0] == "simulator":
        return ("simulator core" if "core" in parts else "simulator"), ""
    if parts[0] == "cli":
        return "cli", ""
    if parts[3] in ("core", "rpc", "adapters"):
        return parts[3], parts[1]
    return ("leaf" if path.stem in ("config", "metrics") else "app"), parts[1]


def problems_of(path):
    name, service = layer(path)
    allowed = tuple(prefix.format(s=service) for prefix in MAY_SEE[name])
    own = str(path.with_suffix(".hpp"))
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'#include "([^"]+)"', line)
        if found and found[1] != own and not found[1].startswith(allowed):
            yield f"{path}:{number}: {name} may not include {found[1]}"
        if name in NO_IO and IO.search(line) and str(path) not in EXEMPT:
            yield f"{path}:{number}: {name} does no I/O and owns no thread: {line}"


def includes(path):
    return re.findall(r'^#include "([^"]+)"', path.read_text(), re.M)


def writers(files):
    """Names whoever can write orders and should not."""
    for path in files:
        if WRITER in includes(path) and str(path) not in MAY_WRITE:
            yield f"{path}: only the live route may include {WRITER}"
        # The simulator serves these paths, and the SDK's are the gateway's own.
        if path.parts[:2] in (("services", "orders"), ("libs", "upstox")) and "order_writer" not in path.stem:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if ORDER_PATHS.search(line) and "//" not in line.split('"')[0]:
                    yield f"{path}:{number}: only {WRITER} names the broker's order calls"


def paper_problems():
    """Follows what the paper route is made of, each header with its source."""
    seen, waiting = set(), [(PAPER, PAPER)]
    while waiting:
        name, way = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name.startswith(NOT_ON_PAPER):
            yield f"{way}: the paper route must not come to {name}"
            continue
        for path in (pathlib.Path(name), pathlib.Path(name).with_suffix(".cpp")):
            if path.exists():
                waiting += [(each, f"{way} -> {each}") for each in includes(path)]


def main():
    roots = [pathlib.Path(root) for root in ("libs", "services", "simulator", "cli")]
    files = sorted(p for root in roots for p in root.rglob("*.?pp"))
    found = [problem for path in files for problem in problems_of(path)]
    found += [*writers(files), *paper_problems()]
    print("\n".join(found) or f"layers: {len(files)} files ok")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
