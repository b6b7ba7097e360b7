#pragma once

#include <utility>
#include <vector>

#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// Tells several listeners one after the other. They outlive it.
class Listeners final : public OrderListener {
 public:
  explicit Listeners(std::vector<OrderListener*> all) : all_{std::move(all)} {}
  void OnOrder(const Order& order) override {
    for (OrderListener* each : all_) each->OnOrder(order);
  }

 private:
  const std::vector<OrderListener*> all_;
};

}  // namespace sauda::orders
