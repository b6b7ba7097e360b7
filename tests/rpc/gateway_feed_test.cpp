// What the gateway makes of a feed that is slow, breaks, restarts and ends subscriptions.

#include <gmock/gmock.h>

#include "tests/rpc/gateway_fixture.hpp"

namespace sauda::gateway {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(GatewayTest, AStreamResumesWithTheNewestValues) {
  feed_->Send("f1", "K|1", 1, 100);
  feed_->Send("f1", "K|2", 2, 50);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 2; }));
  const auto resumed = OpenStream("symbols=all", "Last-Event-ID: f1-1\r\n");
  EXPECT_THAT(resumed->HearUntil("id: f1-2\n"),
              AllOf(HasSubstr("id: f1-2\n"), testing::Not(HasSubstr("id: f1-1\n"))));
  feed_->Send("f1", "K|1", 3, 101);
  EXPECT_THAT(resumed->HearUntil("id: f1-3\n"), HasSubstr("id: f1-3\n"));
  const auto fresh = OpenStream("symbols=all", "Last-Event-ID: f0-9\r\n");
  EXPECT_THAT(fresh->HearUntil("id: f1-3\n"),
              AllOf(HasSubstr("id: f1-2\n"), HasSubstr("id: f1-3\n")));
}

TEST_F(GatewayTest, WhatTheFeedDroppedIsToldAndTheNewestOfItIsFetched) {
  const auto browser = OpenStream("symbols=all");
  feed_->Send("f1", "K|1", 1, 100);
  feed_->Send("f1", "K|2", 2, 50);
  browser->HearUntil("id: f1-2\n");
  // K|1's newest and another were dropped; K|3's comes with the stream, later.
  feed_->SetLatest("f1", {FakeFeed::MakeTick("K|1", 4, 101), FakeFeed::MakeTick("K|2", 5, 51),
                          FakeFeed::MakeTick("K|3", 6, 9)});
  auto batch = FakeFeed::MakeBatch("f1");
  batch.set_dropped(2);
  *batch.add_ticks() = FakeFeed::MakeTick("K|2", 5, 51);
  feed_->Send(batch);
  const std::string heard = browser->HearUntil("id: f1-4\n");
  EXPECT_THAT(heard, HasSubstr("event: lost\ndata: {\"count\":2}"));
  EXPECT_THAT(heard, AllOf(HasSubstr("id: f1-5\n"), HasSubstr("id: f1-4\n")));
  EXPECT_EQ(AllPrices()["data"]["K|1"]["ltp"], 101);
  feed_->Send("f1", "K|3", 6, 9);
  EXPECT_THAT(browser->HearUntil("id: f1-6\n"),
              AllOf(HasSubstr("id: f1-6\n"), testing::Not(HasSubstr("event: lost"))))
      << "a tick that was fetched is not one that was lost";
  EXPECT_EQ(feed_->fills(), 1);
}

TEST_F(GatewayTest, ManyDropsAreOneCallForTheNewest) {
  feed_->SetLatest("f1", {FakeFeed::MakeTick("K|1", 50, 101)});
  for (std::uint64_t seq = 2; seq <= 100; seq += 2) {
    auto batch = FakeFeed::MakeBatch("f1");
    batch.set_dropped(1);
    *batch.add_ticks() = FakeFeed::MakeTick("K|2", seq, 50);
    feed_->Send(batch);
  }
  ASSERT_TRUE(Eventually([&] { return AllPrices()["data"]["K|1"]["ltp"] == 101; }));
  EXPECT_LE(feed_->fills(), 3);
}

TEST_F(GatewayTest, NothingIsFetchedFromAnotherRun) {
  feed_->SetLatest("f0", {FakeFeed::MakeTick("K|1", 1, 101)});
  auto batch = FakeFeed::MakeBatch("f1");
  batch.set_dropped(1);
  *batch.add_ticks() = FakeFeed::MakeTick("K|2", 2, 50);
  feed_->Send(batch);
  ASSERT_TRUE(Eventually([&] { return feed_->fills() == 1; }));
  feed_->Send("f1", "K|3", 3, 50);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 2; }));
  EXPECT_FALSE(AllPrices()["data"].contains("K|1"));
}

