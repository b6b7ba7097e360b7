#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/risk/risk_inputs.hpp"
#include "services/orders/src/core/risk/risk_rules.hpp"

namespace sauda::orders {

/// Where an account stands, as it is stored.
struct TripState {
  RiskMode mode = RiskMode::kUnknown;
  std::int64_t market_day = 0;  ///< days since 1970-01-01 in India, when it was last judged

  friend bool operator==(const TripState&, const TripState&) = default;
};

/// The day's profit as it can be read now; absent: it cannot.
struct DayProfit {
  std::optional<Amount> realised;
  std::optional<Amount> unrealised;
};

/// The loss of the day in rupees, below 0: a profit; absent: it cannot be read.
std::optional<Amount> LossOf(const DayProfit& profit);

struct TripOutcome {
  TripState state;       ///< to be stored
  bool changed = false;  ///< the mode is another one
  bool judged = false;   ///< false: a loss rule is set and the profit cannot be read
  std::string why;       ///< for people, with rule, limit and loss; empty: nothing tripped
};

/// What a loss alone asks for: kNormal, kReduceOnly or kKilled; absent: a loss rule is set and the
/// profit cannot be read. `why` as above.
struct LossVerdict {
  std::optional<RiskMode> mode;
  std::string why;
};
LossVerdict JudgeLoss(const RiskRules& rules, const DayProfit& profit);

/// Moves an account from kNormal to kReduceOnly and on to kKilled as the day's loss goes over
/// daily_loss_reduce_only and daily_loss_kill. Within a market day it never goes back, whatever
/// becomes of profit and rules; a later day ends kReduceOnly, but never kKilled: to re-arm is a
/// person's act and not in here. An unreadable profit leaves the state as it is, the day too, so
/// that a new day begins with its first profit. A mode that is not known is kKilled.
///
/// `profit` is that of `market_day`. A day before the state's own, from a clock that was put back,
/// ends nothing.
TripOutcome JudgeDay(const RiskRules& rules, const TripState& previous, const DayProfit& profit,
                     std::int64_t market_day);

}  // namespace sauda::orders
