// What waits for a webhook, and the threads that call.
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/alert_caller.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/webhook_script.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const Secret kCallerSecret{"0123456789abcdef"};
const WebhookResult kIsDown = Fails({Code::kUnavailable, "WEBHOOK_DOWN", "down"});
const WebhookResult kRefuses = Fails({Code::kFailedPrecondition, "WEBHOOK_REFUSED", "refused"});
/// Nobody was asked.
WebhookResult NotBefore(Monotonic when) {
  return Fails({Code::kResourceExhausted, "RATE_LIMITED", "a pause"}, when);
}

class WebhookQueueTest : public testing::Test {
 protected:
  WebhookQueue::Outcome Attempt(const WebhookResult& result) {
    last_ = queue_.Begin().number;
    return queue_.End(result, now_);
  }
  bool Put(std::uint64_t number) { return queue_.Put(AlertOf(number), now_); }

  Monotonic now_{1h};
  WebhookQueue queue_{{.waiting = 3, .attempts = 3, .backoff = {1'000ms, 4'000ms}}};
  std::uint64_t last_ = 0;
};

TEST_F(WebhookQueueTest, DeliversInOrderAtOnce) {
  EXPECT_FALSE(queue_.due());
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(Put(i));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(queue_.due());
    EXPECT_LE(*queue_.due(), now_);
    EXPECT_EQ(Attempt({}), WebhookQueue::Outcome::kDelivered);
    EXPECT_EQ(last_, i);
  }
  EXPECT_FALSE(queue_.due());
}

TEST_F(WebhookQueueTest, TriesAgainAfterAWhileAndThenGivesUp) {
  EXPECT_TRUE(Put(1));
  EXPECT_TRUE(Put(2));
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kRetry);
  EXPECT_GE(*queue_.due(), now_);
  EXPECT_LE(*queue_.due(), now_ + 1s);
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kRetry);
  EXPECT_LE(*queue_.due(), now_ + 2s);
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kGivenUp) << "three attempts";
  EXPECT_EQ(last_, 1U);
  EXPECT_EQ(Attempt({}), WebhookQueue::Outcome::kDelivered);
  EXPECT_EQ(last_, 2U);
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(WebhookQueueTest, ARefusalIsTheEnd) {
  EXPECT_TRUE(Put(1));
  EXPECT_EQ(Attempt(kRefuses), WebhookQueue::Outcome::kGivenUp);
  EXPECT_FALSE(queue_.due());
}

TEST_F(WebhookQueueTest, OneAttemptAtATime) {
  EXPECT_TRUE(Put(1));
  EXPECT_TRUE(Put(2));
  (void)queue_.Begin();
  EXPECT_FALSE(queue_.due());
  EXPECT_EQ(queue_.End({}, now_), WebhookQueue::Outcome::kDelivered);
  EXPECT_TRUE(queue_.due());
}

TEST_F(WebhookQueueTest, AFullOneLosesTheOldestThatIsNotUnderWay) {
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(Put(i));
  EXPECT_EQ(queue_.Begin().number, 1U);
  EXPECT_FALSE(Put(4));
  EXPECT_EQ(queue_.End(kIsDown, now_), WebhookQueue::Outcome::kRetry);
  EXPECT_FALSE(Put(5));
  std::vector<std::uint64_t> rest;
  while (queue_.size() > 0) {
    EXPECT_EQ(Attempt({}), WebhookQueue::Outcome::kDelivered);
    rest.push_back(last_);
  }
  EXPECT_THAT(rest, ElementsAre(3, 4, 5));
}

TEST_F(WebhookQueueTest, AttemptsAreOfOneAlert) {
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(Put(i));
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kRetry);
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kRetry);
  EXPECT_FALSE(Put(4)) << "the one that failed twice has to go";
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kRetry);
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kRetry);
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kGivenUp);
}

TEST_F(WebhookQueueTest, WhatIsPutOffIsNoAttempt) {
  EXPECT_TRUE(Put(1));
  for (int i = 0; i < 10; ++i) {
    const Monotonic when = now_ + 5min;
    EXPECT_EQ(Attempt(NotBefore(when)), WebhookQueue::Outcome::kPutOff);
    EXPECT_EQ(queue_.due(), when);
    now_ = when;
  }
  EXPECT_EQ(Attempt(NotBefore(now_ - 1s)), WebhookQueue::Outcome::kPutOff);
  EXPECT_EQ(queue_.due(), now_ + 1s) << "never at once, else it would spin";
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kRetry);
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kRetry);
  EXPECT_EQ(Attempt(kIsDown), WebhookQueue::Outcome::kGivenUp) << "three attempts";
}

