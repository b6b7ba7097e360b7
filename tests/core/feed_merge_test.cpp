#include <gtest/gtest.h>

#include "services/feed/src/core/delta.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

Delta Whole() {
  Delta delta;
  delta.form = Form::kMarketFull;
  delta.mode = Mode::kFull;
  delta.last = LastTrade{.price = 775.95, .time_ms = 1, .quantity = 35, .previous_close = 622.85};
  delta.has_depth = true;
  delta.depth = {{.bid_quantity = 105, .bid_price = 773.7, .ask_quantity = 70, .ask_price = 777.15},
                 {}};
  delta.greeks = Greeks{.delta = -0.6416};
  delta.has_bars = true;
  delta.bars = {{.interval = "1d", .open = 682.05}};
  delta.totals = {.average_price = 731.11,
                  .volume = 27'475,
                  .open_interest = 71'365,
                  .implied_volatility = 0.1,
                  .total_buy_quantity = 9'835,
                  .total_sell_quantity = 11'690};
  return delta;
}

Delta Nothing() {
  Delta delta;
  delta.form = Form::kMarketFull;
  delta.mode = Mode::kFull;
  return delta;
}

class MergeTest : public testing::Test {
 protected:
  MergeTest() { Merge(tick_, Whole()); }
  Tick tick_;
};

TEST_F(MergeTest, TakesEveryPart) {
  const Delta whole = Whole();
  EXPECT_EQ(tick_.mode, Mode::kFull);
  EXPECT_EQ(tick_.last, whole.last);
  EXPECT_EQ(tick_.depth, whole.depth);
  EXPECT_EQ(tick_.greeks, whole.greeks);
  EXPECT_EQ(tick_.bars, whole.bars);
  EXPECT_EQ(tick_.totals, whole.totals);
  EXPECT_FALSE(tick_.auction);
}

TEST_F(MergeTest, AbsentPartsKeepTheirLastValue) {
  Merge(tick_, Nothing());
  const Delta whole = Whole();
  EXPECT_EQ(tick_.last, whole.last);
  EXPECT_EQ(tick_.depth, whole.depth);
  EXPECT_EQ(tick_.greeks, whole.greeks);
  EXPECT_EQ(tick_.bars, whole.bars);
  EXPECT_EQ(tick_.totals, whole.totals);
}

TEST_F(MergeTest, IncrementalScalarsThatAreThereReplaceOthersStay) {
  Delta some = Nothing();
  some.totals.volume = 27'510;
  Merge(tick_, some);
  EXPECT_EQ(tick_.totals.volume, 27'510);
  EXPECT_EQ(tick_.totals.open_interest, 71'365);
}

TEST_F(MergeTest, ZeroInAWholeMessageIsZero) {
  Delta whole = Whole();
  whole.totals.total_buy_quantity = 0;
  Merge(tick_, whole);
  EXPECT_EQ(tick_.totals.total_buy_quantity, 0);
}

TEST_F(MergeTest, EmptyDepthThatIsThereReplaces) {
  Delta delta = Nothing();
  delta.has_depth = true;
  Merge(tick_, delta);
  EXPECT_TRUE(tick_.depth.empty());
}

TEST_F(MergeTest, SnapshotStartsAnew) {
  Delta snapshot = Nothing();
  snapshot.snapshot = true;
  snapshot.greeks = Greeks{.delta = 0.5};
  Merge(tick_, snapshot);
  EXPECT_TRUE(tick_.broker_snapshot);
  EXPECT_FALSE(tick_.last);
  EXPECT_TRUE(tick_.depth.empty());
  EXPECT_TRUE(tick_.bars.empty());
  EXPECT_EQ(tick_.greeks->delta, 0.5);
  EXPECT_EQ(tick_.totals, Totals{});
  Merge(tick_, Nothing());
  EXPECT_FALSE(tick_.broker_snapshot);
}

TEST_F(MergeTest, AnotherModeKeepsTheLastTradeAlone) {
  Delta ltpc;
  ltpc.form = Form::kLtpc;
  ltpc.mode = Mode::kLtpc;
  Merge(tick_, ltpc);
  EXPECT_EQ(tick_.mode, Mode::kLtpc);
  EXPECT_EQ(tick_.last, Whole().last);
  EXPECT_TRUE(tick_.depth.empty());
  EXPECT_FALSE(tick_.greeks);
  EXPECT_EQ(tick_.totals, Totals{});
}

TEST_F(MergeTest, AuctionComesAndGoesWithWholeMessages) {
  Delta auction = Whole();
  auction.auction.reference_price = 700;
  Merge(tick_, auction);
  ASSERT_TRUE(tick_.auction);
  EXPECT_EQ(tick_.auction->reference_price, 700);
  Merge(tick_, Nothing());
  EXPECT_TRUE(tick_.auction) << "an incremental message says nothing about it";
  Merge(tick_, Whole());
  EXPECT_FALSE(tick_.auction);
}

struct WholeCase {
  std::string name;
  Form form;
  bool last;
  bool depth;
  bool greeks;
  bool bars;
  bool whole;
};

class WholeTest : public testing::TestWithParam<WholeCase> {};

TEST_P(WholeTest, DecidesWhatAZeroMeans) {
  const auto& row = GetParam();
  Tick tick;
  tick.mode = Mode::kFull;
  tick.totals.volume = 5;
  Delta delta;
  delta.mode = Mode::kFull;
  delta.form = row.form;
  if (row.last) delta.last = LastTrade{};
  delta.has_depth = row.depth;
  if (row.greeks) delta.greeks = Greeks{};
  delta.has_bars = row.bars;
  Merge(tick, delta);
  EXPECT_EQ(tick.totals.volume, row.whole ? 0 : 5);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, WholeTest,
    testing::Values(WholeCase{"MarketFull", Form::kMarketFull, true, true, true, true, true},
                    WholeCase{"MarketNoBars", Form::kMarketFull, true, true, true, false, false},
                    WholeCase{"MarketNoGreeks", Form::kMarketFull, true, true, false, true, false},
                    WholeCase{"MarketNoDepth", Form::kMarketFull, true, false, true, true, false},
                    WholeCase{"MarketNoTrade", Form::kMarketFull, false, true, true, true, false},
                    WholeCase{"Index", Form::kIndexFull, true, false, false, true, true},
                    WholeCase{"IndexNoBars", Form::kIndexFull, true, false, false, false, false},
                    WholeCase{"FirstLevel", Form::kFirstLevel, true, true, true, false, true},
                    WholeCase{"FirstNoGreeks", Form::kFirstLevel, true, true, false, false, false},
                    WholeCase{"Ltpc", Form::kLtpc, true, false, false, false, true}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
