#pragma once

#include <string>
#include <utility>

#include "libs/base/clock.hpp"
#include "services/orders/src/core/budget/order_budget.hpp"
#include "services/orders/src/core/ledger.hpp"

namespace sauda::orders {

/// The spending of an account as its ledger has it. Thread-safe.
class LedgerSpending final : public SpendingHistory {
 public:
  /// More calls than this are not asked for: no limit reaches so far.
  static constexpr std::int32_t kMost = 5'000;

  LedgerSpending(Ledger& ledger, const Clock& clock, std::string account_id)
      : ledger_{ledger}, clock_{clock}, account_id_{std::move(account_id)} {}

  Result<std::vector<std::chrono::milliseconds>> Within(std::chrono::milliseconds window) override {
    const std::int64_t now_ms = clock_.UtcNs() / 1'000'000;
    const auto times = ledger_.SentSince(
        {.account_id = account_id_, .since_ms = now_ms - window.count(), .limit = kMost});
    if (!times) return times.error();
    std::vector<std::chrono::milliseconds> ages;
    ages.reserve(times->size());
    for (const std::int64_t at_ms : *times) ages.emplace_back(now_ms - at_ms);
    return ages;
  }

 private:
  Ledger& ledger_;
  const Clock& clock_;
  const std::string account_id_;
};

}  // namespace sauda::orders
