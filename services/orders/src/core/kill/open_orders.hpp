#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// The orders that may still trade, or whose fate is not known, as this process has seen them last:
/// what there is to cancel when the database is away. Bounded by what may be open at a broker.
/// Thread-safe.
class OpenOrders final : public OrderListener {
 public:
  void OnOrder(const Order& order) override {
    const std::lock_guard lock{mutex_};
    if (!loaded_) heard_.insert(order.tag);
    if (MayTrade(order.state)) {
      orders_.insert_or_assign(order.tag, order);
    } else {
      orders_.erase(order.tag);
    }
  }

  /// What became of a sent order could not be written: its numbers at the broker are known here
  /// alone.
  void OnNumbers(const Order& intent, const std::vector<std::string>& broker_order_ids) {
    Order order = intent;
    order.broker_order_ids = broker_order_ids;
    order.state = OrderState::kPending;
    OnOrder(order);
  }

  /// What earlier runs left in the ledger, once; of what was heard of since then that is newer.
  void Load(const std::vector<Order>& orders) {
    const std::lock_guard lock{mutex_};
    for (const Order& order : orders) {
      if (!heard_.contains(order.tag)) orders_.emplace(order.tag, order);
    }
    loaded_ = true;
    heard_.clear();
  }
  bool loaded() const {
    const std::lock_guard lock{mutex_};
    return loaded_;
  }

  std::vector<Order> All() const {
    const std::lock_guard lock{mutex_};
    std::vector<Order> all;
    all.reserve(orders_.size());
    for (const auto& [tag, order] : orders_) all.push_back(order);
    return all;
  }

  static constexpr bool MayTrade(OrderState state) {
    return IsOpen(state) || state == OrderState::kIntent || state == OrderState::kUnknown;
  }

 private:
  mutable std::mutex mutex_;             // guards what follows
  std::map<std::string, Order> orders_;  // by tag
  bool loaded_ = false;
  std::set<std::string> heard_;  // tags, until it is loaded
};

}  // namespace sauda::orders