TEST_F(GatewayTest, TicksThatCameWhileTheStreamWasBrokenAreCounted) {
  const auto browser = OpenStream("symbols=all");
  feed_->Send("f1", "K|1", 4, 100);
  browser->HearUntil("id: f1-4\n");
  feed_->BreakStreams();
  ASSERT_TRUE(Eventually([&] { return feed_->streams() == 2; }));
  auto batch = FakeFeed::MakeBatch("f1");
  *batch.add_ticks() = FakeFeed::MakeTick("K|1", 4, 100);
  *batch.add_ticks() = FakeFeed::MakeTick("K|2", 8, 100);
  for (auto& tick : *batch.mutable_ticks()) tick.set_snapshot(true);
  *batch.add_ticks() = FakeFeed::MakeTick("K|1", 10, 100);
  feed_->Send(batch);
  EXPECT_THAT(browser->HearUntil("id: f1-10\n"),
              AllOf(HasSubstr("event: lost\ndata: {\"count\":4}"), HasSubstr("id: f1-8\n")))
      << "5, 6, 7 and 9";
}

TEST_F(GatewayTest, AKeyWhoseSubscriptionEndedIsForgottenAndSubscribedAnew) {
  feed_->Send("f1", "K|1", 1, 100);
  feed_->Send("f1", "K|2", 2, 50);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 2; }));
  const auto ended = Ask("POST", "/api/v1/market/market-feed/disconnect", R"({"symbols":["K|1"]})");
  EXPECT_EQ(ended.status, 200) << ended.body;
  EXPECT_FALSE(AllPrices()["data"].contains("K|1"));
  feed_->Drop("K|2");  // somebody else did
  EXPECT_EQ(AllPrices()["count"], 1);
  const auto browser = OpenStream("symbols=K%7C1,K%7C2");
  browser->HearUntil("event: status");
  EXPECT_TRUE(feed_->Has("K|1"));
  EXPECT_TRUE(feed_->Has("K|2"));
  feed_->Send("f1", "K|1", 3, 101);
  EXPECT_THAT(browser->HearUntil("id: f1-3\n"), HasSubstr("id: f1-3\n"));
}

TEST_F(GatewayTest, ARunOfTheFeedThatRestoredFewerKeysLeavesNoLiveValuesBehind) {
  feed_->Send("f1", "K|1", 1, 100);
  feed_->Send("f1", "K|2", 2, 50);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 2; }));
  feed_->Drop("K|1");
  feed_->Send("f2", "K|2", 1, 51);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 1; }));
  EXPECT_EQ(AllPrices()["data"]["K|2"]["ltp"], 51);
}

TEST_F(GatewayTest, AKeyWhoseKindStaysUnknownIsNotAskedForAgainAndAgain) {
  feed_->Send("f1", "K|2", 1, 100);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 1 && feed_->lists() > 0; }));
  const int lists = feed_->lists();
  const auto browser = OpenStream("symbols=K%7C2");
  for (int beats = 0; beats < 10; ++beats) browser->HearUntil(": alive");  // two seconds
  EXPECT_LE(feed_->lists(), lists + 2);
}

TEST_F(GatewayTest, AsksForNoModeWhereNoneIsNamed) {
  OpenStream("symbols=K%7C1")->HearUntil("event: status");
  EXPECT_EQ(Ask("POST", kConnect, R"({"symbols":["K|1"]})").status, 200);
  EXPECT_EQ(Ask("POST", kConnect, R"({"symbols":["K|1"],"mode":"full"})").status, 200);
  EXPECT_THAT(feed_->Modes(),
              ElementsAre(feed::v1alpha1::MODE_UNSPECIFIED, feed::v1alpha1::MODE_UNSPECIFIED,
                          feed::v1alpha1::MODE_FULL));
}

