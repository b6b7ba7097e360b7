#include "services/orders/src/rpc/convert.hpp"

namespace sauda::orders {
namespace {

/// Our enums have the proto's numbers; anything beyond `last` is unknown.
template <typename Ours, typename Theirs>
Ours KnownOr0(Theirs value, Ours last) {
  const int number = static_cast<int>(value);
  if (number < 0 || number > static_cast<int>(last)) return static_cast<Ours>(0);
  return static_cast<Ours>(number);
}

template <typename Theirs, typename Ours>
Theirs AsWire(Ours value) {
  return static_cast<Theirs>(static_cast<int>(value));
}

std::string TextOf(const std::optional<Decimal>& price) { return price ? price->ToString() : ""; }

static_assert(static_cast<int>(OrderState::kNotSent) == wire::ORDER_STATE_NOT_SENT);
static_assert(static_cast<int>(OrderState::kUnknown) == wire::ORDER_STATE_UNKNOWN);
static_assert(static_cast<int>(OrderState::kTriggerPending) == wire::ORDER_STATE_TRIGGER_PENDING);
static_assert(static_cast<int>(OrderType::kStopMarket) == wire::ORDER_TYPE_STOP_MARKET);
static_assert(static_cast<int>(Product::kMtf) == wire::PRODUCT_MTF);
static_assert(static_cast<int>(Validity::kIoc) == wire::VALIDITY_IOC);
static_assert(static_cast<int>(Side::kSell) == wire::SIDE_SELL);
static_assert(static_cast<int>(Route::kLive) == wire::ORDER_ROUTE_LIVE);

}  // namespace

Result<NewOrder> FromWire(const wire::PlaceOrderRequest& request) {
  const auto price = ParsePrice("price", request.price());
  if (!price) return price.error();
  const auto trigger = ParsePrice("trigger_price", request.trigger_price());
  if (!trigger) return trigger.error();
  return NewOrder{.account_id = request.account_id(),
                  .client_order_id = request.client_order_id(),
                  .instrument = request.instrument(),
                  .side = KnownOr0(request.side(), Side::kSell),
                  .quantity = request.quantity(),
                  .type = KnownOr0(request.type(), OrderType::kStopMarket),
                  .price = *price,
                  .trigger = *trigger,
                  .product = KnownOr0(request.product(), Product::kMtf),
                  .validity = KnownOr0(request.validity(), Validity::kIoc),
                  .disclosed_quantity = request.disclosed_quantity(),
                  .protection_percent = request.market_protection_percent(),
                  .tags = {request.tags().begin(), request.tags().end()}};
}

Result<TermsChange> FromWire(const wire::ModifyOrderRequest& request) {
  TermsChange change;
  if (request.has_quantity()) change.quantity = request.quantity();
  if (request.has_price()) {
    const auto price = ParsePrice("price", request.price());
    if (!price) return price.error();
    change.price = *price;
  }
  if (request.has_trigger_price()) {
    const auto trigger = ParsePrice("trigger_price", request.trigger_price());
    if (!trigger) return trigger.error();
    change.trigger = *trigger;
  }
  if (request.type() != wire::ORDER_TYPE_UNSPECIFIED) {
    change.type = KnownOr0(request.type(), OrderType::kStopMarket);
  }
  if (request.validity() != wire::VALIDITY_UNSPECIFIED) {
    change.validity = KnownOr0(request.validity(), Validity::kIoc);
  }
  return change;
}

wire::OrderRoute ToWire(Route route) { return AsWire<wire::OrderRoute>(route); }

void ToWire(const Order& order, wire::Order& out) {
  const NewOrder& asked = order.request;
  out.set_account_id(asked.account_id);
  out.set_client_order_id(asked.client_order_id);
  for (const std::string& id : order.broker_order_ids) out.add_broker_order_ids(id);
  out.set_instrument_key(order.instrument_key);
  out.set_instrument_id(order.instrument_id);
  out.set_trading_symbol(order.trading_symbol);
  out.set_side(AsWire<wire::Side>(asked.side));
  out.set_quantity(order.terms.quantity);
  out.set_type(AsWire<wire::OrderType>(order.terms.type));
  out.set_price(TextOf(order.terms.price));
  out.set_trigger_price(TextOf(order.terms.trigger));
  out.set_product(AsWire<wire::Product>(asked.product));
  out.set_validity(AsWire<wire::Validity>(order.terms.validity));
  out.set_disclosed_quantity(asked.disclosed_quantity);
  out.set_state(AsWire<wire::OrderState>(order.state));
  out.set_broker_status(order.broker_status);
  out.set_reason(order.reason);
  out.set_message(order.message);
  out.set_filled_quantity(order.filled_quantity);
  out.set_average_price(TextOf(order.average_price));
  for (const std::string& tag : asked.tags) out.add_tags(tag);
  out.set_created_ms(order.created_ms);
  out.set_updated_ms(order.updated_ms);
  out.set_version(order.version);
  out.set_route(ToWire(order.route));
  out.set_simulated(order.simulated);
  out.set_traded_quantity(order.traded_quantity);
  out.set_confirmed(IsConfirmed(order));
}

}  // namespace sauda::orders
