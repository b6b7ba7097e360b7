#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "services/orders/src/core/portfolio_desk.hpp"
#include "services/orders/src/store_keeper.hpp"

namespace sauda::orders {

/// Keeps the portfolio fresh on a thread of its own, from Start until it dies: once a second, and
/// as often as the ledger allows while it has not been read.
class PortfolioKeeper {
 public:
  /// `after` is called after each look, on the keeper's thread.
  PortfolioKeeper(PortfolioDesk& desk, StoreKeeper& store, std::function<void()> after,
                  std::chrono::milliseconds every = std::chrono::seconds{1})
      : desk_{desk}, store_{store}, after_{std::move(after)}, every_{every} {}

  void Start();

 private:
  void Run(const std::stop_token& stop);

  PortfolioDesk& desk_;
  StoreKeeper& store_;
  const std::function<void()> after_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace sauda::orders
