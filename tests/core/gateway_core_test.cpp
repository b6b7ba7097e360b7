#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "services/gateway/src/core/json_text.hpp"
#include "tests/core/gateway_hub_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(HubTest, AFollowerGetsTheNewestThenEveryLaterTickOfItsKeys) {
  Send({{"A|1", 1}, {"B|1", 2}, {"A|1", 3}});
  const auto browser = Follow({"A|1", "C|1"});
  Send({{"B|1", 4}, {"A|1", 5}, {"C|1", 6}, {"A|1", 7}});
  EXPECT_THAT(browser->Seqs(), ElementsAre(3, 5, 6, 7));
  EXPECT_TRUE(browser->Events("tick")[0]["snapshot"]);
  EXPECT_FALSE(browser->Events("tick")[1]["snapshot"]);
  EXPECT_NE(browser->text.find("id: f1-7\n"), std::string::npos);
}

TEST_F(HubTest, WithoutKeysItFollowsAllNowAndLaterUntilItLeaves) {
  Send({{"A|1", 1}});
  const auto browser = Follow({});
  Send({{"B|1", 2}});
  EXPECT_THAT(browser->Seqs(), ElementsAre(1, 2));
  hub_.Unfollow(browser.get());
  Send({{"A|1", 3}, {"B|1", 4}, {"C|1", 5}});
  EXPECT_THAT(browser->Seqs(), ElementsAre(1, 2));
  EXPECT_EQ(hub_.listeners(), 0U);
}

TEST_F(HubTest, IdsOfTheFirstTicksRise) {
  Send({{"B|1", 1}, {"A|1", 2}, {"C|1", 3}});
  EXPECT_THAT(Follow({"C|1", "A|1", "B|1"})->Seqs(), ElementsAre(1, 2, 3));
}

TEST_F(HubTest, AnInterruptedStreamGoesOnAfterItsLastEvent) {
  Send({{"A|1", 1}, {"B|1", 2}, {"C|1", 3}});
  EXPECT_THAT(Follow({}, EventId{"f1", 2})->Seqs(), ElementsAre(3));
  EXPECT_THAT(Follow({}, EventId{"f0", 2})->Seqs(), ElementsAre(1, 2, 3));
}

TEST_F(HubTest, WhatTheFeedRepeatsIsNotSentTwice) {
  Send({{"A|1", 5}});
  const auto browser = Follow({"A|1"});
  EXPECT_FALSE(hub_.Publish(MakeQuote("A|1", 5)));
  EXPECT_FALSE(hub_.Publish(MakeQuote("A|1", 4)));
  EXPECT_THAT(browser->Seqs(), ElementsAre(5));
}

