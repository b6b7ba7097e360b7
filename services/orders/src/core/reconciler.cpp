#include "services/orders/src/core/reconciler.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace sauda::orders {
namespace {

constexpr std::int64_t kMsPerMinute = 60'000;
constexpr std::int64_t kMsPerDay = kMsPerMinute * 60 * 24;
constexpr std::int64_t kIstOffsetMs = 330 * kMsPerMinute;     // +05:30, the whole year
constexpr std::int64_t kServiceOpensMs = 330 * kMsPerMinute;  // 05:30

std::int64_t DayOf(std::int64_t market_ms) { return (market_ms + kIstOffsetMs) / kMsPerDay; }

}  // namespace

bool IsOrderServiceOpen(std::int64_t market_ms) {
  return (market_ms + kIstOffsetMs) % kMsPerDay >= kServiceOpensMs;
}

bool IsSameMarketDay(std::int64_t a_ms, std::int64_t b_ms) { return DayOf(a_ms) == DayOf(b_ms); }

bool ArrivalJudge::NoteAbsence(const std::string& tag, Monotonic read_at,
                               std::int64_t market_now_ms, std::int64_t sent_market_ms) {
  if (!IsOrderServiceOpen(market_now_ms) || !IsSameMarketDay(market_now_ms, sent_market_ms)) {
    Forget(tag);
    return false;
  }
  const auto [first, is_first] = first_absent_.try_emplace(tag, read_at);
  if (is_first || read_at - first->second < apart_) return false;
  Forget(tag);
  return true;
}

Result<Reconciler::Summary> Reconciler::Run() {
  // In this order: an order sent after the list was read is not judged by a book read before it.
  const auto unsettled = parts_.ledger.Unsettled({.account_id = parts_.account_id,
                                                  .route = Route::kLive,
                                                  .simulated = parts_.desk.simulated()});
  if (!unsettled) return unsettled.error();
  const Monotonic read_at = parts_.clock.Now();
  const auto rows = parts_.book.Book();
  if (!rows) return rows.error();
  const auto known = KnownRows(*rows);
  if (!known) return known.error();
  Summary summary{.rows = static_cast<std::int64_t>(rows->size())};
  std::set<std::string> shown;
  for (const BrokerRow& row : *rows) {
    shown.insert(row.broker_order_id);
    if (known->contains(row.broker_order_id)) continue;
    if (const auto learnt = parts_.desk.Learn(row, read_at); !learnt) return learnt.error();
  }
  for (const Order& order : *unsettled) {
    if (IsOpen(order.state)) {
      const auto& ids = order.broker_order_ids;
      const bool missing =
          std::none_of(ids.begin(), ids.end(), [&](const auto& id) { return shown.contains(id); });
      if (!missing) continue;
      ++summary.missing;
      parts_.watchman.Tell(Watchman::What::kMissingFromBook, order, order.broker_status);
    } else if (const auto settled = Settle(order, read_at, summary); !settled) {
      return settled.error();
    }
  }
  summary.unconfirmed = static_cast<std::int64_t>(parts_.desk.unconfirmed());
  return summary;
}

/// Numbers of the rows that tell an order as the ledger has it. Most of a day's book is such, and
/// each of them by itself would be two round trips to the database, every few seconds. Only this
/// thread takes in rows, so what the others write meanwhile makes none of them news.
Result<std::set<std::string>> Reconciler::KnownRows(const std::vector<BrokerRow>& rows) {
  Ledger::Numbers numbers{.account_id = parts_.account_id,
                          .simulated = parts_.desk.simulated(),
                          .broker_order_ids = {}};
  for (const BrokerRow& row : rows) numbers.broker_order_ids.push_back(row.broker_order_id);
  const auto orders = parts_.ledger.WithNumbers(numbers);
  if (!orders) return orders.error();
  std::map<std::string_view, const Order*> by_number;
  for (const Order& order : *orders) {
    for (const std::string& id : order.broker_order_ids) by_number[id] = &order;
  }
  std::set<std::string> known;
  for (const BrokerRow& row : rows) {
    const auto found = by_number.find(row.broker_order_id);
    if (found == by_number.end()) continue;
    const Order& order = *found->second;
    if (parts_.desk.IsUnconfirmed(order.request.client_order_id)) continue;
    const auto next = Advance(order, row, order.updated_ms);
    if (next && !*next) known.insert(row.broker_order_id);
  }
  return known;
}

Result<void> Reconciler::Settle(Order order, Monotonic read_at, Summary& summary) {
  if (parts_.desk.IsUnderWay(order.request.client_order_id)) {
    ++summary.unknown;  // its answer may be lost by now
    return {};
  }
  if (order.state == OrderState::kIntent) {
    auto lost = parts_.desk.Apply(
        NameOf(order), Lost{.reason = "LEFT_BEHIND",
                            .message = "the service stopped before it knew whether this was sent"});
    if (!lost) return lost.error();
    order = *std::move(lost);
  } else {
    auto fresh = parts_.ledger.Find(NameOf(order));  // the book's rows may have settled it
    if (!fresh) return fresh.error();
    order = *std::move(fresh);
  }
  if (order.state != OrderState::kUnknown) {
    judge_.Forget(order.tag);
    return {};
  }
  const auto found = FoundByTag(order);
  if (!found) {
    judge_.Forget(order.tag);
    return found.error();
  }
  const bool never = !*found && judge_.NoteAbsence(order.tag, read_at, parts_.market_clock.NowMs(),
                                                   order.market_ms);
  if (*found) judge_.Forget(order.tag);
  if (never) {
    const auto settled = parts_.desk.Apply(NameOf(order), NeverArrived{});
    if (!settled) return settled.error();
    parts_.watchman.Tell(Watchman::What::kSettled, *settled, "never arrived");
  } else if (!*found) {
    ++summary.unknown;
  }
  return {};
}

Result<bool> Reconciler::FoundByTag(const Order& order) {
  const auto rows = parts_.book.HistoryOfTag(order.tag);
  if (!rows) return rows.error();
  for (const BrokerRow& row : *rows) {
    BrokerRow told = row;
    told.tag = order.tag;  // what was asked for; a history row may leave it out
    if (const auto learnt = parts_.desk.Learn(told); !learnt) return learnt.error();
  }
  return !rows->empty();
}

}  // namespace sauda::orders
