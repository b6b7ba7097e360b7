#include <gtest/gtest.h>

#include "services/feed/src/rpc/proto_codec.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

Tick Full() {
  Tick tick = TickOf(7, "NSE_FO|51510");
  tick.broker_ms = 5;
  tick.mode = Mode::kFullD30;
  tick.broker_snapshot = true;
  tick.simulated = true;
  tick.last = LastTrade{1, 2, 3, 4, 0.0};
  tick.depth = {{1, 2, 3, 4}, {}, {5, 6, 7, 8}};
  tick.greeks = Greeks{1, 2, 3, 4, 5};
  tick.bars = {{"1d", 1, 2, 3, 4, 5, 6}, {"I1", 7, 8, 9, 10, 11, 12}};
  tick.totals = {1, 2, 3, 4, 5, 6};
  tick.auction = Auction{1, 2, 3, 4, 5, true};
  return tick;
}

v1alpha1::Tick Decoded(const Update& update) {
  v1alpha1::TickBatch batch;
  EXPECT_TRUE(batch.ParseFromString(*update.bytes));
  EXPECT_EQ(batch.ticks_size(), 1);
  return batch.ticks(0);
}

TEST(CodecTest, EveryFieldOfATickTravels) {
  ProtoTickEncoder encoder;
  const v1alpha1::Tick tick = Decoded(encoder.Encode(3, Full()));
  EXPECT_EQ(tick.instrument_key(), "NSE_FO|51510");
  EXPECT_EQ(tick.seq(), 7U);
  EXPECT_EQ(tick.received_ns(), Full().received_ns);
  EXPECT_EQ(tick.broker_ms(), 5);
  EXPECT_EQ(tick.mode(), v1alpha1::MODE_FULL_D30);
  EXPECT_FALSE(tick.snapshot());
  EXPECT_TRUE(tick.broker_snapshot());
  EXPECT_TRUE(tick.simulated());
  EXPECT_EQ(tick.last().price(), 1);
  EXPECT_EQ(tick.last().time_ms(), 2);
  EXPECT_EQ(tick.last().quantity(), 3);
  EXPECT_EQ(tick.last().previous_close(), 4);
  EXPECT_TRUE(tick.last().has_indicative_price());
  ASSERT_EQ(tick.depth_size(), 3);
  EXPECT_EQ(tick.depth(1).ByteSizeLong(), 0U);
  EXPECT_EQ(tick.depth(2).bid_quantity(), 5);
  EXPECT_EQ(tick.depth(2).bid_price(), 6);
  EXPECT_EQ(tick.depth(2).ask_quantity(), 7);
  EXPECT_EQ(tick.depth(2).ask_price(), 8);
  EXPECT_EQ(tick.greeks().ShortDebugString(), "delta: 1 theta: 2 gamma: 3 vega: 4 rho: 5");
  ASSERT_EQ(tick.bars_size(), 2);
  EXPECT_EQ(tick.bars(1).ShortDebugString(),
            "interval: \"I1\" open: 7 high: 8 low: 9 close: 10 volume: 11 start_ms: 12");
  EXPECT_EQ(tick.average_price(), 1);
  EXPECT_EQ(tick.volume(), 2);
  EXPECT_EQ(tick.open_interest(), 3);
  EXPECT_EQ(tick.implied_volatility(), 4);
  EXPECT_EQ(tick.total_buy_quantity(), 5);
  EXPECT_EQ(tick.total_sell_quantity(), 6);
  EXPECT_EQ(tick.auction().ShortDebugString(),
            "equilibrium_price: 1 reference_price: 2 equilibrium_quantity: 3 "
            "imbalance_quantity: 4 market_imbalance_quantity: 5 closing_auction_eligible: true");
}

TEST(CodecTest, AbsentPartsAreAbsentAlsoAfterATickThatHadThem) {
  ProtoTickEncoder encoder;
  (void)encoder.Encode(3, Full());
  const v1alpha1::Tick tick = Decoded(encoder.Encode(3, TickOf(8)));
  EXPECT_FALSE(tick.has_last() || tick.has_greeks() || tick.has_auction());
  EXPECT_EQ(tick.depth_size() + tick.bars_size(), 0);
  EXPECT_EQ(tick.average_price(), 0);
}

TEST(CodecTest, SnapshotIsTheSameTickMarked) {
  ProtoTickEncoder encoder;
  for (const Tick& tick : {Full(), TickOf(1)}) {  // with a length of two bytes, and of one
    const Update update = encoder.Encode(3, tick);
    v1alpha1::Tick marked = Decoded(encoder.AsSnapshot(update));
    EXPECT_TRUE(marked.snapshot());
    marked.clear_snapshot();
    EXPECT_EQ(marked.SerializeAsString(), Decoded(update).SerializeAsString());
  }
}

TEST(CodecTest, HeaderComesBeforeTheTicks) {
  ProtoTickEncoder encoder;
  const std::string header = EncodeHeader({.last_seq = 7,
                                           .count = 1,
                                           .dropped = 2,
                                           .conflated = 3,
                                           .connection = ConnectionState::kLive},
                                          "run1");
  v1alpha1::TickBatch batch;
  ASSERT_TRUE(batch.ParseFromString(header + *encoder.Encode(3, Full()).bytes));
  EXPECT_EQ(batch.instance(), "run1");
  EXPECT_EQ(batch.last_seq(), 7U);
  EXPECT_EQ(batch.count(), 1U);
  EXPECT_EQ(batch.dropped(), 2U);
  EXPECT_EQ(batch.conflated(), 3U);
  EXPECT_EQ(batch.connection(), v1alpha1::CONNECTION_STATE_LIVE);
  EXPECT_EQ(batch.ticks_size(), 1);
  ASSERT_TRUE(batch.ParseFromString(EncodeHeader({}, "run1")));
  EXPECT_FALSE(batch.has_connection());
}

}  // namespace
}  // namespace sauda::feed
