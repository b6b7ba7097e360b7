#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "libs/base/result.hpp"

namespace sauda::orders {

/// What a call to the broker is for: cancels have room that new orders and modifies may not take.
enum class Spend : std::uint8_t { kOrder, kCancel };

/// At most so many calls in any stretch of time of that length.
struct BudgetLimit {
  std::chrono::milliseconds window{0};
  std::int64_t most = 0;
  std::int64_t for_cancels = 0;  ///< of them, those that only cancels may take
};

/// The broker's limits for orders are 10 in a second (50 for an algo that the exchange knows), 500
/// in a minute and 2000 in 30 minutes (upstox-api 9). One less in the second by default, since
/// calls that leave apart may arrive together.
struct BudgetSettings {
  std::int64_t per_second = 9;
  std::int64_t per_minute = 500;
  std::int64_t per_half_hour = 2'000;
};
inline constexpr BudgetSettings kMostAtTheBroker{
    .per_second = 50, .per_minute = 500, .per_half_hour = 2'000};

/// The limits, from the shortest window to the longest, each with room that is left to cancels.
inline std::vector<BudgetLimit> LimitsOf(const BudgetSettings& settings) {
  return {{std::chrono::seconds{1}, settings.per_second, settings.per_second / 4},
          {std::chrono::minutes{1}, settings.per_minute, settings.per_minute / 20},
          {std::chrono::minutes{30}, settings.per_half_hour, settings.per_half_hour / 20}};
}

/// The account's room for calls that write at the broker, shared by every replica. Thread-safe.
class OrderBudget {
 public:
  virtual ~OrderBudget() = default;

  /// Takes room for one call, waiting for it up to `patience`. Fails with
  ///   kResourceExhausted  BUDGET_SPENT  there is none so soon; the message says when
  ///   kUnavailable        BUDGET_DOWN   what was spent cannot be told, so nothing more is
  virtual Result<void> Take(Spend spend, std::chrono::milliseconds patience) = 0;
};

/// When calls left, as the ledger knows it: how long ago each of the last `window` was.
class SpendingHistory {
 public:
  virtual ~SpendingHistory() = default;
  /// Fails with kUnavailable / DATABASE_DOWN.
  virtual Result<std::vector<std::chrono::milliseconds>> Within(
      std::chrono::milliseconds window) = 0;
};

}  // namespace sauda::orders
