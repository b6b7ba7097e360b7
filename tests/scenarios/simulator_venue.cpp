#include "tests/scenarios/simulator_venue.hpp"

#include <array>
#include <utility>

namespace sauda::scenarios {
namespace {

using orders::OrderType;
using orders::Terms;

constexpr std::array<std::pair<OrderType, const char*>, 4> kTypes{
    {{OrderType::kMarket, "MARKET"},
     {OrderType::kLimit, "LIMIT"},
     {OrderType::kStopLimit, "SL"},
     {OrderType::kStopMarket, "SL-M"}}};

std::string WordOf(OrderType type) {
  for (const auto& [ours, word] : kTypes) {
    if (ours == type) return word;
  }
  return {};
}

OrderType TypeOf(exchange::OrderType type) {
  switch (type) {
    case exchange::OrderType::kMarket:
      return OrderType::kMarket;
    case exchange::OrderType::kLimit:
      return OrderType::kLimit;
    case exchange::OrderType::kStop:
      return OrderType::kStopLimit;
    case exchange::OrderType::kStopMarket:
      break;
  }
  return OrderType::kStopMarket;
}

std::string WordOf(orders::Product product) {
  if (product == orders::Product::kIntraday) return "I";
  return product == orders::Product::kDelivery ? "D" : "MTF";
}

std::optional<Decimal> IfPositive(Decimal price) {
  return price > Decimal{} ? std::optional{price} : std::nullopt;
}

sim::TermsRequest ToRequest(const Terms& terms) {
  return {.quantity = terms.quantity,
          .validity = terms.validity == orders::Validity::kIoc ? "IOC" : "DAY",
          .order_type = WordOf(terms.type),
          .price = terms.price.value_or(Decimal{}),
          .trigger_price = terms.trigger.value_or(Decimal{})};
}

std::string TextOf(const sim::ApiError& error) { return error.code + ": " + error.message; }

}  // namespace

void OrderStream::OnOrder(const sim::OrderRow& row) {
  const exchange::OrderState& state = row.state;
  const exchange::OrderTerms& terms = state.terms;
  const bool buys = terms.side == exchange::Side::kBuy;
  rows.push_back(
      {.broker_order_id = std::to_string(state.id),
       .tag = row.tag,
       .status = std::string{exchange::ToText(state.status)},
       .status_message = state.message,
       .filled_quantity = state.filled,
       .average_price = IfPositive(state.average_price),
       .terms = {.quantity = terms.quantity,
                 .type = TypeOf(terms.type),
                 .price = IfPositive(terms.price),
                 .trigger = IfPositive(terms.trigger),
                 .validity = terms.validity == exchange::Validity::kIoc ? orders::Validity::kIoc
                                                                        : orders::Validity::kDay},
       .instrument_key = state.instrument_key,
       .side = buys ? orders::Side::kBuy : orders::Side::kSell});
}

sim::PlaceRequest ToPlaceRequest(const orders::Order& order) {
  const orders::NewOrder& asked = order.request;
  sim::PlaceRequest request{.terms = ToRequest(order.terms),
                            .product = WordOf(asked.product),
                            .transaction_type = asked.side == orders::Side::kBuy ? "BUY" : "SELL",
                            .instrument_token = order.instrument_key,
                            .tag = order.tag};
  request.terms.disclosed_quantity = asked.disclosed_quantity;
  if (asked.protection_percent != 0) request.terms.market_protection = asked.protection_percent;
  return request;
}

orders::Report SimulatorVenue::Place(const orders::Order& order, const orders::Instrument&) {
  const auto placed = brokerage_.Place(ToPlaceRequest(order), clock_.NowMs());
  if (!placed) return orders::Refused{placed.error().code, placed.error().message};
  return orders::Accepted{.broker_order_ids = {std::to_string(placed->front())}};
}

Result<void> SimulatorVenue::Modify(const orders::Order& order, const Terms& terms) {
  const auto modified = brokerage_.Modify(
      {.order_id = order.broker_order_ids.front(), .terms = ToRequest(terms)}, clock_.NowMs());
  if (modified) return {};
  return Error{Code::kFailedPrecondition, "BROKER_REFUSED", TextOf(modified.error())};
}

Result<void> SimulatorVenue::Cancel(const orders::Order& order) {
  const auto cancelled = brokerage_.Cancel(order.broker_order_ids.front(), clock_.NowMs());
  if (cancelled) return {};
  return Error{Code::kFailedPrecondition, "BROKER_REFUSED", TextOf(cancelled.error())};
}

std::string SimulatorVenue::RefusalOf(
    const sim::Answer<std::vector<exchange::OrderId>>& placed) const {
  if (!placed) return TextOf(placed.error());
  return brokerage_.Find(placed->front())->state.message;
}

std::string SimulatorVenue::RefusalOfModify(const orders::Order& order, const Terms& terms) {
  const auto modified = brokerage_.Modify(
      {.order_id = order.broker_order_ids.front(), .terms = ToRequest(terms)}, clock_.NowMs());
  if (!modified) return TextOf(modified.error());
  for (const sim::OrderRow& row : brokerage_.History(*modified)) {
    if (row.state.status == exchange::Status::kNotModified) return row.state.message;
  }
  return {};
}

}  // namespace sauda::scenarios
