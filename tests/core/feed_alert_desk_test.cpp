// The thread that judges rules, and what it keeps for watchers.
#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/alert_desk.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

struct LogCase {
  std::string name;
  std::uint64_t appended;
  std::uint64_t after;
  std::size_t limit;
  std::vector<std::uint64_t> numbers;
  std::uint64_t missed;
};
class AlertLogTest : public testing::TestWithParam<LogCase> {};

TEST_P(AlertLogTest, GivesWhatItStillHas) {
  AlertLog log{3};
  for (std::uint64_t i = 0; i < GetParam().appended; ++i) (void)log.Append({});
  const AlertBatch batch = log.Read(GetParam().after, GetParam().limit);
  std::vector<std::uint64_t> numbers;
  for (const Alert& each : batch.alerts) numbers.push_back(each.number);
  EXPECT_EQ(numbers, GetParam().numbers);
  EXPECT_EQ(batch.missed, GetParam().missed);
}

INSTANTIATE_TEST_SUITE_P(Reads, AlertLogTest,
                         testing::Values(LogCase{"Empty", 0, 0, 9, {}, 0},
                                         LogCase{"All", 2, 0, 9, {1, 2}, 0},
                                         LogCase{"Full", 3, 0, 9, {1, 2, 3}, 0},
                                         LogCase{"OneHasGone", 4, 0, 9, {2, 3, 4}, 1},
                                         LogCase{"NoneMissed", 4, 1, 9, {2, 3, 4}, 0},
                                         LogCase{"FromTheMiddle", 4, 3, 9, {4}, 0},
                                         LogCase{"NothingNew", 4, 4, 9, {}, 0},
                                         LogCase{"NotGivenYet", 4, 99, 9, {}, 0},
                                         LogCase{"Limited", 4, 1, 2, {2, 3}, 0}),
                         CaseName{});

class CountingWatcher final : public AlertWatcher {
 public:
  void OnAlerts() override { ++calls; }
  std::atomic<int> calls{0};
};

class AlertDeskTest : public testing::Test {
 protected:
  std::unique_ptr<AlertDesk> Make(AlertDesk::Options options = {}) {
    options.beat = 1ms;
    return std::make_unique<AlertDesk>(
        clock_, [] { return std::int64_t{0}; }, options,
        AlertDesk::Events{.on_fired =
                              [this](std::span<const Alert> alerts) {
                                if (fired_.fetch_add(static_cast<int>(alerts.size())) == 0) {
                                  first_.set_value();
                                  go_on_.wait();
                                }
                              },
                          .on_unseen = [this](std::uint64_t ticks) { unseen_ += ticks; },
                          .on_added = [this](const AlertRule& rule) { told_ += "+" + rule.id; },
                          .on_removed = [this](const std::string& id) { told_ += "-" + id; },
                          .on_count = [this](std::size_t rules) { rules_ = rules; }});
  }
  static AlertRule Price(const std::string& id, double level) {
    return {.id = id, .instrument_key = "NSE_EQ|A", .level = level};
  }
  void Push(AlertDesk& desk, double price, InstrumentId id = 0) {
    Tick tick = TickOf(++seq_);
    tick.last = LastTrade{.price = price};
    tick.received_at = clock_.Now();
    desk.Take(id, tick);
    desk.EndFrame();
  }
  void LetGo() { holding_.set_value(); }

  ManualClock clock_;
  std::uint64_t seq_ = 0;
  std::atomic<int> fired_{0};
  std::atomic<std::uint64_t> unseen_{0};
  std::atomic<std::size_t> rules_{0};
  std::string told_;          // of rules that came and went
  std::promise<void> first_;  // the first alert was told
  std::promise<void> holding_;
  std::shared_future<void> go_on_ = holding_.get_future().share();
};