struct AgeCase {
  const char* name;
  std::chrono::minutes age;
  bool put_off;
  WebhookQueue::Outcome outcome;
};

TEST_F(WebhookQueueTest, WaitsNoLongerThanAnHour) {
  using Outcome = WebhookQueue::Outcome;
  for (const AgeCase& each : {AgeCase{"failed before", 59min, false, Outcome::kRetry},
                              {"failed at it", 60min, false, Outcome::kGivenUp},
                              {"put off before", 59min, true, Outcome::kPutOff},
                              {"put off at it", 60min, true, Outcome::kGivenUp}}) {
    WebhookQueue queue{{.waiting = 3, .attempts = 3, .backoff = {1'000ms, 4'000ms}}};
    EXPECT_TRUE(queue.Put(AlertOf(1), now_));
    now_ += each.age;
    EXPECT_TRUE(queue.Put(AlertOf(2), now_));
    (void)queue.Begin();
    const Monotonic when = now_ + 3min;
    EXPECT_EQ(queue.End(each.put_off ? NotBefore(when) : kIsDown, now_), each.outcome) << each.name;
    EXPECT_TRUE(!each.put_off || queue.due() == when) << each.name;
    EXPECT_EQ(queue.Begin().number, each.outcome == Outcome::kGivenUp ? 2U : 1U) << each.name;
  }
}

/// Receivers that a test plays: each answers as told, and may keep a caller waiting. Thread-safe.
class ScriptedReceivers final : public WebhookClient {
 public:
  WebhookResult Call(const Webhook& webhook, const Alert& alert) override {
    std::unique_lock lock{mutex_};
    calls_[webhook.id].push_back(alert.number);
    called_.wait(lock, [&] { return !held_.contains(webhook.id); });
    if (failures_[webhook.id] > 0) {
      --failures_[webhook.id];
      return kIsDown;
    }
    return {};
  }
  void Hold(const std::string& id) {
    const std::lock_guard lock{mutex_};
    held_.insert(id);
  }
  void LetGo(const std::string& id) {
    {
      const std::lock_guard lock{mutex_};
      held_.erase(id);
    }
    called_.notify_all();
  }
  void Fail(const std::string& id, int times) {
    const std::lock_guard lock{mutex_};
    failures_[id] = times;
  }
  std::vector<std::uint64_t> calls(const std::string& id) const {
    const std::lock_guard lock{mutex_};
    const auto found = calls_.find(id);
    return found == calls_.end() ? std::vector<std::uint64_t>{} : found->second;
  }

 private:
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable called_;
  std::map<std::string, std::vector<std::uint64_t>> calls_;
  std::map<std::string, int> failures_;
  std::set<std::string> held_;
};

class AlertCallerTest : public testing::Test {
 protected:
  std::unique_ptr<AlertCaller> Make(std::size_t threads = 2) {
    return std::make_unique<AlertCaller>(
        receivers_, clock_,
        AlertCaller::Options{.threads = threads,
                             .queue = {.waiting = 10, .attempts = 3, .backoff = {1ms, 2ms}}},
        AlertCaller::Events{
            .on_fate = [this](AlertCaller::Fate fate, const std::string&,
                              const Error*) { ++fates_[static_cast<std::size_t>(fate)]; },
            .on_added = [this](const Webhook& webhook) { told_ += "+" + webhook.id; },
            .on_removed = [this](const std::string& id) { told_ += "-" + id; }});
  }
  static Webhook Named(const std::string& id) { return {id, "https://a.in/" + id, kCallerSecret}; }
  static void Add(AlertCaller& caller, std::uint64_t number, const std::string& id) {
    const Alert alerts[] = {AlertOf(number, id)};
    caller.Add(alerts);
  }
  int fates(AlertCaller::Fate fate) const { return fates_[static_cast<std::size_t>(fate)]; }

  SystemClock clock_;
  ScriptedReceivers receivers_;
  std::array<std::atomic<int>, 5> fates_{};
  std::string told_;
};

