#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: tests/fuzz/corpus/<target>/seed-*.

Run from the repository root when a format changes. Files found-* beside them are inputs that once failed; they stay.
"""
import gzip
import json
import pathlib
import struct

ROOT = pathlib.Path("tests/fuzz/corpus")


def write(target, name, data):
    file = ROOT / target / f"seed-{name}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


# --- the broker's frames (protos/upstox/), by hand ---


def varint(value):
    value &= 2**64 - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def field(number, value):
    """An int as a varint, a float as a double, bytes or a text as they are."""
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(**values):
    """message(_1=…, _4=…): the fields by their numbers; a list is a repeated field."""
    out = b""
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            out += field(int(name[1:]), each)
    return out


NOW_MS = 1_765_771_372_400
TRADE = message(_1=1405.5, _2=NOW_MS - 65, _3=12, _4=1426.6)
AUCTION_TRADE = TRADE + field(5, message(_1=1406.0))
LEVEL = message(_1=105, _2=773.7, _3=70, _4=777.15)
GREEKS = message(_1=-0.6416, _2=-15.358, _3=0.0003, _4=45.3725, _5=-16.2522)
BARS = message(_1=[message(_1="1d", _2=1400.0, _3=1410.5, _4=1399.0, _5=1405.5, _6=123456, _7=NOW_MS - 18_000_000),
                   message(_1="I1", _2=1405.0, _3=1405.5, _4=1404.0, _5=1405.5, _6=321, _7=NOW_MS - 60_000)])
TOTALS = message(_5=1403.2, _6=27475, _7=71365.0, _8=0.1032, _9=1000.0, _10=2000.0)
FULL = field(1, TRADE) + field(2, message(_1=[LEVEL, b"", LEVEL])) + field(3, GREEKS) + field(4, BARS) + TOTALS
CLOSING = field(1, AUCTION_TRADE) + message(_11=1406.0, _12=1405.0, _13=100, _14=-20, _15=-5, _16=1)


def full(market, mode=1):
    return field(2, field(1, market)) + field(4, mode)


def index():
    return field(2, field(2, field(1, TRADE) + field(2, BARS))) + field(4, 1)


def first_level():
    return field(3, field(1, TRADE) + field(2, LEVEL) + field(3, GREEKS) + message(_4=27475, _5=71365.0, _6=0.1)) + \
        field(4, 2)


def frame(kind, *entries, after=b""):
    head = field(1, kind) if kind else b""
    return head + b"".join(field(2, field(1, key) + field(2, feed)) for key, feed in entries) + field(3, NOW_MS) + after


def frames():
    yield "market-info", frame(2, after=field(4, message(_1=[message(_1="NSE_EQ", _2=2), message(_1="NEW", _2=9)])))
    yield "ltpc", frame(1, ("NSE_EQ|INE465A01025", field(1, TRADE)))
    yield "full", frame(1, ("NSE_FO|35010", full(FULL)))
    yield "d30", frame(0, ("NSE_FO|35010", full(field(1, TRADE) + field(2, message(_1=[LEVEL] * 30)), 3)))
    yield "index", frame(0, ("NSE_INDEX|Nifty 50", index()))
    yield "greeks", frame(1, ("NSE_FO|35010", first_level()))
    yield "auction", frame(1, ("NSE_EQ|X", full(CLOSING)))
    yield "part", frame(1, ("NSE_FO|35010", full(field(2, message(_1=[LEVEL])))))
    yield "many", frame(1, ("NSE_EQ|Z", field(1, TRADE)), ("NSE_EQ|A", full(FULL)), ("NSE_EQ|Z", first_level()),
                        ("NSE_EQ|N", field(4, 1)), ("NSE_EQ|Z", full(field(4, BARS))))
    yield "bad", b"\x08\x63"


# --- a journal's segment (libs/journal/format.hpp) ---


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def summed(before, after):
    return before + struct.pack("<I", crc32c(before + after)) + after


def header(number=1, instance="run1", version=1):
    text = b"".join(struct.pack("<H", len(each)) + each.encode() for each in (instance, "main"))
    after = struct.pack("<qQBB", NOW_MS * 1_000_000, number, 1, 1) + text
    return summed(b"SAUDAJ\r\n" + struct.pack("<HHI", version, 0, 20 + len(after)), after)


def record(kind, payload, seq=0, ticks=0):
    after = struct.pack("<BIqqQI", kind, 1, NOW_MS * 1_000_000, 5_000, seq, ticks) + payload
    return summed(struct.pack("<I", len(after)), after)


def framed(kind, data, instruments=(5,), seq=1):
    payload = struct.pack("<BI", 1, len(instruments)) + b"".join(struct.pack("<q", i) for i in instruments) + data
    return record(kind, payload, seq, len(instruments))


STATE = framed(2, frame(0, ("NSE_EQ|1", field(1, TRADE))), seq=0)
FRAME = framed(1, frame(1, ("NSE_EQ|1", field(1, TRADE))))
LOST = record(3, struct.pack("<qqQQQQ", 1, 2, 3, 4, 5, 600) + b"RING_FULL")
NOTICE = record(5, struct.pack("<qqQH", 1, 2, 0, 15) + b"CONNECTION_LOST" + b"it went away")


def seal(last, records, frames_in):
    return record(4, struct.pack("<BQQQqq", last, records, frames_in, frames_in, NOW_MS, NOW_MS))


def segments():
    whole = header() + STATE + FRAME + NOTICE + LOST + FRAME
    yield "sealed", whole + seal(1, 5, 2)
    yield "not-last", whole + seal(0, 5, 2)
    yield "open", whole
    yield "torn", whole + FRAME[:30]
    yield "zeros", whole + bytes(64)
    yield "damaged", header() + STATE + FRAME[:60] + b"!" + FRAME[61:] + FRAME + seal(1, 3, 2)
    yield "unknown-kind", header() + record(77, b"of a later version") + FRAME
    yield "unknown-seal", header() + FRAME + record(4, b"longer than this version's seal" * 2)
    yield "empty", header()
    yield "other", header(2, "another run") + FRAME
    yield "version", header(version=2) + FRAME
    yield "half-header", header()[:40]


# --- requests ---


def request(method, keys, **data):
    return json.dumps({"guid": "g", "method": method, "data": {**data, "instrumentKeys": keys}}).encode()


def sessions():
    keys = [f"NSE_EQ|{i}" for i in range(60)]
    yield "sub", b"\4" + request("sub", keys[:3], mode="full")
    yield "modes", b"\7" + b"\0".join([request("sub", keys[:4], mode="ltpc"),
                                       request("change_mode", keys[1:5], mode="option_greeks"),
                                       request("unsub", keys[:2])])
    yield "limit", b"\5" + request("sub", keys, mode="full_d30")
    yield "no-mode", b"\6" + request("sub", [keys[0], keys[0], "NSE_EQ|unknown"])
    yield "wrong", b"\0" + b'{"method":"sub","data":{"mode":7,"instrumentKeys":{}}}\0{"data":[]}\0[[[[[\0null'
    yield "text", b"\0" + b'{"method":"change_mode","data":{"mode":null,"instrumentKeys":["\\u0000\\ud83d\\ude00"]}}'


SHARE = ('{"segment":"NSE_EQ","name":"RELIANCE","exchange":"NSE","isin":"INE002A01018","instrument_type":"EQ",'
         '"instrument_key":"NSE_EQ|INE002A01018","lot_size":1,"freeze_quantity":100000.0,"exchange_token":"2885",'
         '"tick_size":10.0,"trading_symbol":"RELIANCE","short_name":"Reliance","qty_multiplier":1.0}')
CALL = ('{"weekly":true,"segment":"NSE_FO","name":"NIFTY","exchange":"NSE","expiry":1788287399000,'
        '"instrument_type":"CE","underlying_symbol":"NIFTY","instrument_key":"NSE_FO|46913","lot_size":65,'
        '"freeze_quantity":1755.0,"exchange_token":"46913","underlying_key":"NSE_INDEX|Nifty 50","tick_size":5.0,'
        '"trading_symbol":"NIFTY 22200 CE 01 SEP 26","strike_price":22200.0,"qty_multiplier":1.0}')
CSV = ('"instrument_key","exchange_token","tradingsymbol","name","last_price","expiry","strike","tick_size","lot_size",'
       '"instrument_type","option_type","exchange"\n'
       '"NSE_FO|46913","46913","NIFTY2690122200CE","NIFTY","0.05","2026-09-01","22200.0","0.05","65","OPTIDX","CE",'
       '"NSE_FO"\n"NSE_EQ|INE002A01018","2885","RELIANCE","RELIANCE","1500","","","0.1","1","EQUITY","","NSE_EQ"\n')


def masters():
    array = f"[{SHARE},\n{CALL}]"
    yield "array", array.encode()
    yield "lines", f"{SHARE}\n{CALL}\n".encode()
    yield "csv", CSV.encode()
    yield "gzip", gzip.compress(array.encode(), mtime=0)
    yield "members", gzip.compress(b"[", mtime=0) + gzip.compress(f"{CALL}]".encode(), mtime=0)
    yield "bad", f"[{SHARE},{SHARE},{{}},7,{{\"instrument_key\":[[1]]}},{CALL.replace('22200.0', '-1e400')}]".encode()
    yield "cut", array[:200].encode()


TARGETS = {
    "quotes": "/api/v1/quotes?symbols=NSE_EQ%7CINE465A01025,RELIANCE&x=a+b&x=&=%3D",
    "name": "/api/v1/instruments/NSE_INDEX%7CNifty%2050",
    "slash": "/api/v1/a%2Fb/orders/1",
    "url": "https://user.example:8443/v2/login?code=a%20b#part",
    "v6": "wss://[::1]:7443/v3/feed",
    "broken": "/api/v1/%zz?%4",
    "utf8": "/api/v1/instruments/\u0938\u094c\u0926\u093e\U0001f600",
}


def main():
    for target, seeds in (("feed_decoder", frames()), ("journal", segments()), ("feed_request", sessions()),
                          ("instruments_master", masters())):
        for name, data in seeds:
            write(target, name, data)
    for name, text in TARGETS.items():
        write("http_request", name, text.encode())


if __name__ == "__main__":
    main()
