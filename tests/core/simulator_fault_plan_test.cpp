#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator/src/core/faults.hpp"
#include "simulator/src/core/update_shuffle.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::sim {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using Settings = FaultPlan::Settings;

constexpr int kDraws = 20'000;

struct BadPlan {
  std::string name;
  Settings settings;
};
class BadPlanTest : public testing::TestWithParam<BadPlan> {};

TEST_P(BadPlanTest, IsRefused) {
  const auto plan = FaultPlan::Make(GetParam().settings);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().reason, "FAULT_PLAN_INVALID");
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPlanTest,
    testing::Values(
        BadPlan{"NoChance", {.orders = {{FaultKind::kSlow, -0.1}}}},
        BadPlan{"TooMuchTogether", {.rest = {{FaultKind::kSlow, 0.6}, {FaultKind::kStatus, 0.5}}}},
        BadPlan{"NoFaultOfACall", {.orders = {{FaultKind::kDrop, 0.1}}}},
        BadPlan{"UpdateChance", {.lose = 1.5}}, BadPlan{"GoodStatus", {.status = 200}},
        BadPlan{"DelaysReversed", {.least_delay = milliseconds{2}, .most_delay = milliseconds{1}}}),
    CaseName{});

Settings Mixed(std::uint64_t seed) {
  return {.seed = seed,
          .orders = {{FaultKind::kResetAfter, 0.1}, {FaultKind::kLate, 0.2}},
          .rest = {{FaultKind::kStatus, 0.5}},
          .least_delay = milliseconds{30},
          .most_delay = milliseconds{40},
          .duplicate = 0.1,
          .reorder = 0.2,
          .lose = 0.05};
}

TEST(FaultPlanTest, DrawsAsOftenAsItsChances) {
  auto plan = FaultPlan::Make(Mixed(7));
  ASSERT_TRUE(plan);
  for (int i = 0; i < kDraws; ++i) {
    (void)plan->DrawCall(FaultTarget::kOrders);
    (void)plan->DrawUpdate();
  }
  const auto share = [&](const char* name) {
    return static_cast<double>(plan->drawn().at(name)) / kDraws;
  };
  EXPECT_NEAR(share("orders reset-after"), 0.1, 0.01);
  EXPECT_NEAR(share("orders late"), 0.2, 0.01);
  EXPECT_NEAR(share("portfolio duplicate"), 0.1, 0.01);
  EXPECT_NEAR(share("portfolio reorder"), 0.2, 0.01);
  EXPECT_NEAR(share("portfolio lose"), 0.05, 0.01);
  EXPECT_FALSE(plan->drawn().contains("portfolio cut"));
}

TEST(FaultPlanTest, KeepsDelaysWithinTheirBounds) {
  auto plan = FaultPlan::Make(Mixed(7));
  ASSERT_TRUE(plan);
  milliseconds least{1'000}, most{0};
  for (int i = 0; i < kDraws; ++i) {
    const auto fault = plan->DrawCall(FaultTarget::kOrders);
    if (!fault) continue;
    least = std::min(least, fault->delay);
    most = std::max(most, fault->delay);
  }
  EXPECT_EQ(least, milliseconds{30});
  EXPECT_EQ(most, milliseconds{40});
}

/// Fates of order calls in a row; `rest` calls are drawn between two of them.
std::vector<std::optional<FaultKind>> Fates(std::uint64_t seed, int rest) {
  auto plan = FaultPlan::Make(Mixed(seed));
  std::vector<std::optional<FaultKind>> fates;
  for (int i = 0; i < 200; ++i) {
    const auto fault = plan->DrawCall(FaultTarget::kOrders);
    fates.push_back(fault ? std::optional{fault->kind} : std::nullopt);
    for (int j = 0; j < rest; ++j) (void)plan->DrawCall(FaultTarget::kRest);
  }
  return fates;
}

TEST(FaultPlanTest, TheSameSeedGivesOrdersTheSameFateWhateverElseIsAsked) {
  EXPECT_EQ(Fates(7, 0), Fates(7, 3));
  EXPECT_NE(Fates(7, 0), Fates(8, 0));
}

TEST(FaultPlanTest, OtherTargetsHaveNoPart) {
  auto plan = FaultPlan::Make({.orders = {{FaultKind::kSlow, 1.0}}});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->DrawCall(FaultTarget::kOrders));
  EXPECT_FALSE(plan->DrawCall(FaultTarget::kRest));
  EXPECT_FALSE(plan->DrawCall(FaultTarget::kLogin));
}

