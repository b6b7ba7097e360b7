#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "libs/base/clock.hpp"
#include "services/orders/src/core/budget/order_budget.hpp"

namespace sauda::storage {
class Redis;
}  // namespace sauda::storage

namespace sauda::orders {

/// The budget as a sorted set in Redis, by its clock; one script looks and takes. An empty Redis
/// counts as spent until the ledger has told what was sent before. Thread-safe.
class RedisBudget final : public OrderBudget {
 public:
  struct Parts {
    storage::Redis& redis;
    SpendingHistory& history;
    std::string account_id;
    std::vector<BudgetLimit> limits = LimitsOf({});
  };

  explicit RedisBudget(Parts parts);

  Result<void> Take(Spend spend, std::chrono::milliseconds patience) override;

  /// Ends every wait: they fail with BUDGET_DOWN.
  void Stop();

 private:
  struct Answer {
    bool known = false;  ///< false: Redis has nothing of this account
    std::chrono::milliseconds wait{0};
  };
  Result<Answer> Ask(Spend spend);
  Result<void> Rebuild();
  bool Pause(std::chrono::milliseconds wait);

  const Parts parts_;
  const std::vector<std::string> keys_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;  // guarded by mutex_
};

}  // namespace sauda::orders