TEST_F(AlertDeskTest, NumbersKeepsAndTells) {
  LetGo();
  const auto desk = Make();
  const auto watcher = std::make_shared<CountingWatcher>();
  desk->Watch(watcher);
  ASSERT_TRUE(desk->Add(Price("a", 100), 0));
  ASSERT_TRUE(desk->Add(Price("b", 200), 0));
  EXPECT_EQ(rules_, 2U);
  Push(*desk, 99);
  Push(*desk, 150);
  Push(*desk, 250);
  ASSERT_TRUE(Eventually([&] { return desk->Read(0, 9).alerts.size() == 2; }));
  const AlertBatch batch = desk->Read(1, 9);
  ASSERT_EQ(batch.alerts.size(), 1U);
  EXPECT_EQ(batch.alerts[0].number, 2U);
  EXPECT_EQ(batch.alerts[0].firing.rule->id, "b");
  EXPECT_EQ(batch.alerts[0].firing.seq, 3U);
  EXPECT_TRUE(Eventually([&] { return watcher->calls > 0 && fired_ == 2; }));
  desk->Unwatch(watcher.get());
  desk->Stop();
  EXPECT_EQ(unseen_, 0U);
}

TEST_F(AlertDeskTest, TheSameRuleTwiceIsOneAndAnotherIsRefused) {
  LetGo();
  const auto desk = Make({.engine = {.max_rules = 2}});
  ASSERT_TRUE(desk->Add(Price("a", 100), 0));
  EXPECT_TRUE(desk->Add(Price("a", 100), 0));
  EXPECT_EQ(desk->Add(Price("a", 101), 0).error().reason, "ALERT_ID_REUSED");
  EXPECT_EQ(desk->Add(Price("", 101), 0).error().reason, "ALERT_ID_INVALID");
  ASSERT_TRUE(desk->Add(Price("b", 100), 0));
  EXPECT_EQ(desk->Add(Price("c", 101), 0).error().reason, "ALERT_LIMIT");
  EXPECT_TRUE(desk->Remove("a"));
  EXPECT_FALSE(desk->Remove("a"));
  EXPECT_EQ(rules_, 1U);
  EXPECT_EQ(told_, "+a+b-a");
}

TEST_F(AlertDeskTest, ARestoredRuleIsNotTheCallersAndYieldsToHis) {
  LetGo();
  const auto desk = Make({.engine = {.max_rules = 2}});
  ASSERT_TRUE(desk->Add(Price("a", 100), 0));
  EXPECT_TRUE(desk->Restore(Price("a", 50), 0));
  EXPECT_EQ(desk->List("", 9)[0]->level, 100);
  EXPECT_TRUE(desk->Restore(Price("b", 50), 0));
  EXPECT_EQ(desk->Restore(Price("c", 50), 0).error().reason, "ALERT_LIMIT");
  EXPECT_EQ(rules_, 2U);
  EXPECT_EQ(told_, "+a");
}

TEST_F(AlertDeskTest, ListsById) {
  LetGo();
  const auto desk = Make();
  for (const char* id : {"c", "a", "d", "b"}) ASSERT_TRUE(desk->Add(Price(id, 1), 0));
  const auto ids = [&](const std::string& after, std::size_t limit) {
    std::string all;
    for (const auto& rule : desk->List(after, limit)) all += rule->id;
    return all;
  };
  EXPECT_EQ(ids("", 3), "abc");
  EXPECT_EQ(ids("c", 3), "d");
  EXPECT_EQ(ids("bb", 1), "c");
  EXPECT_EQ(ids("d", 3), "");
}

