#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "services/orders/src/core/order_desk.hpp"
#include "services/orders/src/core/paper_engine.hpp"
#include "services/orders/src/store_keeper.hpp"

namespace sauda::orders {

/// Puts resting paper orders back from the ledger at start, and ends DAY orders with their day and
/// intents that went lost, on a thread of its own from Start until it dies. Until it has the ledger
/// and the instruments of what rests, the engine takes no orders.
class PaperLink {
 public:
  struct Parts {
    std::string account_id;
    PaperEngine& engine;
    OrderDesk& desk;
    Ledger& ledger;
    InstrumentDirectory& instruments;
    StoreKeeper& store;
    std::chrono::milliseconds look_every{10'000};  ///< for days and intents that are over
  };

  explicit PaperLink(Parts parts) : parts_{std::move(parts)} {}

  void Start();

 private:
  void Run(const std::stop_token& stop);
  Result<void> Restore();
  Result<std::vector<Order>> Unsettled();
  /// Ends intents that nobody is placing and the engine does not have: their commit was in doubt,
  /// or that they were not sent could not be written.
  Result<void> EndIntents(const std::vector<Order>& orders);
  Result<void> EndLostIntents();

  const Parts parts_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace sauda::orders
