// Random orders, rules and days against a check written a second time, in whole numbers: money in
// hundredths of a paisa, and positions by filling unit after unit.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "services/orders/src/core/risk/risk_check.hpp"
#include "tests/core/risk_world.hpp"

namespace sauda::orders {
namespace {

using enum RiskRule;

constexpr auto kMissing = "RISK_INPUT_MISSING";

/// Every reason for which the order must not go; none: it may.
class SecondOpinion {
 public:
  explicit SecondOpinion(const World& world) : w_{world} {}

  std::set<std::string> Breaches() {
    if (w_.closed &&
        !(w_.account.contains(kAllowAfterMarket) && w_.account.at(kAllowAfterMarket) == 1)) {
      breaches_.insert("RISK_MARKET_CLOSED");
    }
    if (const auto most = Limit(kMaxOrderQuantity); most && w_.quantity * w_.units > *most) {
      breaches_.insert("RISK_MAX_ORDER_QUANTITY");
    }
    JudgeValue();
    JudgeBand();
    JudgeSum(kMaxOpenOrders, 0, 1, 1);
    JudgeDuplicate();
    JudgeLoss();
    if (!Reduces()) {
      JudgeSum(kMaxOrdersPerDay, 1, 1, 1);
      JudgeTurnover();
      JudgePosition();
    }
    return breaches_;
  }

 private:
  std::optional<Int> Limit(RiskRule rule) const {
    if (w_.segment.contains(rule)) return w_.segment.at(rule);
    if (w_.account.contains(rule)) return w_.account.at(rule);
    return std::nullopt;
  }

  Int OpenOnSide() const { return w_.buy ? w_.open_buy : w_.open_sell; }
  bool PositionKnown() const { return w_.position != kNone && w_.open_buy != kNone; }

  /// Fills what is open on the order's side, then the order, one after the other.
  bool Reduces() const {
    if (!PositionKnown()) return false;
    Int net = w_.position;
    for (Int filled = 0; filled < OpenOnSide() + w_.quantity; ++filled) {
      const Int next = net + (w_.buy ? 1 : -1);
      if (std::abs(next) >= std::abs(net)) return false;
      net = next;
    }
    return true;
  }

  /// Hundredths of a paisa for one unit at most; absent: the last price is needed.
  std::optional<Int> Dearest(bool whole_position) const {
    const bool bounded = w_.price != 0;
    if (w_.buy && bounded && !whole_position) return w_.price * 100;
    if (w_.last == kNone) return std::nullopt;
    const Int high = std::max(w_.last, std::max(w_.price, w_.trigger));
    return high * (bounded ? 100 : 100 + (w_.protection == 0 ? 5 : w_.protection));
  }

  void JudgeValue() {
    const auto most = Limit(kMaxOrderValue);
    if (!most) return;
    const auto each = Dearest(false);
    if (!each) {
      breaches_.insert(kMissing);
    } else if (*each * w_.quantity * w_.units > *most * 100) {
      breaches_.insert("RISK_MAX_ORDER_VALUE");
    }
  }

  void JudgeBand() {
    const auto most = Limit(kPriceBandPercent);
    if (!most) return;
    for (const Int price : {w_.price, w_.trigger}) {
      if (price == 0) continue;
      if (w_.last == kNone) {
        breaches_.insert(kMissing);
      } else if (price * 10'000 > w_.last * (10'000 + *most) ||
                 price * 10'000 < w_.last * (10'000 - *most)) {
        breaches_.insert("RISK_PRICE_BAND_PERCENT");
      }
    }
    if (w_.price == 0 && (w_.protection == 0 ? 5 : w_.protection) * 100 > *most) {
      breaches_.insert("RISK_PRICE_BAND_PERCENT");
    }
  }

  /// `scale` brings a sum and a limit to the same unit.
  void JudgeSum(RiskRule rule, std::size_t which, Int added, Int scale) {
    const auto judge = [&](const Limits& limits, Int sum) {
      if (!limits.contains(rule)) return;
      if (sum == kNone) {
        breaches_.insert(kMissing);
      } else if (sum * scale + added > limits.at(rule) * scale) {
        breaches_.insert(std::string{InfoOf(rule).reason});
      }
    };
    judge(w_.account, w_.account_sums.at(which));
    judge(w_.segment, w_.segment_sums.at(which));
  }

