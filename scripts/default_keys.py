#!/usr/bin/env python3
"""Prints the instrument keys that `./sauda up` subscribes, one a line.

With recordings as arguments: the keys in them. Else a few of every kind out of the synced master, found with
saudactl (its path is the first argument): indices, shares, the nearest futures, options in the middle of their strikes.
"""
import gzip
import json
import re
import subprocess
import sys

INDICES = ["NSE_INDEX|Nifty 50", "NSE_INDEX|Nifty Bank"]
SHARES = ["RELIANCE", "HDFCBANK", "INFY", "TCS", "SBIN"]


def recorded_keys(path):
    """Every key of a recording, in the order in which they come first."""
    keys, rest = {}, b""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        while chunk := file.read(1 << 20):
            rest += chunk
            for key in re.findall(rb'"instrumentKey"\s*:\s*"([^"]+)"', rest):
                keys[key.decode()] = None
            rest = rest[-256:]  # one may be cut in two
    if not keys:
        sys.exit(f"{path}: no instrumentKey in it")
    return keys


def find(saudactl, word, segment, kind, limit):
    ran = subprocess.run([saudactl, "--json", "instruments", "find", word, "--segment", segment,
                          "--type", kind, "--limit", str(limit)],
                         capture_output=True, text=True, check=False)
    return json.loads(ran.stdout)["instruments"] if ran.returncode == 0 else []


def default_keys(saudactl):
    yield from INDICES
    for symbol in SHARES:
        yield from (each["instrument_key"] for each in find(saudactl, symbol, "NSE_EQ", "EQ", 20)
                    if each["trading_symbol"] == symbol)
    for name in ("NIFTY", "BANKNIFTY"):
        futures = [each for each in find(saudactl, name, "NSE_FO", "FUT", 20) if each["name"] == name]
        yield from (each["instrument_key"] for each in
                    sorted(futures, key=lambda each: int(each["expiry_ms"]))[:1])
    for kind in ("CE", "PE"):
        options = [each for each in find(saudactl, "NIFTY", "NSE_FO", kind, 500) if each["name"] == "NIFTY"]
        nearest = min((int(each["expiry_ms"]) for each in options), default=0)
        options = sorted((each for each in options if int(each["expiry_ms"]) == nearest),
                         key=lambda each: float(each["strike_price"]))
        if options:
            yield options[len(options) // 2]["instrument_key"]


def main():
    saudactl, *recordings = sys.argv[1:]
    keys = [key for each in recordings for key in recorded_keys(each)] or default_keys(saudactl)
    print("\n".join(dict.fromkeys(keys)))


if __name__ == "__main__":
    main()
