#include <gtest/gtest.h>

#include "simulator/src/core/market_hours.hpp"
#include "simulator/src/feed_encoder.hpp"
#include "tests/support/case_name.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::sim {
namespace {

namespace pb = com::upstox::marketdatafeederv3udapi::rpc::proto;

std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
  }
  return bytes;
}

FeedFrame One(FeedFrame::Type type, std::int64_t current_ms, FeedEntry entry) {
  return {.type = type, .current_ms = current_ms, .feeds = {entry}};
}

// The vectors are those of docs/broker.md, made with the standard protobuf compiler.

TEST(FeedEncoderTest, WritesLtpcAsTheBrokerDoes) {
  const std::string key = "NSE_EQ|INE465A01025";
  FullState state;
  state.ltp = 1405.5;
  state.ltt_ms = 1'765'771'372'335;
  state.ltq = 1;
  state.cp = 1426.6;
  EXPECT_EQ(
      EncodeFeedFrame(One(FeedFrame::Type::kLive, 1'765'771'372'400,
                          {.key = &key, .state = &state, .mode = FeedMode::kLtpc})),
      Bytes("080112340a134e53455f45517c494e45343635413031303235121d0a1b090000000000f6954010afceb38"
            "1b23318012166666666664a964018f0ceb381b233"));
}

TEST(FeedEncoderTest, WritesAnIndexAsTheBrokerDoes) {
  const std::string key = "NSE_INDEX|Nifty 50";
  FullState state;
  state.index = true;
  state.ltp = 25950.25;
  state.ltt_ms = 1'765'771'372'000;
  state.cp = 26046.95;
  state.bars = {{.interval = "1d",
                 .open = 25930,
                 .high = 25960,
                 .low = 25904.75,
                 .close = 25950.25,
                 .start_ms = 1'765'737'000'000}};
  EXPECT_EQ(
      EncodeFeedFrame(One(FeedFrame::Type::kInitial, 1'765'771'372'400,
                          {.key = &key, .state = &state, .mode = FeedMode::kFull})),
      Bytes("126a0a124e53455f494e4445587c4e6966747920353012541250124e0a1909000000009057d94010e0cbb"
            "381b23321cdccccccbc6fd94012310a2f0a02316411000000008052d9401900000000005ad940210000000"
            "0304cd94029000000009057d94038c0d881f1b133200118f0ceb381b233"));
}

TEST(FeedEncoderTest, WritesOptionGreeksAsTheBrokerDoes) {
  const std::string key = "NSE_FO|51510";
  FullState state;
  state.ltp = 775.95;
  state.ltt_ms = 1'765'771'369'106;
  state.ltq = 35;
  state.cp = 622.85;
  state.depth = {{.bid_qty = 105, .bid = 773.7, .ask_qty = 70, .ask = 777.15},
                 {.bid_qty = 1, .bid = 1, .ask_qty = 1, .ask = 1}};
  state.greeks = {
      .delta = -0.6416, .theta = -15.358, .gamma = 0.0003, .vega = 45.3725, .rho = -16.2522};
  state.vtt = 27'475;
  state.oi = 71'365;
  state.iv = 0.1032257080078125;
  EXPECT_EQ(
      EncodeFeedFrame(One(FeedFrame::Type::kLive, 1'765'771'369'200,
                          {.key = &key, .state = &state, .mode = FeedMode::kOptionGreeks})),
      Bytes("0801128e010a0c4e53455f464f7c3531353130127e1a7a0a1b099a999999993f88401092b5b381b233182"
            "321cdcccccccc76834012160869119a999999992d884018462133333333334988401a2d099ca223b9fc87e"
            "4bf119eefa7c64bb72ec019613255302aa9333f2148e17a14aeaf4640291b0de02d904030c020d3d601290"
            "0000000506cf1403100000000006dba3f200218f0b5b381b233"));
}

pb::FeedResponse Parsed(const FeedFrame& frame) {
  pb::FeedResponse parsed;
  EXPECT_TRUE(parsed.ParseFromString(EncodeFeedFrame(frame)));
  return parsed;
}

TEST(FeedEncoderTest, WritesTheStatusOfEverySegment) {
  SegmentStatuses statuses = AllSegments(SegmentStatus::kNormalOpen);
  statuses[0] = SegmentStatus::kPreOpenStart;
  const auto parsed = Parsed({.type = FeedFrame::Type::kMarketInfo,
                              .current_ms = 1'765'771'200'000,
                              .market_info = &statuses});
  EXPECT_EQ(parsed.type(), pb::market_info);
  EXPECT_EQ(parsed.currentts(), 1'765'771'200'000);
  ASSERT_EQ(parsed.marketinfo().segmentstatus_size(), 11);
  EXPECT_EQ(parsed.marketinfo().segmentstatus().at("NSE_EQ"), pb::PRE_OPEN_START);
  EXPECT_EQ(parsed.marketinfo().segmentstatus().at("MCX_INDEX"), pb::NORMAL_OPEN);
}

struct DepthCase {
  std::string name;
  FeedMode mode;
  int levels;
  pb::RequestMode request_mode;
};
class FeedDepthTest : public testing::TestWithParam<DepthCase> {};

TEST_P(FeedDepthTest, HasTheLevelsOfItsMode) {
  const std::string key = "NSE_EQ|A";
  FullState state;
  state.depth.resize(30);
  const auto parsed = Parsed(
      One(FeedFrame::Type::kLive, 1, {.key = &key, .state = &state, .mode = GetParam().mode}));
  const pb::Feed& feed = parsed.feeds().at(key);
  EXPECT_EQ(feed.requestmode(), GetParam().request_mode);
  EXPECT_EQ(feed.fullfeed().marketff().marketlevel().bidaskquote_size(), GetParam().levels)
      << "an empty level is an empty entry";
  EXPECT_TRUE(feed.fullfeed().marketff().has_optiongreeks()) << "present though empty";
}

INSTANTIATE_TEST_SUITE_P(Modes, FeedDepthTest,
                         testing::Values(DepthCase{"Full", FeedMode::kFull, 5, pb::full_d5},
                                         DepthCase{"FullD30", FeedMode::kFullD30, 30,
                                                   pb::full_d30}),
                         CaseName{});

TEST(FeedEncoderTest, LeavesOutThePartsItIsTold) {
  const std::string key = "NSE_EQ|A";
  FullState state;
  state.vtt = 7;
  const auto parsed =
      Parsed(One(FeedFrame::Type::kLive, 1,
                 {.key = &key, .state = &state, .mode = FeedMode::kFull, .parts = kDepth}));
  const pb::MarketFullFeed& feed = parsed.feeds().at(key).fullfeed().marketff();
  EXPECT_TRUE(feed.has_marketlevel());
  EXPECT_FALSE(feed.has_ltpc());
  EXPECT_FALSE(feed.has_optiongreeks());
  EXPECT_FALSE(feed.has_marketohlc());
  EXPECT_EQ(feed.vtt(), 7);
}

}  // namespace
}  // namespace sauda::sim
