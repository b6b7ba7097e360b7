#!/usr/bin/env python3
"""order_oracle.py over small made-up runs, each with one thing wrong."""
import copy
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from order_oracle import VIOLATIONS

ORACLE = pathlib.Path(__file__).with_name("order_oracle.py")
NS = 1_000_000


def body(tag, price="100.05", quantity=5):
    return {"tag": tag, "instrument_token": "NSE_EQ|X", "transaction_type": "BUY", "product": "I", "order_type": "LIMIT",
            "validity": "DAY", "quantity": quantity, "price": float(price), "trigger_price": 0}


def call(number, tag, at_ms, fault=None, **more):
    return {"what": "call", "call": number, "at_ns": at_ms * NS, "method": "POST", "path": "/v3/order/place",
            "order_id": "", "body": body(tag, **more), "fault": fault}


def modify(number, order_id, at_ms, **more):
    return {"what": "call", "call": number, "at_ns": at_ms * NS, "method": "PUT", "path": "/v3/order/modify",
            "order_id": "", "body": body("", **more) | {"order_id": order_id}, "fault": None}


def cancel(number, order_id, at_ms):
    return {"what": "call", "call": number, "at_ns": at_ms * NS, "method": "DELETE", "path": "/v3/order/cancel",
            "order_id": order_id, "body": "", "fault": None}


def done(number, status=200):
    return {"what": "done", "call": number, "at_ns": 0, "status": status}


def step(order_id, tag, status, filled=0, average="0", price="100.05", quantity=5):
    return {"what": "step", "at_ns": 0, "order_id": order_id, "tag": tag, "instrument_key": "NSE_EQ|X", "product": "I",
            "side": "BUY", "quantity": quantity, "type": "LIMIT", "price": price, "trigger_price": "0",
            "validity": "DAY", "status": status, "message": "", "filled": filled, "average_price": average}


def trade(order_id, quantity, price):
    return {"what": "trade", "at_ns": 0, "order_id": order_id, "trade_id": "1", "quantity": quantity, "price": price}


def row(name, tag, state, numbers, filled="0", average="", price="100.05", quantity="5", reason=""):
    return {"client_order_id": name, "tag": tag, "instrument_key": "NSE_EQ|X", "side": "1", "product": "1",
            "asked_quantity": "5", "asked_type": "2", "asked_price": "100.05", "asked_trigger": "",
            "asked_validity": "1", "created_ms": "1000", "quantity": quantity, "type": "2", "price": price,
            "trigger_price": "", "validity": "1", "state": state, "reason": reason, "filled_quantity": filled,
            "average_price": average, "route": "2", "numbers": numbers}


def event(name, version, kind):
    return {"client_order_id": name, "version": str(version), "kind": kind}


# Orders: f filled in two trades, o open and modified, c cancelled, r refused with 429, n reset before it was looked at,
# l taken and its answer lost.
GOOD = {
    "record": [
        call(1, "t-f", 1001), step("91", "t-f", "open"), trade("91", 2, "100"), step("91", "t-f", "open", 2, "100"),
        trade("91", 3, "100.01"), step("91", "t-f", "complete", 5, "100.006"), done(1),
        call(2, "t-o", 1001), step("92", "t-o", "open"), done(2),
        modify(3, "92", 1002, price="99.95"), step("92", "t-o", "modified", price="99.95"),
        step("92", "t-o", "open", price="99.95"), done(3),
        call(4, "t-c", 1001), step("93", "t-c", "open"), done(4), cancel(5, "93", 1003),
        step("93", "t-c", "cancelled"), done(5),
        call(6, "t-r", 1001), done(6, 429),
        call(7, "t-n", 1001, "reset-before"),
        call(8, "t-l", 1001, "reset-after"), step("94", "t-l", "open"), done(8)],
    "orders": [
        row("f", "t-f", "5", "91", "5", "100.006"), row("o", "t-o", "4", "92", price="99.95"),
        row("c", "t-c", "6", "93"), row("r", "t-r", "7", "", reason="RATE_LIMITED"),
        row("n", "t-n", "9", "", reason="NEVER_ARRIVED"), row("l", "t-l", "4", "94")],
    "events": [event("o", 2, "MODIFY_ASKED"), event("c", 2, "CANCEL_ASKED")],
    "asked": {"f": True, "o": True, "c": True, "r": True, "n": True, "l": True},
}


def ledger(run, name):
    return next(order for order in run["orders"] if order["client_order_id"] == name)


def lines(run, what):
    return [entry for entry in run["record"] if entry["what"] == what]


def lose(run, name):
    run["orders"] = [order for order in run["orders"] if order["client_order_id"] != name]