  void JudgeTurnover() {
    if (!Limit(kMaxDayTurnover)) return;
    const auto each = Dearest(false);
    if (each) {
      JudgeSum(kMaxDayTurnover, 2, *each * w_.quantity * w_.units, 100);
    } else {
      breaches_.insert(kMissing);
    }
  }

  void JudgeLoss() {
    const auto of = [&](RiskRule rule) {
      return w_.account.contains(rule) ? std::optional{w_.account.at(rule)} : std::nullopt;
    };
    const bool known = w_.realised != kNone && w_.unrealised != kNone;
    const Int loss = known ? -w_.realised - w_.unrealised : 0;
    const auto kill = of(kDailyLossKill);
    const auto reduce_only = of(kDailyLossReduceOnly);
    if (w_.mode == RiskMode::kKilled || (kill && loss > *kill)) {
      breaches_.insert("RISK_DAILY_LOSS_KILL");
    }
    if (Reduces()) return;
    const bool stopped = w_.mode == RiskMode::kReduceOnly || (reduce_only && loss > *reduce_only);
    if (stopped) breaches_.insert("RISK_DAILY_LOSS_REDUCE_ONLY");
    if ((kill || reduce_only) && !known) breaches_.insert(kMissing);
    if (stopped && !PositionKnown()) breaches_.insert(kMissing);
  }

  void JudgePosition() {
    const auto units = Limit(kMaxPositionQuantity);
    const auto value = Limit(kMaxPositionValue);
    if (!units && !value) return;
    if (!PositionKnown()) {
      breaches_.insert(kMissing);
      return;
    }
    const Int net = w_.position + (w_.buy ? 1 : -1) * (OpenOnSide() + w_.quantity);
    const Int size = std::abs(net) * w_.units;
    if (units && size > *units) breaches_.insert("RISK_MAX_POSITION_QUANTITY");
    const auto each = Dearest(true);
    if (value && !each) breaches_.insert(kMissing);
    if (value && each && *each * size > *value * 100) breaches_.insert("RISK_MAX_POSITION_VALUE");
  }

  void JudgeDuplicate() {
    const auto seconds = Limit(kDuplicateSeconds);
    if (seconds && !w_.confirmed && w_.same_seconds_ago != kNone &&
        w_.same_seconds_ago <= *seconds) {
      breaches_.insert("RISK_DUPLICATE");
    }
  }

  const World& w_;
  std::set<std::string> breaches_;
};

TEST(RiskPropertyTest, AcceptsExactlyWhatBreachesNoLimitWhenItIsCheckedASecondTime) {
  std::map<std::string, int> told;
  for (const std::uint64_t seed : {1U, 20U, 300U, 4'000U, 50'000U}) {
    RandomWorld worlds{seed};
    for (int round = 0; round < 6'000; ++round) {
      const World world = worlds.Next();
      const std::set<std::string> breaches = SecondOpinion{world}.Breaches();
      const auto checked = CheckRisk(RulesFor(world), InputsFor(world), OrderFor(world), Share());
      const std::string reason = ReasonOf(checked);
      ++told[reason];
      ASSERT_EQ(reason.empty(), breaches.empty())
          << "seed " << seed << " round " << round << ": "
          << (checked ? *breaches.begin() : checked.error().message);
      ASSERT_TRUE(reason.empty() || breaches.contains(reason))
          << "seed " << seed << " round " << round << ": " << checked.error().message;
    }
  }
  EXPECT_GT(told[""], 3'000) << "a check that accepts next to nothing proves nothing";
  for (const RiskRuleInfo& rule : AllRiskRules()) {
    EXPECT_GT(told[std::string{rule.reason}], 50) << rule.name;
  }
}

}  // namespace
}  // namespace sauda::orders