TEST_F(GatewayTest, SubscribesBySelectionAndTellsWhatCameOfIt) {
  const auto answer = Ask("POST", kConnect,
                          R"({"symbols":["K|1","NO"],"partial":true,"selection":{"type":"options",
                             "underlying":"NIFTY","segment":"NSE_FO","limit":600,
                             "near_price":24000.5}})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto asked = feed_->Selected();
  EXPECT_EQ(asked.kind(), feed::v1alpha1::KIND_OPTION);
  EXPECT_EQ(asked.underlying(), "NIFTY");
  EXPECT_EQ(asked.segment(), "NSE_FO");
  EXPECT_EQ(asked.limit(), 600U);
  EXPECT_EQ(asked.near_price(), 24'000.5);
  const json outcome = json::parse(answer.body)["data"]["outcome"];
  EXPECT_EQ(outcome["subscribed"], 1);
  EXPECT_EQ(outcome["refused"][0]["symbol"], "NO");
  EXPECT_EQ(outcome["refused"][0]["reason"], "INSTRUMENT_UNKNOWN");
  EXPECT_EQ(outcome["near_price"], 24'000.5);
  EXPECT_EQ(outcome["selected"], json::parse(R"([{"type":"options","taken":500,"total":1577,
                                                 "limited_by":"KIND","limit":500}])"));
  EXPECT_EQ(Ask("POST", kConnect, R"({"selection":{"universe":"fo","exclude":["A","B"]}})").status,
            200);
  EXPECT_EQ(feed_->Selected().universe(), feed::v1alpha1::UNIVERSE_FO);
  EXPECT_EQ(feed_->Selected().exclude_size(), 2);
}

TEST_F(GatewayTest, ThePageOfTheGatewayItselfMayOpenAStream) {
  for (const std::string more : {"", "Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: none\r\n",
                                 "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n"}) {
    EXPECT_THAT(OpenStream("symbols=K%7C1", more)->HearUntil("event: status"),
                HasSubstr("event: status"))
        << more;
  }
}

TEST_F(GatewayTest, TheStatusIsOfTheFeedThatWasAsked) {
  feed_->connection = feed::v1alpha1::CONNECTION_STATE_OFF;
  const json status = Get("/api/v1/market/market-feed/status")["data"];
  EXPECT_EQ(status["connection"], "OFF");
  EXPECT_EQ(status["websocket_connected"], false);
}

TEST_F(GatewayTest, LivesThroughAFeedThatGoesAndComesBack) {
  feed_->Send("f1", "K|1", 7, 100);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 1; }));
  const auto browser = OpenStream("symbols=K%7C1");
  browser->HearUntil("id: f1-7");
  const int port = feed_server_->port();
  StopFeed();
  EXPECT_THAT(browser->HearUntil("\"stale\":true"), HasSubstr("FEED_DOWN"));
  EXPECT_TRUE(AllPrices()["stale"]);
  EXPECT_GT(AllPrices()["data"]["K|1"]["age_ms"], 0);
  EXPECT_EQ(Get("/api/v1/market/market-feed/status")["data"]["service_running"], false);
  EXPECT_EQ(Get("/api/v1/websocket/status")["is_running"], false);
  // A key that is known is still shown, and another cannot be had.
  EXPECT_THAT(OpenStream("symbols=K%7C1")->HearUntil("id: f1-7"), HasSubstr("\"stale\":true"));
  EXPECT_EQ(Ask("GET", "/api/v1/market/stream?symbols=K%7C3").status, 503);
  StartFeed(port);
  feed_->Send("f2", "K|1", 1, 102);
  EXPECT_THAT(browser->HearUntil("id: f2-1"), HasSubstr("id: f2-1"));
  EXPECT_TRUE(Eventually([&] { return !AllPrices()["stale"].get<bool>(); }));
}

}  // namespace
}  // namespace sauda::gateway
