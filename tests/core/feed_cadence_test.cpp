#include <gtest/gtest.h>

#include "services/feed/src/core/cadence.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

struct CadenceCase {
  std::string name;
  int short_ones;
  std::chrono::milliseconds short_one;
  int long_ones;
  std::chrono::milliseconds long_one;
  std::optional<std::chrono::milliseconds> p99;  // rounded up by a fifth at most
};

class CadenceTest : public testing::TestWithParam<CadenceCase> {};

TEST_P(CadenceTest, KnowsTheSpacingOfNinetyNineInAHundred) {
  const auto& row = GetParam();
  Cadence cadence;
  for (int i = 0; i < row.long_ones; ++i) cadence.Add(row.long_one);
  for (int i = 0; i < row.short_ones; ++i) cadence.Add(row.short_one);
  const auto p99 = cadence.P99();
  ASSERT_EQ(p99.has_value(), row.p99.has_value());
  if (!p99) return;
  EXPECT_GE(*p99, *row.p99);
  EXPECT_LE(*p99, *row.p99 * 1.2);
}

INSTANTIATE_TEST_SUITE_P(
    Spacings, CadenceTest,
    testing::Values(CadenceCase{"TooFew", 99, 1s, 0, 0s, std::nullopt},
                    CadenceCase{"Enough", 100, 1s, 0, 0s, 1s},
                    CadenceCase{"OneInAHundredIsLonger", 99, 1s, 1, 60s, 1s},
                    CadenceCase{"TwoInAHundredAre", 98, 1s, 2, 60s, 60s},
                    CadenceCase{"OldOnesAreForgotten", 60'000, 1s, 4'000, 60s, 1s},
                    CadenceCase{"Quick", 1'000, 3ms, 0, 0s, 10ms},
                    CadenceCase{"ANightIsTheLongestThereIs", 0, 0s, 100, 600s, 551s}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
