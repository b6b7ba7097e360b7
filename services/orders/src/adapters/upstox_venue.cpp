#include "services/orders/src/adapters/upstox_venue.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "libs/upstox/broker_observer.hpp"
#include "libs/upstox/order_writer.hpp"
#include "libs/upstox/rest_client.hpp"
#include "services/orders/src/adapters/token_watch.hpp"
#include "services/orders/src/adapters/upstox_words.hpp"

namespace sauda::orders {
namespace {

constexpr std::int64_t kMaxClockOffsetMs = 2'000;

std::vector<BrokerRow> FromRows(const std::vector<upstox::OrderRow>& rows) {
  std::vector<BrokerRow> told;
  std::transform(rows.begin(), rows.end(), std::back_inserter(told), FromRow);
  return told;
}

Error BookUnread(const Error& error) {
  if (error.reason == "TOKEN_MISSING") return error;
  return {Code::kUnavailable, "BROKER_DOWN",
          "the broker cannot be read: " + error.reason + ": " + error.message};
}

}  // namespace

bool UpstoxVenue::simulated() const { return !parts_.real_broker || parts_.observer.simulated(); }

Result<void> UpstoxVenue::CheckBroker() const {
  if (parts_.real_broker || parts_.observer.simulated()) return {};
  return Error{Code::kUnavailable, "NOT_SIMULATED",
               "what answers at --sim-url has not said that it is a simulator"};
}

Result<Secret> UpstoxVenue::Permit() const {
  if (const auto right = CheckBroker(); !right) return right.error();
  return parts_.tokens.Token();
}

Result<void> UpstoxVenue::CheckReady() {
  if (const auto permit = Permit(); !permit) return permit.error();
  if (auto open = parts_.gate.Check(); !open) return open;
  const auto offset = parts_.market_clock.offset_ms();
  if (parts_.real_broker && offset && std::abs(*offset) > kMaxClockOffsetMs) {
    return Error{Code::kUnavailable, "CLOCK_OFF",
                 "this machine's clock and the broker's are " + std::to_string(*offset) +
                     " ms apart; live orders need 2 s or less"};
  }
  return {};
}

Result<void> UpstoxVenue::CheckOrder(const NewOrder&, const Instrument&) { return {}; }

Report UpstoxVenue::Place(const Order& order, const Instrument&) {
  const auto token = Permit();
  if (!token) return NotSent{token.error().reason, token.error().message};
  const auto answer = parts_.writer.Place(*token, ToPlacement(order));
  if (answer) return Accepted{.broker_order_ids = answer->order_ids};
  const Error& error = answer.error().error;
  if (answer.error().maybe_done) {
    parts_.on_lost();
    return Lost{error.reason, error.message};
  }
  if (IsBrokersRefusal(error)) return Refused{BrokerCode(error.reason), error.message};
  return NotSent{error.reason, error.message};
}

Result<void> UpstoxVenue::Answered(const Error& error, bool maybe_done) {
  const std::string told = BrokerCode(error.reason) + ": " + error.message;
  if (maybe_done) {
    parts_.on_lost();
    return Error{Code::kUnavailable, "UNSETTLED", told};
  }
  if (IsBrokersRefusal(error)) return Error{Code::kFailedPrecondition, "BROKER_REFUSED", told};
  return Error{Code::kUnavailable, "BROKER_UNREACHABLE", told};
}

Result<void> UpstoxVenue::Modify(const Order& order, const Terms& terms) {
  const auto token = Permit();
  if (!token) return Answered(token.error(), false);
  if (order.broker_order_ids.size() != 1) {
    return Answered({Code::kFailedPrecondition, "BROKER_REFUSED",
                     "an order with " + std::to_string(order.broker_order_ids.size()) +
                         " numbers at the broker cannot be modified"},
                    false);
  }
  const auto answer = parts_.writer.Modify(*token, ToChange(order, terms));
  if (answer) return {};
  return Answered(answer.error().error, answer.error().maybe_done);
}

Result<void> UpstoxVenue::Cancel(const Order& order) {
  const auto token = Permit();
  if (!token) return Answered(token.error(), false);
  Result<void> worst;
  for (const std::string& id : order.broker_order_ids) {
    const auto answer = parts_.writer.Cancel(*token, id);
    if (answer) continue;
    auto told = Answered(answer.error().error, answer.error().maybe_done);
    if (worst || told.error().reason == "UNSETTLED") worst = std::move(told);
  }
  return worst;
}

Result<std::vector<BrokerRow>> UpstoxBook::Book() {
  const auto token = tokens_.Token();
  if (!token) return token.error();
  const auto rows = rest_.GetOrderBook(*token);
  if (!rows) return BookUnread(rows.error());
  return FromRows(*rows);
}

Result<std::vector<BrokerTrade>> UpstoxBook::TradesOfDay() {
  const auto token = tokens_.Token();
  if (!token) return token.error();
  const auto rows = rest_.GetTradesOfDay(*token);
  if (!rows) return BookUnread(rows.error());
  std::vector<BrokerTrade> trades;
  trades.reserve(rows->size());
  for (const upstox::TradeRow& row : *rows) {
    auto trade = FromTrade(row);
    if (!trade) return BookUnread(trade.error());
    trades.push_back(*std::move(trade));
  }
  return trades;
}

Result<std::vector<BrokerHolding>> UpstoxBook::Holdings() {
  const auto token = tokens_.Token();
  if (!token) return token.error();
  const auto rows = rest_.GetHoldings(*token);
  if (!rows) return BookUnread(rows.error());
  std::vector<BrokerHolding> holdings;
  for (const upstox::HoldingRow& row : *rows) {
    if (row.product != "D") continue;
    holdings.push_back({.instrument_key = row.instrument_key,
                        .quantity = row.quantity + row.t1_quantity,
                        .average_price = row.average_price});
  }
  return holdings;
}

Result<std::vector<BrokerRow>> UpstoxBook::HistoryOfTag(const std::string& tag) {
  const auto token = tokens_.Token();
  if (!token) return token.error();
  const auto rows = rest_.GetOrderHistoryByTag(*token, tag);
  if (rows) return FromRows(*rows);
  const bool none = rows.error().reason == "BROKER_UDAPI100010";  // order not found
  if (none) return std::vector<BrokerRow>{};
  return BookUnread(rows.error());
}

}  // namespace sauda::orders
