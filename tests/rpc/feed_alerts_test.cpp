#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/alert_calls.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;

class AlertServiceTest : public AlertCalls {};

TEST_F(AlertServiceTest, CreatesListsAndDeletes) {
  v1alpha1::AlertRule rule = Rule("a", "S1", 100);
  rule.set_hysteresis(0.5);
  rule.set_note("sell half");
  const auto created = Create(rule);
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->instrument(), "K1") << "the answer has the key";
  EXPECT_EQ(created->note(), "sell half");
  EXPECT_TRUE(Create(rule)) << "the same again is the same";
  ASSERT_TRUE(Create(Rule("b", "K2", 1)));
  const auto list = List(0);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->rules_size(), 2);
  EXPECT_EQ(list->rules(0).SerializeAsString(), created->SerializeAsString());
  EXPECT_EQ(list->next_page_token(), "");
  EXPECT_TRUE(Delete("a"));
  EXPECT_EQ(Delete("a").error().reason, "ALERT_UNKNOWN");
  EXPECT_EQ(List(0)->rules_size(), 1);
}

TEST_F(AlertServiceTest, PagesAreWholeAndEnd) {
  for (const char* id : {"e", "c", "a", "d", "b"}) ASSERT_TRUE(Create(Rule(id, "K1", 1)));
  std::vector<std::string> pages;
  std::string token;
  do {
    const auto page = List(2, token);
    ASSERT_TRUE(page);
    std::string ids;
    for (const auto& rule : page->rules()) ids += rule.alert_id();
    pages.push_back(ids);
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(pages, ElementsAre("ab", "cd", "e"));
  EXPECT_EQ(List(5)->next_page_token(), "");
  EXPECT_TRUE(List(1'000));
  EXPECT_EQ(List(1'001).error().reason, "PAGE_SIZE_INVALID");
}

TEST_F(AlertServiceTest, SubscribesAsMuchAsTheMeasureNeeds) {
  ASSERT_TRUE(Create(Rule("a", "K1", 1)));
  v1alpha1::AlertRule delta = Rule("b", "K2", 0.5);
  delta.set_measure(v1alpha1::MEASURE_DELTA);
  ASSERT_TRUE(Create(delta));
  v1alpha1::AlertRule gap = Rule("c", "", 0);
  gap.set_measure(v1alpha1::MEASURE_GAP);
  ASSERT_TRUE(Create(gap));
  EXPECT_THAT(server_.desk().subscribed, ElementsAre("K1:1+", "K2:2+"));
}

struct BadRule {
  std::string name;
  std::function<void(v1alpha1::AlertRule&)> spoil;
  std::string reason;
};
class BadRuleTest : public AlertServiceTest, public testing::WithParamInterface<BadRule> {};

TEST_P(BadRuleTest, IsRefusedAndNothingIsSubscribed) {
  v1alpha1::AlertRule rule = Rule("a", "K1", 100);
  GetParam().spoil(rule);
  const auto created = Create(rule);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, GetParam().reason);
  EXPECT_TRUE(server_.desk().subscribed.empty());
  EXPECT_EQ(List(0)->rules_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadRuleTest,
    testing::Values(
        BadRule{"Empty", [](auto& rule) { rule.Clear(); }, "ALERT_ID_INVALID"},
        BadRule{"NoMeasure", [](auto& rule) { rule.clear_measure(); }, "MEASURE_UNKNOWN"},
        BadRule{"MeasureThatWouldWrap",
                [](auto& rule) { rule.set_measure(static_cast<v1alpha1::Measure>(257)); },
                "MEASURE_UNKNOWN"},
        BadRule{"NegativeMeasure",
                [](auto& rule) { rule.set_measure(static_cast<v1alpha1::Measure>(-255)); },
                "MEASURE_UNKNOWN"},
        BadRule{"NoDirection", [](auto& rule) { rule.clear_direction(); }, "DIRECTION_UNKNOWN"},
        BadRule{"DirectionThatWouldWrap",
                [](auto& rule) { rule.set_direction(static_cast<v1alpha1::Direction>(258)); },
                "DIRECTION_UNKNOWN"},
        BadRule{"NoInstrument", [](auto& rule) { rule.clear_instrument(); }, "INSTRUMENT_MISSING"},
        BadRule{"UnknownInstrument", [](auto& rule) { rule.set_instrument("NOBODY"); },
                "INSTRUMENT_UNKNOWN"},
        BadRule{"Parameter", [](auto& rule) { rule.set_minutes(5); }, "MINUTES_INVALID"}),
    CaseName{});

TEST_F(AlertServiceTest, AnIdIsNotUsedTwice) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  const auto other = Create(Rule("a", "K1", 101));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kAlreadyExists);
  EXPECT_EQ(other.error().reason, "ALERT_ID_REUSED");
}

TEST_F(AlertServiceTest, WhatFailsLeavesNoSubscription) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  EXPECT_EQ(Create(Rule("a", "S2", 100)).error().reason, "ALERT_ID_REUSED");
  EXPECT_EQ(Create(Rule("a", "K1", 101)).error().reason, "ALERT_ID_REUSED");
  EXPECT_TRUE(Create(Rule("a", "S1", 100))) << "the same by its symbol";
  for (const char* id : {"b", "c", "d", "e", "f"}) ASSERT_TRUE(Create(Rule(id, "K1", 100)));
  EXPECT_EQ(Create(Rule("g", "K3", 100)).error().reason, "ALERT_LIMIT");
  EXPECT_THAT(server_.desk().subscribed, testing::Each("K1:1+"));
}

TEST_F(AlertServiceTest, WatchersGetEveryAlertOnce) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  AlertReader one{server_.stub(), {}};
  AlertReader two{server_.stub(), {}};
  const auto first = one.Read();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->instance(), "run1");
  EXPECT_EQ(first->alerts_size(), 0) << "the first batch comes at once";
  ASSERT_TRUE(two.Read());
  server_.Tick(1, 99);
  server_.Tick(1, 105.5);
  for (AlertReader* const reader : {&one, &two}) {
    const auto batch = reader->Read();
    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->alerts_size(), 1);
    const v1alpha1::Alert& alert = batch->alerts(0);
    EXPECT_EQ(alert.number(), 1U);
    EXPECT_EQ(alert.rule().alert_id(), "a");
    EXPECT_EQ(alert.value(), 105.5);
    EXPECT_EQ(alert.tick_seq(), 2U);
    EXPECT_EQ(alert.at_ns(), TickOf(2).received_ns);
    EXPECT_TRUE(alert.simulated());
    EXPECT_EQ(batch->missed(), 0U);
    EXPECT_EQ(batch->unseen_ticks(), 0U);
  }
  Fire(3);
  EXPECT_EQ(one.ReadIds(3), "a a a ");
}

