#include "services/orders/src/adapters/upstox_words.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "libs/calendar/ist.hpp"

namespace sauda::orders {
namespace {

constexpr std::array kSides{std::pair{Side::kBuy, "BUY"}, std::pair{Side::kSell, "SELL"}};
constexpr std::array kTypes{
    std::pair{OrderType::kMarket, "MARKET"}, std::pair{OrderType::kLimit, "LIMIT"},
    std::pair{OrderType::kStopLimit, "SL"}, std::pair{OrderType::kStopMarket, "SL-M"}};
constexpr std::array kProducts{std::pair{Product::kIntraday, "I"},
                               std::pair{Product::kDelivery, "D"}, std::pair{Product::kMtf, "MTF"}};
constexpr std::array kValidities{std::pair{Validity::kDay, "DAY"},
                                 std::pair{Validity::kIoc, "IOC"}};

template <typename Words, typename Enum>
std::string WordOf(const Words& words, Enum value) {
  for (const auto& [ours, theirs] : words) {
    if (ours == value) return theirs;
  }
  return {};
}

template <typename Words>
auto ValueOf(const Words& words, std::string_view word) {
  for (const auto& [ours, theirs] : words) {
    if (theirs == word) return ours;
  }
  return decltype(words.front().first){};
}

std::optional<Decimal> IfPositive(Decimal price) {
  return price > Decimal{} ? std::optional{price} : std::nullopt;
}

/// A count in digits; 0 for anything else.
std::int64_t WholeOf(const std::string& text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, count);
  return failure == std::errc{} && stop == end && count > 0 ? count : 0;
}

}  // namespace

upstox::OrderPlacement ToPlacement(const Order& order) {
  const NewOrder& asked = order.request;
  upstox::OrderPlacement placement{.instrument_key = order.instrument_key,
                                   .transaction_type = WordOf(kSides, asked.side),
                                   .order_type = WordOf(kTypes, asked.type),
                                   .product = WordOf(kProducts, asked.product),
                                   .validity = WordOf(kValidities, asked.validity),
                                   .quantity = asked.quantity,
                                   .disclosed_quantity = asked.disclosed_quantity,
                                   .price = asked.price.value_or(Decimal{}),
                                   .trigger_price = asked.trigger.value_or(Decimal{}),
                                   .tag = order.tag};
  if (asked.protection_percent != 0) placement.market_protection = asked.protection_percent;
  return placement;
}

upstox::OrderChange ToChange(const Order& order, const Terms& terms) {
  return {.order_id = order.broker_order_ids.front(),
          .order_type = WordOf(kTypes, terms.type),
          .validity = WordOf(kValidities, terms.validity),
          .price = terms.price.value_or(Decimal{}),
          .trigger_price = terms.trigger.value_or(Decimal{}),
          .quantity = terms.quantity};
}

BrokerRow FromRow(const upstox::OrderRow& row) {
  return {
      .broker_order_id = row.order_id,
      .tag = row.tag,
      .status = row.status,
      .status_message = row.status_message.empty() ? row.status_message_raw : row.status_message,
      .filled_quantity = row.filled_quantity,
      .average_price = IfPositive(row.average_price),
      .terms = {.quantity = row.quantity,
                .type = ValueOf(kTypes, row.order_type),
                .price = IfPositive(row.price),
                .trigger = IfPositive(row.trigger_price),
                .validity = ValueOf(kValidities, row.validity)},
      .request_number = WholeOf(row.order_request_id),
      .instrument_key = row.instrument_key,
      .trading_symbol = row.trading_symbol,
      .side = ValueOf(kSides, row.transaction_type),
      .product = ValueOf(kProducts, row.product)};
}

Result<BrokerTrade> FromTrade(const upstox::TradeRow& row) {
  auto market_ms = calendar::ParseIst(row.exchange_timestamp);
  if (!market_ms) market_ms = calendar::ParseIst(row.order_timestamp);
  if (!market_ms || row.order_id.empty() || row.quantity <= 0) {
    return Error{Code::kUnavailable, "BROKER_ANSWER_MALFORMED",
                 "trade " + row.trade_id + " comes without time, order or quantity"};
  }
  return BrokerTrade{.execution = {.trade_id = row.trade_id,
                                   .broker_order_id = row.order_id,
                                   .quantity = row.quantity,
                                   .price = row.average_price,
                                   .market_ms = *market_ms},
                     .side = ValueOf(kSides, row.transaction_type)};
}

std::string BrokerCode(const std::string& reason) {
  constexpr std::string_view kPrefix = "BROKER_";
  const bool coded = reason.starts_with("BROKER_UDAPI");
  return coded ? reason.substr(kPrefix.size()) : reason;
}

bool IsBrokersRefusal(const Error& error) {
  return error.reason.starts_with("BROKER_") || error.reason == "TOKEN_REJECTED" ||
         error.reason == "RATE_LIMITED";
}

}  // namespace sauda::orders