class OrderOracle(unittest.TestCase):
    def judge(self, run):
        """Exit code, and the counts by name."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "record").write_text("".join(json.dumps(entry) + "\n" for entry in run["record"]))
            for table in ("orders", "events"):
                with open(path / table, "w", newline="", encoding="utf-8") as file:
                    writer = csv.DictWriter(file, fieldnames=list(GOOD[table][0]))
                    writer.writeheader()
                    writer.writerows(run[table])
            (path / "asked").write_text(
                "".join(f"{name}\t{'answered' if answered else ''}\n" for name, answered in run["asked"].items()))
            said = subprocess.run([sys.executable, str(ORACLE), "--record", path / "record", "--orders", path / "orders",
                                   "--events", path / "events", "--asked", path / "asked"],
                                  capture_output=True, text=True, check=False)
        counts = dict(line.split() for line in said.stdout.splitlines() if not line.startswith("#"))
        return said.returncode, {name: int(count) for name, count in counts.items()}

    def finds(self, change, *names):
        run = copy.deepcopy(GOOD)
        change(run)
        code, counts = self.judge(run)
        self.assertEqual(code, 1)
        clean = self.judge(GOOD)[1]
        for name in names:
            self.assertGreater(counts[name], 0, name)
        wrong = {name for name in counts if name in VIOLATIONS and counts[name]}
        self.assertEqual(wrong, set(names))
        self.assertEqual({name: clean[name] for name in VIOLATIONS}, dict.fromkeys(VIOLATIONS, 0))

    def test_a_clean_run_is_clean_and_counted(self):
        code, counts = self.judge(GOOD)
        self.assertEqual(code, 0)
        self.assertEqual(counts["intents"], 6)
        self.assertEqual(counts["orders_at_the_exchange"], 4)
        self.assertEqual(counts["place_calls"], 6)
        self.assertEqual(counts["fault_reset-after"], 1)
        self.assertEqual(counts["state_NOT_SENT"], 1)

    def test_an_order_without_an_intent(self):
        self.finds(lambda run: lose(run, "l"), "order_without_intent", "call_without_intent", "answered_and_lost")

    def test_an_adopted_order_is_one_without_an_intent(self):
        def change(run):
            ledger(run, "l")["client_order_id"] = "ext-94"
            run["asked"]["ext-94"] = True
            run["asked"]["l"] = False
        self.finds(change, "order_without_intent", "call_without_intent")

    def test_a_call_before_its_intent(self):
        self.finds(lambda run: ledger(run, "n").update(created_ms="1002"), "call_before_intent")

    def test_an_intent_sent_twice(self):
        self.finds(lambda run: run["record"].append(call(9, "t-n", 1005, "reset-before")), "sent_twice")

    def test_an_intent_with_two_orders(self):
        self.finds(lambda run: run["record"].append(step("95", "t-l", "open")), "doubled")

    def test_an_order_sent_as_another(self):
        self.finds(lambda run: ledger(run, "n").update(asked_price="100.10"), "sent_otherwise")

    def test_an_order_left_unknown(self):
        self.finds(lambda run: ledger(run, "n").update(state="8"), "left_unknown")

    def test_an_order_left_an_intent(self):
        self.finds(lambda run: ledger(run, "n").update(state="1"), "left_intent")

    def test_an_order_concluded_as_not_sent_that_is_there(self):
        self.finds(lambda run: ledger(run, "l").update(state="9", numbers=""), "state_differs", "number_differs")

    def test_an_order_that_rests_in_the_ledger_alone(self):
        self.finds(lambda run: ledger(run, "n").update(state="4"), "state_differs")

    def test_a_refusal_that_nobody_gave(self):
        self.finds(lambda run: ledger(run, "n").update(state="7"), "state_differs")

    def test_an_end_that_the_ledger_missed(self):
        self.finds(lambda run: ledger(run, "c").update(state="4"), "state_differs")

    def test_a_fill_that_the_ledger_missed(self):
        self.finds(lambda run: ledger(run, "f").update(filled_quantity="2", state="4"), "filled_differs",
                   "state_differs")

    def test_a_fill_of_no_order(self):
        self.finds(lambda run: ledger(run, "n").update(filled_quantity="1"), "filled_differs")

    def test_another_average(self):
        self.finds(lambda run: ledger(run, "f").update(average_price="100.005"), "average_differs")

    def test_other_terms(self):
        self.finds(lambda run: ledger(run, "o").update(price="100.05"), "terms_differ")

    def test_trades_that_are_not_the_fill(self):
        self.finds(lambda run: run["record"].remove(lines(run, "trade")[0]), "record_contradicts_itself",
                   "filled_differs")

    def test_a_change_of_an_order_that_nobody_has(self):
        self.finds(lambda run: run["record"].append(cancel(9, "77", 1005)), "change_of_no_order")

    def test_a_change_sent_twice(self):
        self.finds(lambda run: run["record"].append(cancel(9, "93", 1005)), "change_without_note")

    def test_a_modify_that_takes_an_earlier_one_back(self):
        def change(run):
            run["record"] += [modify(9, "92", 1005, price="99.95", quantity=4),
                              step("92", "t-o", "open", price="99.95", quantity=4),
                              modify(10, "92", 1006, quantity=3),
                              step("92", "t-o", "open", price="100.05", quantity=3)]
            run["events"] += [event("o", 3, "MODIFY_ASKED"), event("o", 4, "MODIFY_ASKED")]
            ledger(run, "o").update(price="100.05", quantity="3")
        self.finds(change, "old_terms_sent")

    def test_a_modify_builds_on_one_that_is_not_shown_yet(self):
        run = copy.deepcopy(GOOD)
        run["record"] += [modify(9, "92", 1005, price="99.95", quantity=4), modify(10, "92", 1006, price="99.90", quantity=4),
                          step("92", "t-o", "open", price="99.90", quantity=4)]
        run["events"] += [event("o", 3, "MODIFY_ASKED"), event("o", 4, "MODIFY_ASKED")]
        ledger(run, "o").update(price="99.90", quantity="4")
        self.assertEqual(self.judge(run)[0], 0)

    def test_an_answered_order_that_is_lost(self):
        self.finds(lambda run: run["asked"].update(gone=True), "answered_and_lost")

    def test_an_order_that_nobody_asked_for(self):
        self.finds(lambda run: run["asked"].pop("n"), "never_asked_for")

    def test_what_cannot_be_read_is_no_verdict(self):
        run = copy.deepcopy(GOOD)
        run["record"].append({"what": "guess"})
        self.assertEqual(self.judge(run)[0], 2)


if __name__ == "__main__":
    unittest.main()
