#!/usr/bin/env python3
"""The oracle of order_fault_test: judges a run by the ledger's rows and the simulator's record, and asks neither the
service nor the simulator's book.

  order_oracle.py --record FILE (--database URL | --orders CSV --events CSV) [--asked FILE] [--show N]

The record is what `sauda-sim --order-record` writes. ORDERS and EVENTS are the tables as psql's --csv gives them; with
--database they are read here. ASKED has the client_order_id of every order that a client asked for, one a line, with
`answered` after a tab when the service answered with it. Prints figures, then what is wrong, each with its order.
Exits 0 when nothing is, 1 when something is, 2 when the files cannot be read. Clients must change one thing at a time.
"""
import argparse
import collections
import csv
import decimal
import io
import json
import subprocess
import sys

ORDERS_SQL = """
  SELECT o.client_order_id, o.tag, o.instrument_key, o.side, o.product, o.asked_quantity, o.asked_type, o.asked_price,
         o.asked_trigger, o.asked_validity, o.created_ms, o.quantity, o.type, o.price, o.trigger_price, o.validity,
         o.state, o.reason, o.filled_quantity, o.average_price, o.route,
         (SELECT string_agg(b.broker_order_id, ' ' ORDER BY b.place)
          FROM orders.broker_orders b WHERE b.order_no = o.order_no) AS numbers
  FROM orders.orders o ORDER BY o.order_no"""
EVENTS_SQL = """
  SELECT o.client_order_id, e.version, e.kind FROM orders.order_events e JOIN orders.orders o USING (order_no)
  ORDER BY e.order_no, e.version"""

# The numbers of the ledger's columns, and the broker's words for the same.
SIDES = {"1": "BUY", "2": "SELL"}
TYPES = {"1": "MARKET", "2": "LIMIT", "3": "SL", "4": "SL-M"}
PRODUCTS = {"1": "I", "2": "D", "3": "MTF"}
VALIDITIES = {"1": "DAY", "2": "IOC"}
STATES = {"1": "INTENT", "2": "PENDING", "3": "TRIGGER_PENDING", "4": "OPEN", "5": "FILLED", "6": "CANCELLED",
          "7": "REJECTED", "8": "UNKNOWN", "9": "NOT_SENT"}
STATE_OF_STATUS = {"put order req received": "PENDING", "validation pending": "PENDING", "open pending": "PENDING",
                   "after market order req received": "PENDING", "trigger pending": "TRIGGER_PENDING", "open": "OPEN",
                   "complete": "FILLED", "rejected": "REJECTED", "cancelled": "CANCELLED",
                   "cancelled after market order": "CANCELLED"}
NANOS = 1_000_000_000
PLACE, MODIFY, CANCEL = "POST", "PUT", "DELETE"


def exact(text):
    """A price as a Decimal; nothing, as no price, is 0."""
    return decimal.Decimal(text) if text not in (None, "") else decimal.Decimal(0)


def terms_of(row):
    """What a modify may change, of a step of the record or the body of a call."""
    kind = row.get("type") or row["order_type"]
    return {"quantity": int(row["quantity"]), "type": kind, "validity": row["validity"],
            "price": exact(row["price"]) if kind in ("LIMIT", "SL") else decimal.Decimal(0),
            "trigger_price": exact(row["trigger_price"]) if kind in ("SL", "SL-M") else decimal.Decimal(0)}


def terms_of_ledger(order, prefix=""):
    trigger = order[prefix + "trigger"] if prefix else order["trigger_price"]
    return {"quantity": int(order[prefix + "quantity"]), "type": TYPES.get(order[prefix + "type"]),
            "validity": VALIDITIES.get(order[prefix + "validity"]), "price": exact(order[prefix + "price"]),
            "trigger_price": exact(trigger)}


def differing(a, b):
    return [name for name in a if a[name] != b[name]]


