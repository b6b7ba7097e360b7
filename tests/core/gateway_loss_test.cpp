#include <gtest/gtest.h>

#include "services/gateway/src/core/loss_counter.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::gateway {
namespace {

/// One thing that happens to the reader of the feed's streams.
struct Step {
  enum class What : std::uint8_t { kBegin, kBatch, kLive, kSnapshot };
  What what;
  std::uint64_t number = 0;  // announced, or seq
  std::string instance;
};
Step Begin() { return {Step::What::kBegin}; }
Step Batch(std::uint64_t announced = 0, const std::string& instance = "f1") {
  return {Step::What::kBatch, announced, instance};
}
Step Live(std::uint64_t seq) { return {Step::What::kLive, seq}; }
Step Snapshot(std::uint64_t seq) { return {Step::What::kSnapshot, seq}; }

struct Case {
  std::string name;
  std::vector<Step> steps;
  std::uint64_t lost;
};
class LossCounterTest : public testing::TestWithParam<Case> {};

TEST_P(LossCounterTest, CountsWhatDidNotArrive) {
  LossCounter counter;
  std::uint64_t lost = 0;
  for (const Step& step : GetParam().steps) {
    switch (step.what) {
      case Step::What::kBegin:
        counter.Begin();
        break;
      case Step::What::kBatch:
        lost += counter.Batch(step.instance, step.number);
        break;
      case Step::What::kLive:
        lost += counter.Tick(step.number, false);
        break;
      case Step::What::kSnapshot:
        lost += counter.Tick(step.number, true);
        break;
    }
  }
  EXPECT_EQ(lost, GetParam().lost);
}

INSTANTIATE_TEST_SUITE_P(
    Streams, LossCounterTest,
    testing::Values(
        Case{"FirstStream", {Begin(), Batch(), Snapshot(7), Snapshot(9), Live(12), Live(13)}, 0},
        Case{"Announced", {Begin(), Batch(), Live(1), Batch(3), Live(5)}, 3},
        Case{"HoleInALiveStreamIsNotDropped", {Begin(), Batch(), Live(1), Live(5)}, 0},
        Case{"NothingMissed",
             {Begin(), Batch(), Live(4), Begin(), Batch(), Snapshot(4), Live(5)},
             0},
        Case{"OneMissed", {Begin(), Batch(), Live(4), Begin(), Batch(), Snapshot(4), Live(6)}, 1},
        Case{"NewerSnapshotsArrived",
             {Begin(), Batch(), Live(4), Begin(), Batch(), Snapshot(3), Snapshot(6), Snapshot(9),
              Live(10)},
             3},
        Case{"ToldBeforeTheFirstLiveTick",
             {Begin(), Batch(), Live(4), Begin(), Batch(), Snapshot(6), Snapshot(9)},
             3},
        Case{"OnlyOnce",
             {Begin(), Batch(), Live(4), Begin(), Batch(), Snapshot(9), Begin(), Batch(),
              Snapshot(9), Live(10)},
             4},
        Case{"BrokenAgainBeforeALiveTick",
             {Begin(), Batch(), Live(4), Begin(), Batch(), Snapshot(6), Begin(), Batch(),
              Snapshot(8), Live(9)},
             2},
        Case{"AfterSnapshotsAlone", {Begin(), Batch(), Snapshot(4), Begin(), Batch(), Live(7)}, 2},
        Case{"AnnouncedOnesAreNotCountedTwice",
             {Begin(), Batch(), Live(4), Begin(), Batch(), Snapshot(5), Batch(3), Live(10)},
             4},
        Case{"MoreAnnouncedThanMissing",
             {Begin(), Batch(), Live(4), Begin(), Batch(9), Live(6), Live(9)},
             9},
        Case{"AnotherRun",
             {Begin(), Batch(), Live(4), Begin(), Batch(2, "f2"), Snapshot(6), Live(9)},
             2},
        Case{"AnotherRunIsFollowedFromThen",
             {Begin(), Batch(), Live(4), Begin(), Batch(0, "f2"), Live(9), Begin(), Batch(0, "f2"),
              Live(12)},
             2}),
    CaseName{});

}  // namespace
}  // namespace sauda::gateway
