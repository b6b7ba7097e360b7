#include "bench/bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sauda::bench {
namespace {

using testing::HasSubstr;

Row Throughput(double ratio) {
  return {.name = "feed.decode",
          .value = 60,
          .unit = "frames/s",
          .floor = 100,
          .ratio = ratio,
          .budget = 0.6};
}

TEST(RowTest, IsJudgedByItsRatioOrWithoutAFloorByItsValue) {
  EXPECT_TRUE(Throughput(0.6).ok());
  EXPECT_FALSE(Throughput(0.59).ok());
  const Row absolute{
      .name = "x", .value = 20, .unit = "ms", .budget = 20, .larger_is_better = false};
  EXPECT_TRUE(absolute.ok());
}

TEST(InterleaveTest, TakesMediansOfPairs) {
  int run = 0;
  const Row row = Interleave(
      {.name = "x", .unit = "s", .budget = 1.3, .larger_is_better = false},
      [&] { return run == 2 ? 1'000.0 : 2.0; }, [&] { return ++run * 1.0; });
  EXPECT_EQ(row.floor, 3.0);
  EXPECT_EQ(row.value, 2.0);
  EXPECT_DOUBLE_EQ(*row.ratio, 2.0 / 3.0);
}

TEST(JsonTest, SaysNullWhereThereIsNoFloor) {
  const Row absolute{
      .name = "x", .value = 1, .unit = "ms", .budget = 20, .larger_is_better = false};
  EXPECT_THAT(ToJson({absolute}), HasSubstr("\"floor\": null"));
}

TEST(PercentileTest, OfARow) {
  EXPECT_EQ(Percentile({4, 1, 3, 2, 5}, 0.5), 3);
  EXPECT_EQ(Percentile({1, 2}, 1.0), 2);
}

}  // namespace
}  // namespace sauda::bench
