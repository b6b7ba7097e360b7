#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/alert_keeper.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/memory_alert_store.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

AlertRule Rule(const std::string& id, double level = 1) {
  return {.id = id, .instrument_key = "NSE_EQ|A", .level = level};
}

std::vector<Alert> Alerts(std::uint64_t first, std::uint64_t last) {
  std::vector<Alert> alerts;
  for (auto number = first; number <= last; ++number) {
    alerts.push_back(
        {.number = number, .firing = {.rule = std::make_shared<const AlertRule>(Rule("r"))}});
  }
  return alerts;
}

class AlertKeeperTest : public testing::Test {
 protected:
  std::unique_ptr<AlertKeeper> Make(AlertKeeper::Options options = {}) {
    options.backoff = {1ms, 2ms};
    return std::make_unique<AlertKeeper>(
        store_, options,
        AlertKeeper::Events{.on_loaded =
                                [this](const KeptAlerts& kept) {
                                  for (const auto& each : kept.rules) loaded_ += each.id + " ";
                                  for (const auto& each : kept.webhooks) loaded_ += each.id + " ";
                                  times_loaded_ += 1;
                                },
                            .on_failure = [this](const Error&) { failures_ += 1; },
                            .on_saved = [this] { saves_ += 1; },
                            .on_lost = [this](std::uint64_t alerts) { lost_ += alerts; }});
  }
  std::string Kept() {
    std::string ids;
    const auto kept = store_.Load();
    for (const AlertRule& each : kept->rules) ids += each.id + " ";
    for (const Webhook& each : kept->webhooks) ids += each.id + " ";
    return ids;
  }

  MemoryAlertStore store_;
  std::string loaded_;  // read after times_loaded_
  std::atomic<int> times_loaded_{0};
  std::atomic<int> failures_{0};
  std::atomic<int> saves_{0};
  std::atomic<std::uint64_t> lost_{0};
};

TEST_F(AlertKeeperTest, SavesAndLoadsAgain) {
  auto keeper = Make();
  keeper->Start();
  keeper->Put(Rule("a"));
  keeper->Put(Rule("b"));
  keeper->Remove("a");
  keeper->Add(Alerts(1, 2));
  EXPECT_TRUE(keeper->Stop());
  EXPECT_EQ(Kept(), "b ");
  EXPECT_EQ(store_.Fired(), "r1 r2 ");
  times_loaded_ = 0;
  keeper = Make();
  keeper->Start();
  ASSERT_TRUE(Eventually([&] { return times_loaded_ == 1; }));
  EXPECT_TRUE(keeper->Stop());
  EXPECT_EQ(loaded_, "b ");
}

TEST_F(AlertKeeperTest, GathersWhileTheStoreIsAway) {
  ASSERT_TRUE(store_.Save({.put = {Rule("kept"), Rule("changed"), Rule("gone")}}));
  store_.SetDown(true);
  const auto keeper = Make();
  keeper->Start();
  ASSERT_TRUE(Eventually([&] { return failures_ > 1; }));
  keeper->Put(Rule("changed", 2));
  keeper->Remove("gone");
  keeper->Add(Alerts(1, 1));
  store_.SetDown(false);
  ASSERT_TRUE(Eventually([&] { return saves_ > 0; }));
  EXPECT_EQ(loaded_, "kept ") << "what changed meanwhile is not loaded";
  EXPECT_EQ(Kept(), "changed kept ");
  EXPECT_EQ(store_.Load()->rules.front().level, 2);
  EXPECT_EQ(store_.Fired(), "r1 ");
}

TEST_F(AlertKeeperTest, KeepsWebhooksBesideRulesOfTheSameId) {
  const Webhook hook{"a", "https://a.in/", Secret{"0123456789abcdef"}};
  ASSERT_TRUE(
      store_.Save({.put = {Rule("gone")}, .put_webhooks = {{"kept", hook.url, hook.secret}}}));
  store_.SetDown(true);
  const auto keeper = Make();
  keeper->Start();
  keeper->PutWebhook(hook);
  keeper->PutWebhook({"b", hook.url, hook.secret});
  keeper->RemoveWebhook("b");
  keeper->Put(Rule("a"));
  keeper->Remove("gone");
  store_.SetDown(false);
  ASSERT_TRUE(Eventually([&] { return saves_ > 0; }));
  EXPECT_EQ(loaded_, "kept ");
  EXPECT_EQ(Kept(), "a a kept ");
  EXPECT_EQ(store_.Load()->webhooks.front(), hook);
}

TEST_F(AlertKeeperTest, ADoubtfulSaveIsRepeatedAndDoublesNothing) {
  const auto keeper = Make();
  keeper->Start();
  ASSERT_TRUE(Eventually([&] { return times_loaded_ == 1; }));
  store_.DoubtNext();
  keeper->Add(Alerts(1, 3));
  ASSERT_TRUE(Eventually([&] { return failures_ == 1 && saves_ == 1; }));
  EXPECT_EQ(store_.Fired(), "r1 r2 r3 ");
}

TEST_F(AlertKeeperTest, ManyAlertsGoInPartsAndInOrder) {
  const auto keeper = Make({.batch_alerts = 2});
  keeper->Add(Alerts(1, 5));
  keeper->Start();
  EXPECT_TRUE(Eventually([&] { return saves_ == 3; }));
  EXPECT_EQ(store_.Fired(), "r1 r2 r3 r4 r5 ");
}

TEST_F(AlertKeeperTest, TooManyAlertsLoseTheOldest) {
  const auto keeper = Make({.waiting_alerts = 3});
  keeper->Add(Alerts(1, 5));
  EXPECT_EQ(lost_, 2U);
  keeper->Start();
  EXPECT_TRUE(Eventually([&] { return saves_ > 0; }));
  EXPECT_EQ(store_.Fired(), "r3 r4 r5 ");
}

TEST_F(AlertKeeperTest, AStopSaysWhenSomethingStaysUnsaved) {
  store_.SetDown(true);
  const auto keeper = Make();
  keeper->Start();
  keeper->Put(Rule("a"));
  EXPECT_FALSE(keeper->Stop());
}

}  // namespace
}  // namespace sauda::feed