TEST(FaultPlanTest, AFaultThatWasAskedForComesFirst) {
  const ManualClock clock;
  Faults faults;
  faults.SetPlan(*FaultPlan::Make({.orders = {{FaultKind::kSlow, 1.0}}}));
  ASSERT_TRUE(
      faults.Add({.target = FaultTarget::kOrders, .kind = FaultKind::kResetAfter}, clock.Now()));
  EXPECT_EQ(faults.TakeHttp(FaultTarget::kOrders, clock.Now())->kind, FaultKind::kResetAfter);
  EXPECT_EQ(faults.TakeHttp(FaultTarget::kOrders, clock.Now())->kind, FaultKind::kSlow);
  faults.SetPlan(std::nullopt);
  EXPECT_FALSE(faults.TakeHttp(FaultTarget::kOrders, clock.Now()));
}

using Shuffle = UpdateShuffle<int>;

TEST(UpdateShuffleTest, PassesWhatHasNoFate) {
  Shuffle shuffle;
  EXPECT_THAT(shuffle.Pass(1, {}), ElementsAre(1));
  EXPECT_FALSE(shuffle.holds());
}

TEST(UpdateShuffleTest, LetsOthersOvertake) {
  Shuffle shuffle;
  EXPECT_THAT(shuffle.Pass(1, {.behind = 2}), ElementsAre());
  EXPECT_THAT(shuffle.Pass(2, {}), ElementsAre(2));
  EXPECT_THAT(shuffle.Pass(3, {}), ElementsAre(3, 1));
}

TEST(UpdateShuffleTest, BringsASecondCopyAtOnceOrLater) {
  Shuffle shuffle;
  EXPECT_THAT(shuffle.Pass(1, {.duplicated = true}), ElementsAre(1, 1));
  EXPECT_THAT(shuffle.Pass(2, {.duplicated = true, .again_after = 1}), ElementsAre(2));
  EXPECT_THAT(shuffle.Pass(3, {}), ElementsAre(3, 2));
}

TEST(UpdateShuffleTest, LosesWhatIsLostAndLetsItOvertake) {
  Shuffle shuffle;
  EXPECT_THAT(shuffle.Pass(1, {.behind = 1}), ElementsAre());
  EXPECT_THAT(shuffle.Pass(2, {.lost = true, .duplicated = true}), ElementsAre(1));
  EXPECT_FALSE(shuffle.holds());
}

TEST(UpdateShuffleTest, GivesEverythingBackThatIsNotLost) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto plan = FaultPlan::Make(Mixed(seed));
    Shuffle shuffle;
    std::vector<int> came, due;
    for (int i = 0; i < 500; ++i) {
      const UpdateFate fate = plan->DrawUpdate();
      if (!fate.lost) due.insert(due.end(), fate.duplicated ? 2 : 1, i);
      for (const int one : shuffle.Pass(i, fate)) {
        EXPECT_LE(i - one, 2 * static_cast<int>(FaultPlan::kMostBehind));
        came.push_back(one);
      }
    }
    for (const int one : shuffle.Flush()) came.push_back(one);
    EXPECT_FALSE(std::is_sorted(came.begin(), came.end()));
    std::sort(came.begin(), came.end());
    EXPECT_EQ(came, due);
  }
}

}  // namespace
}  // namespace sauda::sim