TEST_F(AlertDeskTest, AFullQueueLosesTheOldestAndSaysSo) {
  const auto desk = Make({.queue_quotes = 4});
  ASSERT_TRUE(desk->Add(Price("plug", 100), 0));
  ASSERT_TRUE(desk->Add(Price("lost", 500), 1));
  ASSERT_TRUE(desk->Add(Price("last", 20), 1));
  Push(*desk, 1, 1);
  Push(*desk, 99);
  Push(*desk, 101);
  first_.get_future().wait();  // its thread is held
  Push(*desk, 600, 1);
  Push(*desk, 11, 1);
  for (const double price : {12, 13, 14, 21}) Push(*desk, price, 1);
  LetGo();
  EXPECT_TRUE(Eventually([&] { return fired_ == 2; }));
  EXPECT_EQ(desk->Read(1, 9).alerts[0].firing.rule->id, "last") << "the newest was seen";
  EXPECT_EQ(desk->unseen_ticks(), 2U);
  EXPECT_EQ(unseen_, 2U);
}

TEST_F(AlertDeskTest, NoticesSilenceAndWhatTheConnectionTells) {
  LetGo();
  const auto desk = Make();
  ASSERT_TRUE(desk->Add({.id = "dead", .measure = Measure::kFeedSilence, .level = 5}, 0));
  ASSERT_TRUE(desk->Add({.id = "gap", .measure = Measure::kGap}, 0));
  ASSERT_TRUE(
      desk->Add({.id = "storm", .measure = Measure::kReconnects, .level = 2, .window_s = 9}, 0));
  desk->OnConnect(true);
  desk->OnConnect(true);
  ASSERT_TRUE(Eventually([&] { return fired_ == 1; }));
  desk->OnGap({.to_ns = 1});
  ASSERT_TRUE(Eventually([&] { return fired_ == 2; }));
  desk->OnConnection(ConnectionState::kLive);
  desk->OnSegments({});
  clock_.Advance(5s);
  ASSERT_TRUE(Eventually([&] { return fired_ == 3; }));
  EXPECT_EQ(desk->Read(2, 9).alerts[0].firing.rule->id, "dead");
  EXPECT_TRUE(desk->Read(2, 9).alerts[0].firing.simulated);
}

TEST_F(AlertDeskTest, RulesComeAndGoUnderLoad) {
  LetGo();
  constexpr int kTicks = 20'000;
  const auto desk = Make({.queue_quotes = kTicks, .kept_alerts = std::size_t{11} * kTicks});
  ASSERT_TRUE(desk->Add(Price("stays", 100), 0));
  const auto watcher = std::make_shared<CountingWatcher>();
  std::thread ingest{[&] {
    for (int i = 0; i < kTicks; ++i) Push(*desk, i % 2 == 0 ? 99 : 101);
  }};
  for (int i = 0; i < 200; ++i) {
    const std::string id = "r" + std::to_string(i % 10);
    ASSERT_TRUE(desk->Remove(id) || desk->Add(Price(id, 100), 0));
    desk->Watch(watcher);
    (void)desk->Read(0, 10);
    (void)desk->List("", 10);
    desk->Unwatch(watcher.get());
  }
  ingest.join();
  desk->Stop();
  std::uint64_t seen = 0;
  int of_one = 0;
  for (std::uint64_t after = 0;;) {
    const AlertBatch batch = desk->Read(after, 1'000);
    if (after == 0) after = batch.missed;
    for (const Alert& each : batch.alerts) {
      EXPECT_EQ(each.number, ++after);
      ++seen;
      of_one += each.firing.rule->id == "stays" ? 1 : 0;
    }
    if (batch.alerts.empty()) break;
  }
  EXPECT_EQ(seen, desk->last_number());
  EXPECT_EQ(desk->unseen_ticks(), 0U) << "the queue holds them all";
  EXPECT_EQ(of_one, kTicks / 2) << "once for each crossing";
}

TEST_F(AlertDeskTest, AStopJudgesWhatHasCome) {
  LetGo();
  const auto desk = Make();
  ASSERT_TRUE(desk->Add(Price("a", 100), 0));
  Push(*desk, 99);
  Push(*desk, 101);
  desk->Stop();
  desk->Stop();
  EXPECT_EQ(fired_, 1);
}

}  // namespace
}  // namespace sauda::feed
