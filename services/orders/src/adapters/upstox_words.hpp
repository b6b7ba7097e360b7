#pragma once

#include <string>

#include "libs/upstox/order_writer.hpp"
#include "libs/upstox/types.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/order_state.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// The broker's words for ours; `order` has passed the rules, so each has one.
upstox::OrderPlacement ToPlacement(const Order& order);
upstox::OrderChange ToChange(const Order& order, const Terms& terms);

/// Ours for the broker's; a word that is none of ours becomes kUnknown, which changes nothing.
BrokerRow FromRow(const upstox::OrderRow& row);

/// A trade of the day; its time is the exchange's, else the order's. Fails with kUnavailable /
/// BROKER_ANSWER_MALFORMED: no time, order or quantity.
Result<BrokerTrade> FromTrade(const upstox::TradeRow& row);

/// `UDAPI1052` of `BROKER_UDAPI1052`; other reasons as they are.
std::string BrokerCode(const std::string& reason);

/// Whether the broker itself said no, as against a request that never reached it.
bool IsBrokersRefusal(const Error& error);

}  // namespace sauda::orders