TEST_F(HubTest, AnotherRunOfTheFeedCountsAnew) {
  Send({{"A|1", 1'000}});
  const auto browser = Follow({"A|1"});
  hub_.SetState({"f2", "LIVE", false});
  Send({{"A|1", 1}});
  EXPECT_THAT(browser->Seqs(), ElementsAre(1'000, 1));
  EXPECT_NE(browser->text.find("id: f2-1\n"), std::string::npos);
  EXPECT_EQ(browser->Events("status").back()["instance"], "f2");
}

TEST_F(HubTest, ASlowBrowserGetsTheNewestAndIsToldWhatItMissedAndOthersAreNotHurt) {
  const auto slow = Follow({});
  const auto quick = Follow({});
  slow->room = 2;
  for (std::uint64_t seq = 1; seq <= 10; ++seq) Send({{seq % 2 == 1 ? "A|1" : "B|1", seq}});
  EXPECT_THAT(slow->Seqs(), ElementsAre(1, 2));
  EXPECT_THAT(quick->Seqs(), SizeIs(10));
  slow->Read(100);
  EXPECT_THAT(slow->Seqs(), ElementsAre(1, 2, 9, 10));
  ASSERT_THAT(slow->Events("conflated"), SizeIs(1));
  EXPECT_EQ(slow->Events("conflated")[0]["count"], 6);  // with the four seen, all ten
  Send({{"A|1", 11}});
  EXPECT_THAT(slow->Seqs(), ElementsAre(1, 2, 9, 10, 11));
  EXPECT_THAT(quick->Events("conflated"), IsEmpty());
}

TEST_F(HubTest, IdsRiseOverConflation) {
  const auto slow = Follow({});
  slow->room = 0;
  Send({{"A|1", 1}, {"B|1", 2}, {"A|1", 3}});
  slow->Read(100);
  EXPECT_THAT(slow->Seqs(), ElementsAre(2, 3));
}

TEST_F(HubTest, ReadingStopsWhereTheBufferIsFullAgain) {
  const auto slow = Follow({});
  slow->room = 0;
  Send({{"A|1", 1}, {"B|1", 2}, {"A|1", 3}});
  slow->Read(2);  // the announcement and one tick
  EXPECT_THAT(slow->Seqs(), ElementsAre(2));
  slow->Read(9);
  EXPECT_THAT(slow->Seqs(), ElementsAre(2, 3));
  EXPECT_THAT(slow->Events("conflated"), SizeIs(1));
}

TEST_F(HubTest, LostTicksAddUpWhileABrowserIsSlowAndAHeartbeatReplacesNothing) {
  const auto slow = Follow({});
  slow->room = 0;
  hub_.Lost(3);
  hub_.SetState({"f1", "STALE", true});
  hub_.Lost(4);
  hub_.Heartbeat();
  slow->Read(100);
  ASSERT_THAT(slow->Events("lost"), SizeIs(1));
  EXPECT_EQ(slow->Events("lost")[0]["count"], 7);
  EXPECT_EQ(slow->Events("status").back()["connection"], "STALE");
  hub_.Heartbeat();
  EXPECT_TRUE(slow->text.ends_with(": alive\n\n"));
}

TEST_F(HubTest, PricesAreStaleWithTheirAgeWhileTheFeedIsAway) {
  Send({{"NSE_INDEX|X", 1}, {"NSE_FO|1", 2}});
  json all = List();
  EXPECT_EQ(all["count"], 2);
  EXPECT_FALSE(all["stale"]);
  EXPECT_EQ(all["data"]["NSE_FO|1"]["ltp"], 100);
  EXPECT_EQ(all["data"]["NSE_FO|1"]["change"], 10);
  EXPECT_FALSE(all["data"]["NSE_FO|1"].contains("age_ms"));
  hub_.SetState({.connection = "FEED_DOWN", .stale = true});
  now_ns_ += 3'000'000'000;
  all = List();
  EXPECT_TRUE(all["stale"]);
  EXPECT_EQ(all["connection"], "FEED_DOWN");
  EXPECT_TRUE(all["data"]["NSE_FO|1"]["stale"]);
  EXPECT_EQ(all["data"]["NSE_FO|1"]["age_ms"], 3'000);
  now_ns_ += 1'000'000'000;
  EXPECT_EQ(List()["data"]["NSE_FO|1"]["age_ms"], 4'000);
}

TEST_F(HubTest, APriceListIsKeptUntilSomethingChanges) {
  Send({{"A|1", 1}});
  const Event first = hub_.PriceList("all", std::nullopt, kNow);
  EXPECT_EQ(hub_.PriceList("all", std::nullopt, kNow + 5'000'000'000), first);
  Send({{"A|1", 2}});
  EXPECT_NE(hub_.PriceList("all", std::nullopt, kNow), first);
}

TEST_F(HubTest, ListsAreByKind) {
  Send({{"NSE_INDEX|X", 1}, {"NSE_EQ|X", 2}, {"NSE_FO|F", 3}, {"NSE_FO|O", 4}});
  EXPECT_THAT(hub_.KeysWithoutKind(), ElementsAre("NSE_FO|F", "NSE_FO|O"));
  hub_.SetKind("NSE_FO|F", Kind::kFuture);
  hub_.SetKind("NSE_FO|O", Kind::kOption);
  hub_.SetKind("NSE_FO|unknown", Kind::kOption);
  EXPECT_THAT(hub_.KeysWithoutKind(), IsEmpty());
  EXPECT_TRUE(List(Kind::kIndex, "index")["data"].contains("NSE_INDEX|X"));
  EXPECT_TRUE(List(Kind::kEquity, "equity")["data"].contains("NSE_EQ|X"));
  EXPECT_TRUE(List(Kind::kFuture, "futures")["data"].contains("NSE_FO|F"));
  EXPECT_TRUE(List(Kind::kOption, "options")["data"].contains("NSE_FO|O"));
  EXPECT_EQ(List(Kind::kOption, "options")["count"], 1);
}

TEST_F(HubTest, TheMarkOfSimulationIsEverywhere) {
  EXPECT_FALSE(List()["simulated"]);
  Quote quote = MakeQuote("A|1", 1);
  quote.simulated = true;
  ASSERT_TRUE(hub_.Publish(quote));
  Send({{"B|1", 2}});
  EXPECT_TRUE(List()["simulated"]);
  EXPECT_TRUE(List()["data"]["A|1"]["simulated"]);
  EXPECT_FALSE(List()["data"]["B|1"]["simulated"]);
  const json ticks = json::parse(hub_.Ticks());
  EXPECT_TRUE(ticks["simulated"]);
  EXPECT_EQ(ticks["symbols_tracked"], 2);
  EXPECT_TRUE(ticks["latest_ticks"]["A|1"]["simulated"]);
  EXPECT_TRUE(Follow({})->Events("status")[0]["simulated"]);
}

TEST_F(HubTest, KnowsWhichKeysTick) {
  Send({{"A|1", 1}});
  Follow({"B|1"});
  EXPECT_TRUE(hub_.HasAll({"A|1"}));
  EXPECT_FALSE(hub_.HasAll({"A|1", "B|1"}));
  EXPECT_EQ(hub_.count(), 1U);
}

TEST(TickJsonTest, CarriesEveryField) {
  const Quote quote{.key = "NSE_FO|1\"\n",
                    .instrument_id = 7,
                    .seq = 8,
                    .received_ns = kNow,
                    .broker_ms = 9,
                    .mode = "full",
                    .broker_snapshot = true,
                    .simulated = true,
                    .last = Quote::Last{775.95, 10, 35, 622.85},
                    .depth = {{105, 773.7, 70, 777.15}, {}},
                    .greeks = Quote::Greeks{-0.6416, -15.358, 0.0003, 45.3725, -16.2522},
                    .bars = {{"1d", 1, 2, 3, 4.5, 5, 6}},
                    .average_price = 731.11,
                    .volume = 27'475,
                    .open_interest = 71'365,
                    .implied_volatility = 0.1032257080078125,
                    .total_buy_quantity = 9'835,
                    .total_sell_quantity = 11'690,
                    .auction = Quote::Auction{1.5, 2.5, 3, 4, 5, true}};
  const json tick = json::parse(TickJson(quote, "f1", false));
  const json expected = json::parse(R"({
    "key":"NSE_FO|1\"\n","instrument_id":7,"instance":"f1","seq":8,
    "received_ns":"1765771200000000001","updated_at":1765771200000,"broker_ms":9,"mode":"full",
    "snapshot":false,"broker_snapshot":true,"simulated":true,
    "ltp":775.95,"ltt":10,"ltq":35,"cp":622.85,"change":153.1,
    "depth":[{"bid_quantity":105,"bid_price":773.7,"ask_quantity":70,"ask_price":777.15},
             {"bid_quantity":0,"bid_price":0,"ask_quantity":0,"ask_price":0}],
    "greeks":{"delta":-0.6416,"theta":-15.358,"gamma":0.0003,"vega":45.3725,"rho":-16.2522},
    "bars":[{"interval":"1d","open":1,"high":2,"low":3,"close":4.5,"volume":5,"start_ms":6}],
    "average_price":731.11,"volume":27475,"open_interest":71365,
    "implied_volatility":0.1032257080078125,"total_buy_quantity":9835,
    "total_sell_quantity":11690,
    "auction":{"equilibrium_price":1.5,"reference_price":2.5,"equilibrium_quantity":3,
               "imbalance_quantity":4,"market_imbalance_quantity":5,
               "closing_auction_eligible":true}})");
  EXPECT_EQ(tick, expected) << json::diff(tick, expected);
}

TEST(TickJsonTest, LeavesOutWhatTheBrokerDidNotSend) {
  const json tick = json::parse(TickJson({.key = "A|1"}, "f1", true));
  for (const char* name : {"ltp", "ltt", "ltq", "cp", "change", "greeks", "auction"}) {
    EXPECT_FALSE(tick.contains(name)) << name;
  }
  EXPECT_TRUE(json::parse(PriceJson({.key = "A|1"}))["ltp"].is_null());
}

TEST(TickJsonTest, ShowsTheIndicativePriceAndStalenessWhenThereIsOne) {
  Quote quote{.key = "A|1", .last = Quote::Last{100, 5, 2, 90}};
  EXPECT_FALSE(json::parse(TickJson(quote, "f1", true)).contains("indicative_price"));
  EXPECT_FALSE(json::parse(TickJson(quote, "f1", true)).contains("stale"));
  quote.last->indicative_price = 101.5;
  EXPECT_EQ(json::parse(TickJson(quote, "f1", true))["indicative_price"], 101.5);
  EXPECT_EQ(json::parse(TickJson(quote, "f1", true, true))["stale"], true);
}

TEST(PriceJsonTest, TheChangeIsUnknownWithoutAPreviousClose) {
  Quote quote{.key = "A|1", .last = Quote::Last{100, 5, 2, 90}};
  EXPECT_EQ(json::parse(PriceJson(quote))["change"], 10);
  quote.last->previous_close = 0;
  const json price = json::parse(PriceJson(quote));
  EXPECT_EQ(price["ltp"], 100);
  EXPECT_TRUE(price["change"].is_null());
}

struct IdCase {
  std::string name;
  std::string text;
  std::string read;  // "instance seq", empty: none of ours
};
class EventIdTest : public testing::TestWithParam<IdCase> {};
TEST_P(EventIdTest, IsRead) {
  const auto id = EventId::Parse(GetParam().text);
  EXPECT_EQ(id ? id->instance + " " + std::to_string(id->seq) : "", GetParam().read);
}
INSTANTIATE_TEST_SUITE_P(Texts, EventIdTest,
                         testing::Values(IdCase{"Ours", "f1-17", "f1 17"},
                                         IdCase{"DashesInside", "a-b-c-0", "a-b-c 0"},
                                         IdCase{"Empty", "", ""}, IdCase{"NoDash", "17", ""},
                                         IdCase{"NoInstance", "-17", ""},
                                         IdCase{"NoNumber", "f1-", ""},
                                         IdCase{"NotANumber", "f1-1x", ""},
                                         IdCase{"TooLarge", "f1-99999999999999999999", ""}),
                         CaseName{});

}  // namespace
}  // namespace sauda::gateway
