// The decoder against vectors made from the broker's schema by another encoder (docs/broker.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "tests/support/case_name.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::feed {
namespace {

namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;

constexpr const char* kMarketInfo = "080218808ca981b233220c0a0a0a064e53455f45511002";
constexpr const char* kLtpc =
    "080112340a134e53455f45517c494e45343635413031303235121d0a1b090000000000f6954010afceb381b23318"
    "012166666666664a964018f0ceb381b233";
constexpr const char* kIndexFull =
    "126a0a124e53455f494e4445587c4e6966747920353012541250124e0a1909000000009057d94010e0cbb381b233"
    "21cdccccccbc6fd94012310a2f0a02316411000000008052d9401900000000005ad9402100000000304cd9402900"
    "0000009057d94038c0d881f1b133200118f0ceb381b233";
constexpr const char* kGreeks =
    "0801128e010a0c4e53455f464f7c3531353130127e1a7a0a1b099a999999993f88401092b5b381b2331823"
    "21cdcccccccc76834012160869119a999999992d884018462133333333334988401a2d099ca223b9fc87e4bf11"
    "9eefa7c64bb72ec019613255302aa9333f2148e17a14aeaf4640291b0de02d904030c020d3d6012900000000"
    "506cf1403100000000006dba3f200218f0b5b381b233";

std::string Bytes(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

struct Collector final : DeltaSink {
  void OnHead(const FrameHead& head) override { broker_ms = head.broker_ms; }
  void OnDelta(const Delta& delta) override {
    deltas.push_back(delta);
    keys.emplace_back(delta.key);
  }
  std::int64_t broker_ms = 0;
  std::vector<Delta> deltas;
  std::vector<std::string> keys;  // a delta's own key dies with its frame
};

class DecoderTest : public testing::Test {
 protected:
  Result<FrameHead> Decode(const std::string& bytes) { return decoder_.Decode(bytes, sink_); }
  UpstoxDecoder decoder_;
  Collector sink_;
};

TEST_F(DecoderTest, ReadsAMarketStatus) {
  const auto head = Decode(Bytes(kMarketInfo));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->type, FrameType::kMarketInfo);
  EXPECT_EQ(head->broker_ms, 1'765'771'200'000);
  EXPECT_THAT(head->segments, testing::ElementsAre(testing::Pair("NSE_EQ", "NORMAL_OPEN")));
  EXPECT_TRUE(sink_.deltas.empty());
}

TEST_F(DecoderTest, ReadsALastTrade) {
  const auto head = Decode(Bytes(kLtpc));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->type, FrameType::kLive);
  EXPECT_EQ(head->instruments, 1U);
  EXPECT_EQ(sink_.broker_ms, 1'765'771'372'400);
  ASSERT_EQ(sink_.deltas.size(), 1U);
  const Delta& delta = sink_.deltas.front();
  EXPECT_EQ(sink_.keys.front(), "NSE_EQ|INE465A01025");
  EXPECT_EQ(delta.mode, Mode::kLtpc);
  EXPECT_FALSE(delta.snapshot);
  EXPECT_EQ(
      delta.last,
      (LastTrade{
          .price = 1405.5, .time_ms = 1'765'771'372'335, .quantity = 1, .previous_close = 1426.6}));
  EXPECT_FALSE(delta.greeks || delta.has_depth || delta.has_bars);
}

TEST_F(DecoderTest, ReadsAnIndexSnapshotWhoseTypeIsNotOnTheWire) {
  const auto head = Decode(Bytes(kIndexFull));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->type, FrameType::kInitial);
  ASSERT_EQ(sink_.deltas.size(), 1U);
  const Delta& delta = sink_.deltas.front();
  EXPECT_EQ(sink_.keys.front(), "NSE_INDEX|Nifty 50");
  EXPECT_EQ(delta.form, Form::kIndexFull);
  EXPECT_EQ(delta.mode, Mode::kFull);
  EXPECT_TRUE(delta.snapshot);
  EXPECT_EQ(delta.last->price, 25950.25);
  EXPECT_EQ(delta.last->quantity, 0);
  ASSERT_EQ(delta.bars.size(), 1U);
  EXPECT_EQ(delta.bars.front(), (Bar{.interval = "1d",
                                     .open = 25930,
                                     .high = 25960,
                                     .low = 25904.75,
                                     .close = 25950.25,
                                     .start_ms = 1'765'737'000'000}));
}

TEST_F(DecoderTest, ReadsOptionGreeks) {
  ASSERT_TRUE(Decode(Bytes(kGreeks)));
  ASSERT_EQ(sink_.deltas.size(), 1U);
  const Delta& delta = sink_.deltas.front();
  EXPECT_EQ(delta.mode, Mode::kOptionGreeks);
  EXPECT_EQ(delta.form, Form::kFirstLevel);
  EXPECT_EQ(
      delta.depth,
      (std::vector<DepthLevel>{
          {.bid_quantity = 105, .bid_price = 773.7, .ask_quantity = 70, .ask_price = 777.15}}));
  EXPECT_EQ(
      delta.greeks,
      (Greeks{
          .delta = -0.6416, .theta = -15.358, .gamma = 0.0003, .vega = 45.3725, .rho = -16.2522}));
  EXPECT_EQ(delta.totals, (Totals{.volume = 27'475,
                                  .open_interest = 71'365,
                                  .implied_volatility = 0.1032257080078125}));
}

