// What a stream follows without naming it.

#include <gtest/gtest.h>

#include "services/feed/src/core/follow_filter.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

using Keys = std::set<std::string>;

/// One of each: N an index and S a share with contracts in NSE_FO, B a share of BSE with one in
/// BSE_FO that is written on S, a commodity future G with an option on it.
const std::vector<Listing>& All() {
  static const std::vector<Listing> all{
      {.key = "NSE_INDEX|N", .kind = Kind::kIndex},
      {.key = "NSE_EQ|S", .kind = Kind::kEquity},
      {.key = "BSE_EQ|B", .kind = Kind::kEquity},
      {.key = "NSE_FO|NF", .kind = Kind::kFuture, .underlying = "NSE_INDEX|N"},
      {.key = "NSE_FO|NO", .kind = Kind::kOption, .underlying = "NSE_INDEX|N"},
      {.key = "NSE_FO|SF", .kind = Kind::kFuture, .underlying = "NSE_EQ|S"},
      {.key = "BSE_FO|SF", .kind = Kind::kFuture, .underlying = "NSE_EQ|S"},
      {.key = "NSE_FO|?", .kind = Kind::kOption},  // nobody knows what it is written on
      {.key = "MCX_FO|G", .kind = Kind::kFuture, .underlying = "MCX_COM|GOLD"},
      {.key = "MCX_FO|GO", .kind = Kind::kOption, .underlying = "MCX_FO|G"},
      {.key = "X|?"}};
  return all;
}

struct FilterCase {
  std::string name;
  FollowFilter filter;
  std::string taken;
};
class FollowFilterTest : public testing::TestWithParam<FilterCase> {};

TEST_P(FollowFilterTest, TakesWhatATraderExpects) {
  std::string taken;
  for (const Listing& each : All()) {
    if (GetParam().filter.Takes(each)) taken += each.key + " ";
  }
  EXPECT_EQ(taken, GetParam().taken);
}

INSTANTIATE_TEST_SUITE_P(
    Filters, FollowFilterTest,
    testing::Values(
        FilterCase{"NothingAskedFor", {}, ""},
        FilterCase{"Kind", {.kinds = {Kind::kEquity}}, "NSE_EQ|S BSE_EQ|B "},
        FilterCase{
            "TwoKinds", {.kinds = {Kind::kIndex, Kind::kEquity}}, "NSE_INDEX|N NSE_EQ|S BSE_EQ|B "},
        FilterCase{
            "Underlying", {.underlyings = Keys{"NSE_INDEX|N"}}, "NSE_INDEX|N NSE_FO|NF NSE_FO|NO "},
        FilterCase{"UnderlyingOfTwoExchanges",
                   {.underlyings = Keys{"NSE_EQ|S"}},
                   "NSE_EQ|S NSE_FO|SF BSE_FO|SF "},
        FilterCase{"TwoUnderlyings",
                   {.underlyings = Keys{"BSE_EQ|B", "NSE_EQ|S"}},
                   "NSE_EQ|S BSE_EQ|B NSE_FO|SF BSE_FO|SF "},
        FilterCase{
            "UnderlyingThatIsAContract", {.underlyings = Keys{"MCX_FO|G"}}, "MCX_FO|G MCX_FO|GO "},
        FilterCase{"UnderlyingOfNothing", {.underlyings = Keys{"NSE_EQ|Z"}}, ""},
        FilterCase{"KindOfAnUnderlying",
                   {.kinds = {Kind::kOption}, .underlyings = Keys{"NSE_INDEX|N"}},
                   "NSE_FO|NO "},
        FilterCase{"KindsOfAnUnderlying",
                   {.kinds = {Kind::kIndex, Kind::kFuture}, .underlyings = Keys{"NSE_INDEX|N"}},
                   "NSE_INDEX|N NSE_FO|NF "},
        FilterCase{"UniverseIsOfNse", {.universe = Keys{"NSE_EQ|S"}}, "NSE_EQ|S NSE_FO|SF "},
        FilterCase{"KindOfTheUniverse",
                   {.kinds = {Kind::kFuture}, .universe = Keys{"NSE_EQ|S"}},
                   "NSE_FO|SF "},
        FilterCase{"UniverseOfNothingIsNotEverything", {.universe = Keys{}}, ""},
        FilterCase{"KindOfAUniverseOfNothing", {.kinds = {Kind::kFuture}, .universe = Keys{}}, ""},
        FilterCase{"UniverseAndAnUnderlyingAddUp",
                   {.underlyings = Keys{"NSE_INDEX|N"}, .universe = Keys{"NSE_EQ|S"}},
                   "NSE_INDEX|N NSE_EQ|S NSE_FO|NF NSE_FO|NO NSE_FO|SF "},
        FilterCase{"KindNarrowsBoth",
                   {.kinds = {Kind::kFuture},
                    .underlyings = Keys{"NSE_INDEX|N"},
                    .universe = Keys{"NSE_EQ|S"}},
                   "NSE_FO|NF NSE_FO|SF "}),
    CaseName{});

TEST(WantedFollowTest, IsEmptyWhenNothingIsAskedFor) {
  EXPECT_TRUE(WantedFollow{}.empty());
  EXPECT_FALSE(WantedFollow{.kinds = {Kind::kIndex}}.empty());
  EXPECT_FALSE(WantedFollow{.underlyings = {"N"}}.empty());
  EXPECT_FALSE(WantedFollow{.universe = true}.empty());
}

}  // namespace
}  // namespace sauda::feed
