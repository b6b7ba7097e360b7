#pragma once

#include "services/orders/src/core/ports.hpp"
#include "services/orders/src/metrics.hpp"

namespace sauda::orders {

/// Writes what a person should know of an order into the log and counts it. Thread-safe.
class WatchmanLog final : public Watchman {
 public:
  explicit WatchmanLog(Metrics& metrics) : metrics_{metrics} {}
  void Tell(What what, const Order& order, std::string_view detail) override;

 private:
  void CountSent(const Order& order);

  Metrics& metrics_;
};

}  // namespace sauda::orders