TEST_F(AlertCallerTest, CallsWhoIsNamedInOrder) {
  const auto caller = Make();
  ASSERT_TRUE(caller->AddWebhook(Named("a")));
  ASSERT_TRUE(caller->AddWebhook(Named("b")));
  const std::vector<Alert> alerts{AlertOf(1, "a"), AlertOf(2, ""), AlertOf(3, "b"), AlertOf(4, "a"),
                                  AlertOf(5, "nobody")};
  caller->Add(alerts);
  EXPECT_TRUE(Eventually([&] { return fates(AlertCaller::Fate::kDelivered) == 3; }));
  EXPECT_THAT(receivers_.calls("a"), ElementsAre(1, 4));
  EXPECT_THAT(receivers_.calls("b"), ElementsAre(3));
  EXPECT_EQ(fates(AlertCaller::Fate::kLost), 1) << "nobody goes by that name";
}

TEST_F(AlertCallerTest, OneThatFailsIsCalledAgainUntilAnEnd) {
  const auto caller = Make();
  ASSERT_TRUE(caller->AddWebhook(Named("a")));
  receivers_.Fail("a", 2);
  Add(*caller, 1, "a");
  EXPECT_TRUE(Eventually([&] { return fates(AlertCaller::Fate::kDelivered) == 1; }));
  EXPECT_THAT(receivers_.calls("a"), ElementsAre(1, 1, 1));
  receivers_.Fail("a", 3);
  Add(*caller, 2, "a");
  EXPECT_TRUE(Eventually([&] { return fates(AlertCaller::Fate::kGivenUp) == 1; }));
  EXPECT_EQ(fates(AlertCaller::Fate::kRetried), 4);
}

TEST_F(AlertCallerTest, OneThatHangsHoldsUpNobody) {
  const auto caller = Make();
  ASSERT_TRUE(caller->AddWebhook(Named("hangs")));
  ASSERT_TRUE(caller->AddWebhook(Named("works")));
  receivers_.Hold("hangs");
  Add(*caller, 1, "hangs");
  Add(*caller, 2, "hangs");
  for (std::uint64_t i = 3; i < 8; ++i) Add(*caller, i, "works");
  EXPECT_TRUE(Eventually([&] { return fates(AlertCaller::Fate::kDelivered) == 5; }));
  receivers_.LetGo("hangs");
  EXPECT_TRUE(Eventually([&] { return fates(AlertCaller::Fate::kDelivered) == 7; }));
}

TEST_F(AlertCallerTest, ARemovedOneIsCalledNoMore) {
  const auto caller = Make(1);
  ASSERT_TRUE(caller->AddWebhook(Named("a")));
  receivers_.Hold("a");
  Add(*caller, 1, "a");
  Add(*caller, 2, "a");
  ASSERT_TRUE(Eventually([&] { return receivers_.calls("a").size() == 1; }));
  EXPECT_TRUE(caller->RemoveWebhook("a"));
  EXPECT_FALSE(caller->RemoveWebhook("a"));
  receivers_.LetGo("a");
  Add(*caller, 3, "a");
  EXPECT_EQ(fates(AlertCaller::Fate::kLost), 1);
  caller->Stop();
  EXPECT_THAT(receivers_.calls("a"), ElementsAre(1));
  EXPECT_EQ(told_, "+a-a");
}

TEST_F(AlertCallerTest, TheSameTwiceIsOneAndAnotherIsRefused) {
  const auto caller = Make();
  ASSERT_TRUE(caller->AddWebhook(Named("a")));
  EXPECT_TRUE(caller->AddWebhook(Named("a")));
  Webhook other = Named("a");
  other.secret = Secret{"another secret's"};
  EXPECT_EQ(caller->AddWebhook(other).error().reason, "SECRET_INVALID");
  other.secret = Secret{"another-secret-of-it"};
  EXPECT_EQ(caller->AddWebhook(other).error().reason, "WEBHOOK_ID_REUSED");
  EXPECT_TRUE(caller->RestoreWebhook(other)) << "what is there now stays";
  EXPECT_EQ(caller->ListWebhooks()[0].secret, kCallerSecret);
  for (std::size_t i = 1; i < kMaxWebhooks; ++i) {
    EXPECT_TRUE(caller->RestoreWebhook(Named("w" + std::to_string(i))));
  }
  EXPECT_EQ(caller->AddWebhook(Named("more")).error().reason, "WEBHOOK_LIMIT");
  EXPECT_EQ(caller->ListWebhooks().size(), kMaxWebhooks);
  EXPECT_EQ(told_, "+a");
}

}  // namespace
}  // namespace sauda::feed
