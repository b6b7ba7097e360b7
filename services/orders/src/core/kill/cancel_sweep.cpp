#include "services/orders/src/core/kill/cancel_sweep.hpp"

#include <utility>

#include "services/orders/src/core/order_state.hpp"

namespace sauda::orders {
namespace {

/// Whether the broker's word leaves the order a chance to trade. A word that is not known does.
bool MayTradeAt(const BrokerRow& row) {
  const auto state = StateOfStatus(row.status);
  return !state || *state == OrderState::kNone || OpenOrders::MayTrade(*state);
}

Order OrderOfNumber(Order order, const std::string& number) {
  order.broker_order_ids = {number};
  return order;
}

Order OrderOfRow(const BrokerRow& row) {
  Order order;
  order.request.client_order_id = "ext-" + row.broker_order_id;
  order.instrument_key = row.instrument_key;
  order.tag = row.tag;
  order.broker_order_ids = {row.broker_order_id};
  order.broker_status = row.status;
  return order;
}

}  // namespace

CancelSweep::Round CancelSweep::Look() {
  Round round;
  const auto rows = book_ == nullptr ? Result<std::vector<BrokerRow>>{} : book_->Book();
  round.clean = rows.has_value();
  std::set<std::string> shown;
  if (book_ != nullptr && rows) {
    for (const BrokerRow& row : *rows) {
      shown.insert(row.broker_order_id);
      if (MayTradeAt(row)) round.orders.push_back(OrderOfRow(row));
    }
  }
  // What the book shows, it shows better; an order that has just been taken may not be in it yet.
  for (const Order& order : seen_.All()) {
    if (book_ == nullptr) {
      round.orders.push_back(order);
      continue;
    }
    for (const std::string& number : order.broker_order_ids) {
      if (shown.contains(number) || over_.contains(number)) continue;
      round.orders.push_back(OrderOfNumber(order, number));
    }
  }
  return round;
}

Result<void> CancelSweep::Cancel(const Order& order) {
  auto asked = venue_.Cancel(order);
  if (!asked && asked.error().reason == "BROKER_REFUSED") {
    over_.insert(order.broker_order_ids.begin(), order.broker_order_ids.end());
  }
  return asked;
}

}  // namespace sauda::orders
