// Keys that come and go: runs of the feed, subscriptions that end, gaps that are filled.

#include <gmock/gmock.h>

#include "tests/core/gateway_hub_fixture.hpp"

namespace sauda::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(HubTest, WhoFollowsAllGetsAKeyThatAnotherFollowedBeforeItTicked) {
  const auto all = Follow({});
  const auto one = Follow({"A|1"});
  Send({{"A|1", 1}});
  EXPECT_THAT(all->Seqs(), ElementsAre(1));
  EXPECT_THAT(one->Seqs(), ElementsAre(1));
}

TEST_F(HubTest, AValueOfAnEarlierRunIsStaleAndKeepsItsId) {
  Send({{"A|1", 7}, {"B|1", 8}});
  hub_.SetState({"f2", "LIVE", false});
  Send({{"A|1", 2}});
  json all = List();
  EXPECT_FALSE(all["stale"]);
  EXPECT_FALSE(all["data"]["A|1"].contains("stale"));
  EXPECT_TRUE(all["data"]["B|1"]["stale"]);
  EXPECT_EQ(all["data"]["B|1"]["age_ms"], 0);
  now_ns_ += 2'000'000'000;
  EXPECT_EQ(List()["data"]["B|1"]["age_ms"], 2'000);
  const json ticks = json::parse(hub_.Ticks())["latest_ticks"];
  EXPECT_EQ(ticks["B|1"]["instance"], "f1");
  EXPECT_TRUE(ticks["B|1"]["stale"]);
  EXPECT_FALSE(ticks["A|1"].contains("stale"));

  const auto browser = Follow({});
  EXPECT_THAT(browser->Seqs(), ElementsAre(8, 2)) << "of this run last: it is where one resumes";
  EXPECT_NE(browser->text.find("id: f1-8\n"), std::string::npos);
  EXPECT_TRUE(browser->Events("tick")[0]["stale"]);
  EXPECT_EQ(browser->Events("tick")[1]["instance"], "f2");
  EXPECT_THAT(Follow({}, EventId{"f2", 2})->Seqs(), IsEmpty());
  Send({{"B|1", 3}});
  EXPECT_FALSE(List()["data"]["B|1"].contains("stale"));
}

TEST_F(HubTest, ForgetsTheValueOfAKeyWhoseSubscriptionEnded) {
  Send({{"A|1", 1}, {"B|1", 2}});
  const auto all = Follow({});
  const auto one = Follow({"A|1"});
  hub_.Forget({"A|1", "X|1"});
  EXPECT_FALSE(hub_.HasAll({"A|1"}));
  EXPECT_FALSE(List()["data"].contains("A|1"));
  EXPECT_THAT(Follow({"A|1"})->Seqs(), IsEmpty());
  Send({{"A|1", 3}});
  EXPECT_THAT(all->Seqs(), ElementsAre(1, 2, 3));
  EXPECT_THAT(one->Seqs(), ElementsAre(1, 3)) << "who follows it goes on to";
}

TEST_F(HubTest, ForgetsWhatTheFeedHasNotSubscribedAnyMore) {
  Send({{"NSE_FO|1", 1}, {"NSE_FO|2", 2}});
  const auto all = Follow({});
  const auto asked_at = hub_.updates();
  Send({{"NSE_FO|3", 3}});
  hub_.Reconcile({{"NSE_FO|1", Kind::kOption}}, asked_at);
  EXPECT_TRUE(hub_.HasAll({"NSE_FO|1"}));
  EXPECT_FALSE(hub_.HasAll({"NSE_FO|2"}));
  EXPECT_TRUE(hub_.HasAll({"NSE_FO|3"})) << "came after the list was asked for";
  EXPECT_TRUE(List(Kind::kOption, "options")["data"].contains("NSE_FO|1"));
  EXPECT_THAT(List()["data"], SizeIs(2));
  Send({{"NSE_FO|2", 4}});
  EXPECT_THAT(all->Seqs(), ElementsAre(1, 2, 3, 4));
}

TEST_F(HubTest, ForgetsNothingWhileTheFeedIsNotReady) {
  Send({{"A|1", 1}});
  hub_.SetState({"f2", "CONNECTING", true});
  hub_.Reconcile({}, hub_.updates());
  EXPECT_TRUE(hub_.HasAll({"A|1"}));
  hub_.SetState({"f2", "LIVE", false});
  hub_.Reconcile({}, hub_.updates());
  EXPECT_FALSE(hub_.HasAll({"A|1"}));
}

TEST_F(HubTest, APriceListIsKeptWhenNothingNewIsLearnt) {
  Send({{"NSE_FO|1", 1}});
  const auto first = hub_.PriceList("all", std::nullopt, kNow);
  hub_.SetKind("NSE_FO|1", Kind::kUnknown);
  hub_.Reconcile({{"NSE_FO|1", Kind::kUnknown}}, hub_.updates());
  EXPECT_EQ(hub_.PriceList("all", std::nullopt, kNow), first);
  hub_.SetKind("NSE_FO|1", Kind::kFuture);
  const auto second = hub_.PriceList("all", std::nullopt, kNow);
  EXPECT_NE(second, first);
  hub_.Reconcile({{"NSE_FO|1", Kind::kFuture}}, hub_.updates());
  hub_.SetKind("NSE_FO|1", Kind::kFuture);
  EXPECT_EQ(hub_.PriceList("all", std::nullopt, kNow), second);
  hub_.Reconcile({{"NSE_FO|1", Kind::kUnknown}}, hub_.updates());
  EXPECT_THAT(hub_.KeysWithoutKind(), IsEmpty()) << "what is known stays known";
}

TEST_F(HubTest, AGapIsFilledOnlyUpToWhereTheStreamIs) {
  Send({{"A|1", 1}, {"B|1", 2}, {"C|1", 6}});
  const auto browser = Follow({"A|1", "B|1", "D|1"});
  EXPECT_EQ(hub_.Fill("f1", {MakeQuote("A|1", 5), MakeQuote("B|1", 2), MakeQuote("C|1", 6),
                             MakeQuote("D|1", 4), MakeQuote("E|1", 7)}),
            2U);
  EXPECT_THAT(browser->Seqs(), ElementsAre(1, 2, 4, 5));
  EXPECT_FALSE(hub_.HasAll({"E|1"})) << "comes with the stream";
  EXPECT_TRUE(hub_.Publish(MakeQuote("E|1", 7)));
}

TEST_F(HubTest, AGapIsNotFilledFromAnotherRun) {
  Send({{"A|1", 9}});
  hub_.SetState({"f2", "LIVE", false});
  Send({{"B|1", 5}});
  EXPECT_EQ(hub_.Fill("f1", {MakeQuote("A|1", 4)}), 0U);
  EXPECT_EQ(hub_.Fill("f2", {MakeQuote("A|1", 6)}), 0U) << "the other run's numbers do not count";
  EXPECT_EQ(hub_.Fill("f2", {MakeQuote("A|1", 4)}), 1U);
}

TEST_F(HubTest, WhoResumesGetsWhatWasFilledAfterItsLastEvent) {
  Send({{"A|1", 1}, {"B|1", 2}, {"C|1", 6}});
  hub_.Fill("f1", {MakeQuote("A|1", 4), MakeQuote("B|1", 5)});
  EXPECT_THAT(Follow({}, EventId{"f1", 6})->Seqs(), ElementsAre(4, 5));
  Send({{"C|1", 7}});
  EXPECT_THAT(Follow({}, EventId{"f1", 7})->Seqs(), IsEmpty());
}

TEST_F(HubTest, AGatewayThatStartedAnewSendsOnWhatCameAfterTheLastEvent) {
  Send({{"A|1", 500}});
  EXPECT_THAT(Follow({}, EventId{"f1", 499})->Seqs(), ElementsAre(500));
  EXPECT_THAT(Follow({}, EventId{"f1", 500})->Seqs(), IsEmpty());
}

}  // namespace
}  // namespace sauda::gateway
