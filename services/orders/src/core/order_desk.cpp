#include "services/orders/src/core/order_desk.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "services/orders/src/core/terms_text.hpp"

namespace sauda::orders {
namespace {

using What = Watchman::What;

constexpr std::int64_t kNanosPerMilli = 1'000'000;

/// How old a modify may be that an earlier run asked for and that still may show.
constexpr std::chrono::milliseconds kRecalled{60'000};
constexpr std::int32_t kMostRecalled = 10'000;

/// The note that answers a question asked of the broker.
Noted::What AnswerTo(Noted::What asked, const Result<void>& answer) {
  const bool modify = asked == Noted::What::kModifyAsked;
  if (answer) return modify ? Noted::What::kModifyAccepted : Noted::What::kCancelAccepted;
  if (answer.error().reason == "UNSETTLED") {
    return modify ? Noted::What::kModifyUnsettled : Noted::What::kCancelUnsettled;
  }
  return modify ? Noted::What::kModifyRefused : Noted::What::kCancelRefused;
}

/// Whether it is certain that nothing was changed.
bool IsRefusal(const Result<void>& answer) {
  return !answer && answer.error().reason != "UNSETTLED";
}

constexpr auto kGivenUp = "CALLER_GONE";
constexpr auto kGivenUpMessage = "the caller gave up before the order could be sent";

bool HasGivenUp(const OrderDesk::StillWaits& still_waits) { return still_waits && !still_waits(); }

bool IsInDoubt(const Error& error) { return error.reason == "COMMIT_IN_DOUBT"; }

Order AdoptedFrom(const BrokerRow& row, const std::string& account_id) {
  Order order;
  order.request = {.account_id = account_id,
                   .client_order_id = "ext-" + row.broker_order_id,
                   .instrument = row.instrument_key,
                   .side = row.side,
                   .quantity = row.terms.quantity,
                   .type = row.terms.type,
                   .price = row.terms.price,
                   .trigger = row.terms.trigger,
                   .product = row.product,
                   .validity = row.terms.validity};
  order.terms = row.terms;
  order.instrument_key = row.instrument_key;
  order.trading_symbol = row.trading_symbol;
  order.tag = order.request.client_order_id;
  order.state = OrderState::kPending;
  order.broker_order_ids = {row.broker_order_id};
  order.version = 1;
  return order;
}

}  // namespace

Result<void> OrderDesk::ResolveAccount(std::string& account_id) const {
  if (account_id.empty()) account_id = parts_.account_id;
  if (account_id == parts_.account_id) return {};
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "no account " + account_id};
}

bool OrderDesk::IsUnderWay(const std::string& client_order_id) const {
  const std::lock_guard lock{mutex_};
  return under_way_.contains(client_order_id);
}

std::mutex& OrderDesk::StripeOf(const std::string& client_order_id) {
  return stripes_.at(std::hash<std::string>{}(client_order_id) % stripes_.size());
}

Result<Order> OrderDesk::Place(NewOrder order, const StillWaits& still_waits) {
  if (const auto account = ResolveAccount(order.account_id); !account) return account.error();
  const Slot slot{mutex_, under_way_, order.client_order_id};
  if (!slot.taken()) {
    return Error{Code::kAborted, "ORDER_UNDER_WAY",
                 "order " + order.client_order_id + " is being placed by another call"};
  }
  return PlaceAlone(order, still_waits);
}

Result<Order> OrderDesk::PlaceAlone(const NewOrder& order, const StillWaits& still_waits) {
  const auto prepared = Prepare(order);
  const Result<void> room = prepared ? TakeRoom(Spend::kOrder) : Result<void>{prepared.error()};
  if (!room) {
    // A repeat gets its first answer even when the order would be refused by now.
    const auto kept = parts_.ledger.Find({order.account_id, order.client_order_id});
    return kept ? Answer(*kept, order) : room.error();
  }
  if (HasGivenUp(still_waits)) return Error{Code::kDeadlineExceeded, kGivenUp, kGivenUpMessage};
  const auto begun = Begin(prepared->intent);
  if (!begun) return begun.error();
  if (!begun->is_new) return Answer(begun->order, order);
  parts_.listener.OnOrder(begun->order);
  return Send({.intent = begun->order, .instrument = prepared->instrument}, still_waits);
}

Result<OrderDesk::Prepared> OrderDesk::Prepare(const NewOrder& order) {
  if (const auto form = CheckForm(order); !form) return form.error();
  if (const auto on = CheckKill(); !on) return on.error();
  if (const auto ready = parts_.venue.CheckReady(); !ready) return ready.error();
  auto instrument = parts_.instruments.Find(order.instrument);
  if (!instrument) return instrument.error();
  Prepared prepared{.intent = {}, .instrument = *std::move(instrument)};
  Order& intent = prepared.intent;
  intent.request = order;
  intent.terms = {.quantity = order.quantity,
                  .type = order.type,
                  .price = order.price,
                  .trigger = order.trigger,
                  .validity = order.validity};
  intent.market_ms = parts_.market_clock.NowMs();
  const auto against = CheckAgainst(prepared.instrument, intent.terms, intent.market_ms);
  if (!against) return against.error();
  for (OrderCheck* check : parts_.checks) {
    if (const auto passed = check->Check(order, prepared.instrument); !passed) {
      return passed.error();
    }
  }
  if (const auto fits = parts_.venue.CheckOrder(order, prepared.instrument); !fits) {
    return fits.error();
  }
  intent.instrument_id = prepared.instrument.id;
  intent.instrument_key = prepared.instrument.key;
  intent.trading_symbol = prepared.instrument.trading_symbol;
  intent.tag = parts_.make_tag();
  intent.created_ms = parts_.clock.UtcNs() / kNanosPerMilli;
  intent.updated_ms = intent.created_ms;
  intent.version = 1;
  intent.route = parts_.venue.route();
  intent.simulated = parts_.venue.simulated();
  return prepared;
}

Result<Order> OrderDesk::Answer(const Order& kept, const NewOrder& asked) const {
  if (SameOrder(kept, asked)) return kept;
  return Error{Code::kAlreadyExists, "CLIENT_ORDER_ID_REUSED",
               asked.client_order_id + " names another order"};
}

Result<Ledger::Begun> OrderDesk::Begin(const Order& intent) {
  auto begun = parts_.ledger.Begin(intent);
  if (!begun && IsInDoubt(begun.error())) begun = parts_.ledger.Begin(intent);
  return begun;
}

Result<void> OrderDesk::CheckKill() const {
  return parts_.kill == nullptr ? Result<void>{} : parts_.kill->Check();
}

/// Cancels go on when nobody can tell what was spent: no order leaves then, so the room is theirs.
Result<void> OrderDesk::TakeRoom(Spend spend) const {
  if (parts_.budget == nullptr) return {};
  auto room = parts_.budget->Take(spend, parts_.budget_patience);
  const bool blind_cancel =
      !room && spend == Spend::kCancel && room.error().reason == "BUDGET_DOWN";
  return blind_cancel ? Result<void>{} : room;
}

Report OrderDesk::SendOnce(const Prepared& prepared, const StillWaits& still_waits) {
  if (HasGivenUp(still_waits)) return NotSent{kGivenUp, kGivenUpMessage};
  if (const auto on = CheckKill(); !on) return NotSent{on.error().reason, on.error().message};
  return parts_.venue.Place(prepared.intent, prepared.instrument);
}

Result<Order> OrderDesk::Send(const Prepared& prepared, const StillWaits& still_waits) {
  const Report outcome = SendOnce(prepared, still_waits);
  auto kept = Apply(NameOf(prepared.intent), outcome);
  if (!kept && IsInDoubt(kept.error())) kept = Apply(NameOf(prepared.intent), outcome);
  if (!kept) {
    const auto* const accepted = std::get_if<Accepted>(&outcome);
    if (accepted != nullptr && parts_.open_orders != nullptr) {
      parts_.open_orders->OnNumbers(prepared.intent, accepted->broker_order_ids);
    }
    parts_.watchman.Tell(What::kUnrecorded, prepared.intent, KindOf(outcome));
    return Error{Code::kUnavailable, "OUTCOME_UNRECORDED",
                 "the order was sent, but what became of it could not be written; repeat the same "
                 "request to learn it: it is not sent again"};
  }
  parts_.watchman.Tell(kept->state == OrderState::kUnknown ? What::kUnknown : What::kPlaced, *kept,
                       kept->message);
  return kept;
}

Result<Order> OrderDesk::Apply(const OrderName& name, const Report& report,
                               std::optional<Monotonic> read_at) {
  const std::lock_guard lock{StripeOf(name.client_order_id)};
  const std::int64_t now_ms = parts_.clock.UtcNs() / kNanosPerMilli;
  auto change = parts_.ledger.Apply(name, report, now_ms);
  if (!change) {
    if (parts_.deals != nullptr && IsInDoubt(change.error())) parts_.deals->OnDoubt();
    return change.error();
  }
  if (parts_.deals != nullptr && !change->deals.empty()) parts_.deals->OnDeals(change->deals);
  if (change->changed) parts_.listener.OnOrder(change->order);
  const auto* const row = std::get_if<BrokerRow>(&report);
  if (row != nullptr && !row->outdated) {
    asked_.Learn(change->order, row->status, read_at);
  }
  return std::move(change->order);
}

Result<Order> OrderDesk::Get(OrderName name) {
  if (const auto account = ResolveAccount(name.account_id); !account) return account.error();
  return parts_.ledger.Find(name);
}

Result<Ledger::Page> OrderDesk::List(Ledger::Query query) {
  if (const auto account = ResolveAccount(query.account_id); !account) return account.error();
  return parts_.ledger.List(query);
}

Result<Order> OrderDesk::Ask(const OrderName& name, const Noted& asked,
                             const std::function<Result<void>(const Order&)>& send) {
  const auto noted = Apply(name, asked);
  if (!noted) return noted.error();
  const Result<void> answer = send(*noted);
  const std::string detail =
      answer ? std::string{} : answer.error().reason + ": " + answer.error().message;
  auto kept = Apply(name, Noted{.what = AnswerTo(asked.what, answer), .detail = detail});
  if (answer) return kept ? kept : noted;  // asked for; the stream brings what it led to
  if (answer.error().reason != "UNSETTLED") return answer.error();
  const bool modify = asked.what == Noted::What::kModifyAsked;
  return Error{Code::kUnavailable, modify ? "MODIFY_UNSETTLED" : "CANCEL_UNSETTLED",
               answer.error().message};
}

Result<void> OrderDesk::CheckChangeable(const Order& order) const {
  if (auto stands = CheckStands(order); !stands) return stands;
  if (order.route == parts_.venue.route() && order.simulated == simulated()) return {};
  return Error{Code::kFailedPrecondition, "OTHER_ROUTE",
               "the order went by the other route, or to another broker"};
}

Result<Order> OrderDesk::Modify(const OrderName& name, const TermsChange& change) {
  const Slot slot{mutex_, modified_, name.client_order_id};
  if (!slot.taken()) {
    return Error{Code::kAborted, "MODIFY_UNDER_WAY",
                 "order " + name.client_order_id + " is being modified by another call"};
  }
  const auto asked = asked_.Last(name.client_order_id);  // before the order: it may be settled now
  auto order = Get(name);
  if (!order) return order;
  if (const auto open = CheckChangeable(*order); !open) return open.error();
  Order base = *order;
  if (asked) base.terms = *asked;
  auto terms = ChangedTerms(base, change);
  // What may not have arrived may be asked for again.
  const bool again = asked && change != TermsChange{};
  if (!terms && again && terms.error().reason == "NOTHING_TO_CHANGE") terms = *asked;
  if (!terms) return terms.error();
  if (const auto on = CheckKill(); !on) return on.error();
  // Without the broker's view the terms that are sent along may be old ones.
  if (const auto ready = parts_.venue.CheckReady(); !ready) return ready.error();
  const auto instrument = parts_.instruments.Find(order->instrument_key);
  if (!instrument) return instrument.error();
  const auto against = CheckAgainst(*instrument, *terms, parts_.market_clock.NowMs());
  if (!against) return against.error();
  if (const auto room = TakeRoom(Spend::kOrder); !room) return room.error();
  return Ask(NameOf(*order), {.what = Noted::What::kModifyAsked, .detail = ToText(*terms)},
             [&](const Order& now) { return SendModify(now, *terms); });
}

Result<void> OrderDesk::SendModify(const Order& order, const Terms& terms) {
  const std::string& id = order.request.client_order_id;
  if (auto on = CheckKill(); !on) return on;
  asked_.Ask(order, terms);  // the stream may be faster than the answer
  auto answer = parts_.venue.Modify(order, terms);
  if (IsRefusal(answer)) asked_.Withdraw(id);
  asked_.Answered(id, parts_.clock.Now());
  return answer;
}

Result<void> OrderDesk::RecallModifies() {
  const std::int64_t since_ms = parts_.clock.UtcNs() / kNanosPerMilli - kRecalled.count();
  const auto asked = parts_.ledger.ModifiesSince(
      {.account_id = parts_.account_id, .since_ms = since_ms, .limit = kMostRecalled});
  if (!asked) return asked.error();
  std::map<std::string, std::vector<Terms>> by_order;
  for (const Ledger::AskedModify& one : *asked) {
    if (const auto terms = TermsOf(one.detail)) by_order[one.client_order_id].push_back(*terms);
  }
  for (const auto& [id, terms] : by_order) {
    const auto order = parts_.ledger.Find({parts_.account_id, id});
    if (!order) return order.error();
    // What the ledger shows already is confirmed, and so is what was asked for before it.
    const auto shown = std::find(terms.rbegin(), terms.rend(), order->terms);
    for (auto open = shown.base(); open != terms.end(); ++open) asked_.Ask(*order, *open);
    if (shown.base() != terms.end()) asked_.Answered(id, parts_.clock.Now());
  }
  return {};
}

Result<Order> OrderDesk::Cancel(const OrderName& name) {
  auto order = Get(name);
  if (!order) return order;
  if (const auto open = CheckChangeable(*order); !open) return open.error();
  if (const auto room = TakeRoom(Spend::kCancel); !room) return room.error();
  return Ask(NameOf(*order), {.what = Noted::What::kCancelAsked, .detail = {}},
             [&](const Order& now) {
               const std::string& id = now.request.client_order_id;
               asked_.AskCancel(id);
               auto answer = parts_.venue.Cancel(now);
               if (IsRefusal(answer)) asked_.WithdrawCancel(id);
               asked_.Answered(id, parts_.clock.Now());
               return answer;
             });
}

Result<void> OrderDesk::Learn(const BrokerRow& row, std::optional<Monotonic> read_at) {
  const auto order = parts_.ledger.FindByBroker({.account_id = parts_.account_id,
                                                 .simulated = simulated(),
                                                 .broker_order_id = row.broker_order_id,
                                                 .tag = row.tag});
  if (order) return LearnOf(*order, row, read_at);
  if (order.error().code != Code::kNotFound) return order.error();
  return Adopt(row);
}

Result<void> OrderDesk::LearnOf(const Order& order, const BrokerRow& row,
                                std::optional<Monotonic> read_at) {
  BrokerRow news = row;
  news.outdated = told_.IsOutdated(row, read_at.has_value());
  const auto kept = Apply(NameOf(order), news, read_at);
  if (kept && !OpenOrders::MayTrade(kept->state)) told_.Forget(row.broker_order_id);
  if (!kept) {
    if (kept.error().code == Code::kUnavailable) return kept.error();
    parts_.watchman.Tell(What::kNotUnderstood, order, kept.error().message);
    return {};
  }
  if (kept->version == order.version) return {};
  if (order.state == OrderState::kUnknown) parts_.watchman.Tell(What::kSettled, *kept, row.status);
  if (order.state == OrderState::kNotSent ||
      (order.state == OrderState::kRejected && order.broker_order_ids.empty())) {
    parts_.watchman.Tell(What::kTurnedUp, *kept, row.status);
  }
  return {};
}

Result<void> OrderDesk::Adopt(const BrokerRow& row) {
  Order order = AdoptedFrom(row, parts_.account_id);
  order.created_ms = parts_.clock.UtcNs() / kNanosPerMilli;
  order.updated_ms = order.created_ms;
  order.market_ms = parts_.market_clock.NowMs();
  order.route = parts_.venue.route();
  order.simulated = parts_.venue.simulated();
  if (row.broker_order_id.empty() || row.side == Side::kUnknown || row.terms.quantity <= 0) {
    parts_.watchman.Tell(What::kNotUnderstood, order,
                         "an order we did not place, without number, "
                         "side or quantity");
    return {};
  }
  if (const auto instrument = parts_.instruments.Find(row.instrument_key); instrument) {
    order.instrument_id = instrument->id;  // an order is adopted whether or not the master has it
  }
  const auto begun = Begin(order);
  if (!begun) return begun.error();
  if (begun->order.simulated != order.simulated) {
    parts_.watchman.Tell(What::kNotUnderstood, begun->order,
                         "an order of the real broker and a simulated one have the same number");
    return {};
  }
  if (begun->is_new) {
    parts_.listener.OnOrder(begun->order);
    parts_.watchman.Tell(What::kAdopted, begun->order, row.status);
  }
  return LearnOf(begun->order, row, std::nullopt);
}

}  // namespace sauda::orders