TEST_F(DecoderTest, ReadsEveryFieldOfTheFullMode) {
  wire::FeedResponse frame;
  frame.set_type(wire::live_feed);
  wire::Feed& feed = (*frame.mutable_feeds())["NSE_EQ|X"];
  feed.set_requestmode(wire::full_d30);
  wire::MarketFullFeed& market = *feed.mutable_fullfeed()->mutable_marketff();
  market.mutable_ltpc()->mutable_iep()->set_value(0);  // there, and zero
  for (int i = 1; i <= 30; ++i) market.mutable_marketlevel()->add_bidaskquote()->set_bidq(i);
  market.mutable_optiongreeks();
  market.mutable_marketohlc()->add_ohlc()->set_interval("I1");
  market.set_atp(1);
  market.set_vtt(2);
  market.set_oi(3);
  market.set_iv(4);
  market.set_tbq(5);
  market.set_tsq(6);
  market.set_iep(7);
  market.set_rp(8);
  market.set_ieq(9);
  market.set_iiqtotal(10);
  market.set_iiqm(11);
  market.set_caseligible(true);
  ASSERT_TRUE(Decode(frame.SerializeAsString()));
  ASSERT_EQ(sink_.deltas.size(), 1U);
  const Delta& delta = sink_.deltas.front();
  EXPECT_EQ(delta.mode, Mode::kFullD30);
  EXPECT_EQ(delta.last->indicative_price, 0.0);
  ASSERT_EQ(delta.depth.size(), 30U);
  EXPECT_EQ(delta.depth.back().bid_quantity, 30);
  EXPECT_EQ(delta.greeks, Greeks{});
  EXPECT_EQ(delta.bars.front().interval, "I1");
  EXPECT_EQ(delta.totals, (Totals{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(delta.auction, (Auction{7, 8, 9, 10, 11, true}));
}

TEST_F(DecoderTest, EntriesThatSayNothingAreCountedAndSkipped) {
  wire::FeedResponse frame;
  frame.set_type(wire::live_feed);
  (*frame.mutable_feeds())["NSE_EQ|NOTHING"].set_requestmode(wire::full_d5);
  (void)(*frame.mutable_feeds())["NSE_EQ|EMPTY"].mutable_fullfeed();
  (*frame.mutable_feeds())["NSE_EQ|A"].mutable_ltpc()->set_ltp(1);
  const auto head = Decode(frame.SerializeAsString());
  ASSERT_TRUE(head);
  EXPECT_EQ(head->instruments, 1U);
  EXPECT_EQ(head->empty_entries, 2U);
}

// Messages joined are one message, so single entries joined are a frame in a known order.
TEST_F(DecoderTest, InstrumentsComeInTheOrderSentAndAsOftenAsSent) {
  std::string bytes;
  const std::vector<std::string> sent{"NSE_EQ|Z", "NSE_EQ|A", "NSE_FO|M", "NSE_EQ|B", "NSE_EQ|Z"};
  for (const std::string& key : sent) {
    wire::FeedResponse frame;
    frame.set_type(wire::live_feed);
    (*frame.mutable_feeds())[key].mutable_ltpc()->set_ltp(1);
    bytes += frame.SerializeAsString();
  }
  ASSERT_TRUE(Decode(bytes));
  EXPECT_EQ(sink_.keys, sent);
}

TEST_F(DecoderTest, UnknownFieldsAndStatusesAreNoReasonToRefuse) {
  wire::FeedResponse frame;
  frame.set_type(wire::market_info);
  (*frame.mutable_marketinfo()->mutable_segmentstatus())["NEW"] =
      static_cast<wire::MarketStatus>(9);
  std::string bytes = frame.SerializeAsString();
  bytes += "\xfa\x06\x02hi";  // field 111
  const auto head = Decode(bytes);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->segments.at("NEW"), "STATUS_9");
}

struct BadCase {
  std::string name;
  std::string bytes;
  std::string reason;
};

class BadFrameTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadFrameTest, IsRefusedAndHandsOverNothing) {
  UpstoxDecoder decoder;
  Collector sink;
  const auto head = decoder.Decode(GetParam().bytes, sink);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().reason, GetParam().reason);
  EXPECT_TRUE(sink.deltas.empty());
  EXPECT_TRUE(decoder.Decode(Bytes(kLtpc), sink)) << "and the next frame is read";
}

INSTANTIATE_TEST_SUITE_P(
    Frames, BadFrameTest,
    testing::Values(BadCase{"Empty", "", "FRAME_EMPTY"},
                    BadCase{"Garbage", std::string(64, '\xff'), "FRAME_MALFORMED"},
                    BadCase{"Json", R"({"status":"error"})", "FRAME_MALFORMED"},
                    BadCase{"OneByte", "\x08", "FRAME_MALFORMED"},
                    BadCase{"UnknownType", "\x08\x63", "FRAME_MALFORMED"},
                    BadCase{"KeyIsNoUtf8", "\x12\x04\x0a\x02\xc3\x28", "FRAME_MALFORMED"},
                    BadCase{"NothingInIt", "\x08\x01", "FRAME_POINTLESS"}),
    CaseName{});

TEST_F(DecoderTest, NoCutOfAFrameIsReadAsAnother) {
  const std::string whole = Bytes(kGreeks);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Collector sink;
    const auto head = decoder_.Decode(whole.substr(0, length), sink);
    if (!head) continue;
    // What is left may end between two fields of the frame; then each entry is whole.
    for (const Delta& delta : sink.deltas) EXPECT_EQ(delta.greeks->rho, -16.2522) << length;
  }
}

}  // namespace
}  // namespace sauda::feed