class Exchange:
    """What the record says: calls in the order in which they came, and each order's last step and trades."""

    def __init__(self, lines):
        self.calls, self.done = [], {}
        self.last, self.trades = {}, collections.defaultdict(list)
        for line in lines:
            entry = json.loads(line, parse_float=decimal.Decimal)
            what = entry["what"]
            if what == "call":
                # How the order that it changes stood when it came.
                body = entry["body"] if isinstance(entry["body"], dict) else {}
                entry["of"] = entry["order_id"] or body.get("order_id")
                stood = self.last.get(entry["of"])
                entry["stood"] = terms_of(stood) if stood else None
                self.calls.append(entry)
            elif what == "done":
                self.done[entry["call"]] = entry
            elif what == "step":
                self.last[entry["order_id"]] = entry
            elif what == "trade":
                self.trades[entry["order_id"]].append(entry)
            else:
                raise ValueError(f"no such line: {what}")
        self.by_tag = collections.defaultdict(list)
        for step in self.last.values():
            self.by_tag[step["tag"]].append(step)

    def of_method(self, method):
        return [call for call in self.calls if call["method"] == method]

    def bought(self, order_id):
        """Units and their average price in rupees, from the trades alone: rounded to nanos, halves up."""
        units, value = 0, 0
        for trade in self.trades[order_id]:
            units += int(trade["quantity"])
            value += int(exact(trade["price"]) * NANOS) * int(trade["quantity"])
        average = decimal.Decimal((value + units // 2) // units) / NANOS if units else decimal.Decimal(0)
        return units, average


class Judge:
    def __init__(self, exchange, orders, events, asked):
        self.exchange, self.orders, self.events, self.asked = exchange, orders, events, asked
        self.by_tag = {order["tag"]: order for order in orders}
        self.by_number = {number: order for order in orders for number in order["numbers"].split()}
        self.wrong = []  # (name, which, detail)

    def tell(self, name, which, detail=""):
        self.wrong.append((name, which, detail))

    def judge(self):
        self.judge_places()
        self.judge_changes()
        self.judge_exchange()
        for order in self.orders:
            self.judge_order(order)
        self.judge_asked()
        return self.wrong

    def judge_places(self):
        """No order leaves without its intent, twice, or as another one."""
        calls = collections.Counter()
        for call in self.exchange.of_method(PLACE):
            tag = call["body"].get("tag", "")
            calls[tag] += 1
            order = self.by_tag.get(tag)
            if order is None or order["client_order_id"].startswith("ext-"):
                self.tell("call_without_intent", tag)
                continue
            if call["at_ns"] // 1_000_000 < int(order["created_ms"]):
                self.tell("call_before_intent", order["client_order_id"])
            sent = terms_of(call["body"]) | {"instrument": call["body"]["instrument_token"],
                                             "side": call["body"]["transaction_type"],
                                             "product": call["body"]["product"]}
            meant = terms_of_ledger(order, "asked_") | {"instrument": order["instrument_key"],
                                                        "side": SIDES.get(order["side"]),
                                                        "product": PRODUCTS.get(order["product"])}
            if differing(sent, meant):
                self.tell("sent_otherwise", order["client_order_id"], f"{differing(sent, meant)}")
        for tag, times in calls.items():
            if times > 1:
                self.tell("sent_twice", tag, f"{times} times")

    def judge_changes(self):
        """No modify or cancel leaves without its note or twice, and a modify changes no more than was asked for."""
        sent = collections.Counter()
        before = {}
        for call in self.exchange.calls:
            if call["method"] == PLACE:
                continue
            order = self.by_number.get(call["of"])
            if order is None:
                self.tell("change_of_no_order", str(call["of"]))
                continue
            client_order_id = order["client_order_id"]
            sent[(client_order_id, call["method"])] += 1
            if call["method"] != MODIFY:
                continue
            terms = terms_of(call["body"])
            bases = [base for base in (call["stood"], before.get(client_order_id)) if base]
            if bases and all(len(differing(terms, base)) > 1 for base in bases):
                self.tell("old_terms_sent", client_order_id, ", ".join(
                    f"{name} {terms[name]} for {bases[0][name]}" for name in differing(terms, bases[0])))
            before[client_order_id] = terms
        noted = collections.Counter((event["client_order_id"], event["kind"]) for event in self.events)
        for (client_order_id, method), times in sent.items():
            kind = "MODIFY_ASKED" if method == MODIFY else "CANCEL_ASKED"
            if times > noted[(client_order_id, kind)]:
                self.tell("change_without_note", client_order_id,
                          f"{kind}: {noted[(client_order_id, kind)]}, sent: {times}")

    def judge_exchange(self):
        """Every order at the exchange is one intent's."""
        for tag, steps in self.exchange.by_tag.items():
            order = self.by_tag.get(tag)
            if order is None or order["client_order_id"].startswith("ext-"):
                self.tell("order_without_intent", steps[0]["order_id"], f"tag {tag}")
            if len(steps) > 1:
                self.tell("doubled", tag, f"{len(steps)} orders")

    def judge_order(self, order):
        """The ledger's row is what the exchange has."""
        name, state = order["client_order_id"], STATES.get(order["state"])
        if state in ("UNKNOWN", "INTENT"):
            self.tell("left_" + state.lower(), name, order["reason"])
            return
        steps = self.exchange.by_tag.get(order["tag"], [])
        if not steps:
            self.judge_absent(order, state)
            return
        step = steps[0]
        should = STATE_OF_STATUS.get(step["status"])
        if state != should:
            self.tell("state_differs", name, f"ledger {state} {order['reason']}, exchange {step['status']}")
        if order["numbers"].split() != [step["order_id"]]:
            self.tell("number_differs", name, f"ledger {order['numbers']!r}, exchange {step['order_id']}")
        differ = differing(terms_of_ledger(order), terms_of(step))
        if differ:
            self.tell("terms_differ", name, f"{differ}: ledger {terms_of_ledger(order)}, exchange {terms_of(step)}")
        units, average = self.exchange.bought(step["order_id"])
        if units != int(step["filled"]) or average != exact(step["average_price"]):
            self.tell("record_contradicts_itself", name, f"{units} at {average} traded, {step}")
        if int(order["filled_quantity"]) != units:
            self.tell("filled_differs", name, f"ledger {order['filled_quantity']}, exchange {units}")
        elif exact(order["average_price"]) != average:
            self.tell("average_differs", name, f"ledger {order['average_price']}, exchange {average}")

    def judge_absent(self, order, state):
        """The exchange never had it."""
        name = order["client_order_id"]
        calls = [call for call in self.exchange.of_method(PLACE) if call["body"].get("tag") == order["tag"]]
        if state == "REJECTED":
            refused = any(400 <= self.exchange.done.get(call["call"], {}).get("status", 0) < 500 for call in calls)
            if not refused:
                self.tell("state_differs", name, "ledger REJECTED, and nobody refused it")
        elif state != "NOT_SENT":
            self.tell("state_differs", name, f"ledger {state}, the exchange never had it")
        if int(order["filled_quantity"]) != 0 or order["numbers"]:
            self.tell("filled_differs", name, "the exchange never had it")

    def judge_asked(self):
        """What was answered is in the ledger, and nothing is that nobody asked for."""
        kept = {order["client_order_id"] for order in self.orders}
        for name, answered in self.asked.items():
            if answered and name not in kept:
                self.tell("answered_and_lost", name)
        if self.asked:
            for name in sorted(kept - self.asked.keys()):
                self.tell("never_asked_for", name)

    def figures(self):
        """Counts by name, for people and for the test."""
        exchange = self.exchange
        yield "intents", len(self.orders)
        yield "orders_at_the_exchange", len(exchange.last)
        yield "trades", sum(len(trades) for trades in exchange.trades.values())
        for name, method in (("place_calls", PLACE), ("modify_calls", MODIFY), ("cancel_calls", CANCEL)):
            yield name, len(exchange.of_method(method))
        faults = collections.Counter(call["fault"] for call in exchange.calls if call["fault"])
        for kind in sorted(faults):
            yield "fault_" + kind, faults[kind]
        states = collections.Counter(STATES.get(order["state"]) for order in self.orders)
        for state in sorted(states, key=str):
            yield "state_" + str(state), states[state]
        reasons = collections.Counter(order["reason"] for order in self.orders if order["reason"])
        for reason in sorted(reasons):
            yield "reason_" + reason, reasons[reason]


VIOLATIONS = ["order_without_intent", "call_without_intent", "call_before_intent", "sent_twice", "doubled",
              "sent_otherwise", "change_of_no_order", "change_without_note", "old_terms_sent", "left_unknown",
              "left_intent", "state_differs", "number_differs", "terms_differ", "filled_differs", "average_differs",
              "record_contradicts_itself", "answered_and_lost", "never_asked_for"]


def query(url, sql):
    done = subprocess.run(["psql", "-X", "--csv", "-v", "ON_ERROR_STOP=1", "-c", sql, url], capture_output=True,
                          text=True, check=True)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_asked(path):
    asked = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, _, answered = line.rstrip("\n").partition("\t")
            asked[name] = asked.get(name, False) or answered == "answered"
    return asked


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--record", required=True)
    parser.add_argument("--database")
    parser.add_argument("--orders")
    parser.add_argument("--events")
    parser.add_argument("--asked")
    parser.add_argument("--show", type=int, default=10, help="how many of each kind of violation to show")
    given = parser.parse_args()
    try:
        with open(given.record, encoding="utf-8") as file:
            exchange = Exchange(file)
        if given.database:
            orders, events = query(given.database, ORDERS_SQL), query(given.database, EVENTS_SQL)
        else:
            orders, events = read_csv(given.orders), read_csv(given.events)
        asked = read_asked(given.asked) if given.asked else {}
    except (OSError, ValueError, TypeError, KeyError, subprocess.CalledProcessError) as why:
        print(f"order_oracle: cannot judge: {why} {getattr(why, 'stderr', '')}", file=sys.stderr)
        return 2
    judge = Judge(exchange, orders, events, asked)
    wrong = judge.judge()
    for name, count in judge.figures():
        print(name, count)
    counts = collections.Counter(name for name, _, _ in wrong)
    for name in VIOLATIONS:
        print(name, counts[name])
        for _, which, detail in [entry for entry in wrong if entry[0] == name][:given.show]:
            print(f"# {name}: {which} {detail}".rstrip())
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