TEST_F(AlertServiceTest, AWatcherResumesWhereItWas) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  Fire(5);
  ASSERT_TRUE(Eventually([&] { return server_.alerts().last_number() == 5; }));
  AlertReader resumed{server_.stub(), After("run1", 3)};
  const auto rest = resumed.Read();
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->alerts_size(), 2);
  EXPECT_EQ(rest->alerts(0).number(), 4U);
  AlertReader stranger{server_.stub(), After("run0", 3)};
  EXPECT_EQ(stranger.Read()->alerts_size(), 5) << "another run's numbers say nothing";
  v1alpha1::WatchAlertsRequest only_new;
  only_new.set_only_new(true);
  AlertReader fresh{server_.stub(), only_new};
  EXPECT_EQ(fresh.Read()->alerts_size(), 0);
  AlertReader ahead{server_.stub(), After("run1", 99)};
  EXPECT_EQ(ahead.Read()->alerts_size(), 0) << "a number that nothing has had is the last one";
  Fire(1);
  EXPECT_EQ(fresh.Read()->alerts(0).number(), 6U);
  EXPECT_EQ(ahead.Read()->alerts(0).number(), 6U);
}

TEST_F(AlertServiceTest, WhatIsNoLongerKeptIsCounted) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  Fire(11);
  ASSERT_TRUE(Eventually([&] { return server_.alerts().last_number() == 11; }));
  AlertReader late{server_.stub(), After("run1", 1)};
  const auto batch = late.Read();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->missed(), 2U);
  ASSERT_EQ(batch->alerts_size(), 8);
  EXPECT_EQ(batch->alerts(0).number(), 4U);
}

TEST_F(AlertServiceTest, StreamsEndWithTheService) {
  AlertReader open{server_.stub(), {}};
  ASSERT_TRUE(open.Read());
  EXPECT_EQ(server_.metrics().alert_watchers.Value(), 1);
  server_.service().EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"});
  EXPECT_FALSE(open.Read());
  EXPECT_EQ(open.Finish().reason, "SHUTTING_DOWN");
  AlertReader after{server_.stub(), {}};
  EXPECT_FALSE(after.Read());
  EXPECT_EQ(after.Finish().reason, "SHUTTING_DOWN");
  EXPECT_TRUE(Eventually([&] { return server_.metrics().alert_watchers.Value() == 0; }));
}

TEST_F(AlertServiceTest, ThereAreNotTooManyWatchers) {
  std::vector<std::unique_ptr<AlertReader>> readers;
  for (std::size_t i = 0; i < AlertService::kMaxWatchers; ++i) {
    readers.push_back(
        std::make_unique<AlertReader>(server_.stub(), v1alpha1::WatchAlertsRequest{}));
    ASSERT_TRUE(readers.back()->Read());
  }
  AlertReader one_more{server_.stub(), {}};
  EXPECT_FALSE(one_more.Read());
  EXPECT_EQ(one_more.Finish().reason, "TOO_MANY_WATCHERS");
  readers.pop_back();
  EXPECT_TRUE(Eventually([&] {
    AlertReader again{server_.stub(), {}};
    return again.Read().has_value();
  }));
}

}  // namespace
}  // namespace sauda::feed
