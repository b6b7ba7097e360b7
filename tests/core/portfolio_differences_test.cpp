#include <gtest/gtest.h>

#include "services/orders/src/core/portfolio/differences.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/portfolio_trades.hpp"

namespace sauda::orders::portfolio {
namespace {

using What = Difference::What;

Stand Of(std::int64_t quantity, const char* average = "") {
  Stand stand{
      .instrument_key = "NSE_FO|53001", .product = Product::kDelivery, .quantity = quantity};
  if (*average != '\0') stand.average_price = D(average);
  return stand;
}

struct DifferenceCase {
  std::string name;
  std::vector<Stand> ours;
  std::vector<Stand> theirs;
  std::vector<What> told;
};

class DifferencesTest : public testing::TestWithParam<DifferenceCase> {};

TEST_P(DifferencesTest, TellsWhatDiffersWithBothSides) {
  const auto differences = Differences(GetParam().ours, GetParam().theirs);
  std::vector<What> told;
  for (const Difference& difference : differences) {
    told.push_back(difference.what);
    EXPECT_EQ(difference.instrument_key, "NSE_FO|53001");
    EXPECT_EQ(difference.product, Product::kDelivery);
    EXPECT_EQ(difference.ours.has_value(), !GetParam().ours.empty());
    EXPECT_EQ(difference.theirs.has_value(), !GetParam().theirs.empty());
    if (difference.ours) {
      EXPECT_EQ(*difference.ours, GetParam().ours.front());
    }
    if (difference.theirs) {
      EXPECT_EQ(*difference.theirs, GetParam().theirs.front());
    }
  }
  EXPECT_EQ(told, GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, DifferencesTest,
    testing::Values(
        DifferenceCase{"Nothing", {}, {}, {}},
        DifferenceCase{"Same", {Of(75, "100")}, {Of(75, "100")}, {}},
        DifferenceCase{"OnlyOurs", {Of(75, "100")}, {}, {What::kMissingThere}},
        DifferenceCase{"OnlyTheirs", {}, {Of(-75, "100")}, {What::kMissingHere}},
        DifferenceCase{"OursSquaredOffAndNotListed", {Of(0)}, {}, {}},
        DifferenceCase{"TheirsSquaredOffAndNotListed", {}, {Of(0)}, {}},
        DifferenceCase{"SquaredOffOnOneSide", {Of(75, "100")}, {Of(0)}, {What::kQuantity}},
        DifferenceCase{"Quantity", {Of(75, "100")}, {Of(76, "100")}, {What::kQuantity}},
        DifferenceCase{"Direction", {Of(75, "100")}, {Of(-75, "100")}, {What::kQuantity}},
        DifferenceCase{"APaisaAbove", {Of(75, "100.01")}, {Of(75, "100")}, {}},
        DifferenceCase{"APaisaBelow", {Of(75, "99.99")}, {Of(75, "100")}, {}},
        DifferenceCase{
            "MoreThanAPaisaAbove", {Of(75, "100.010000001")}, {Of(75, "100")}, {What::kAverage}},
        DifferenceCase{
            "MoreThanAPaisaBelow", {Of(75, "99.989999999")}, {Of(75, "100")}, {What::kAverage}},
        DifferenceCase{"AverageNotSaid", {Of(75, "100")}, {Of(75)}, {}},
        DifferenceCase{"AverageSaidAs0", {Of(75, "100")}, {Of(75, "0")}, {}},
        DifferenceCase{"AveragesOfNothing", {Of(0, "100")}, {Of(0, "90")}, {}},
        DifferenceCase{
            "ListedTwice", {Of(75, "100")}, {Of(75, "100"), Of(75, "100")}, {What::kListedTwice}},
        DifferenceCase{"ListedTwiceAndDifferent",
                       {Of(75, "100"), Of(5, "1")},
                       {Of(74, "100")},
                       {What::kListedTwice, What::kQuantity}}),
    CaseName{});

TEST(DifferencesTest, ProductsAndInstrumentsAreComparedApart) {
  Stand other = Of(75, "100");
  other.product = Product::kIntraday;
  Stand elsewhere = Of(75, "100");
  elsewhere.instrument_key = "NSE_FO|53002";
  const auto differences = Differences({Of(75, "100"), elsewhere}, {other, elsewhere});
  ASSERT_EQ(differences.size(), 2U);
  EXPECT_EQ(differences[0].what, What::kMissingHere);
  EXPECT_EQ(differences[0].product, Product::kIntraday);
  EXPECT_EQ(differences[1].what, What::kMissingThere);
  EXPECT_EQ(differences[1].product, Product::kDelivery);
}

TEST(StandOfTest, TakesWhatTheBrokerShows) {
  FedBook fed(15);
  fed.Buy(Share(), Product::kDelivery, 100, "100");
  fed.Begin(16);
  fed.Sell(Share(), Product::kDelivery, 40, "110");
  const Stand sold = StandOf(fed.At(Share(), Product::kDelivery));
  EXPECT_EQ(sold.quantity, -40);
  EXPECT_EQ(sold.average_price, D("110"));
  EXPECT_EQ(sold.instrument_key, Share().key);
  const Stand held = StandOf(fed.book.Holdings({}).at(0));
  EXPECT_EQ(held.quantity, 60);
  EXPECT_EQ(held.average_price, D("100"));
  EXPECT_EQ(held.product, Product::kDelivery);
}

}  // namespace
}  // namespace sauda::orders::portfolio
