// Whom a webhook may name, what waits for one, and the threads that call.
#include <atomic>
#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/alert_caller.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const Secret kSecret{"0123456789abcdef"};

struct Case {
  std::string name;
  Webhook webhook;
  std::string reason;  // none: accepted
};
class CheckWebhookTest : public testing::TestWithParam<Case> {};

TEST_P(CheckWebhookTest, GivesTheReasonAndQuotesNothing) {
  const auto checked = CheckWebhook(GetParam().webhook);
  EXPECT_EQ(checked ? "" : checked.error().reason, GetParam().reason);
  if (checked) return;
  EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
  EXPECT_EQ(checked.error().message, "the webhook is refused: " + GetParam().reason);
}

Webhook To(const std::string& url) { return {"desk", url, kSecret}; }
Webhook With(const std::string& secret) { return {"desk", "https://a.in/", Secret{secret}}; }

INSTANTIATE_TEST_SUITE_P(
    Urls, CheckWebhookTest,
    testing::Values(
        Case{"Https", To("https://hooks.example.in/alerts?x=1"), ""},
        Case{"HttpsWithPort", To("https://10.0.0.5:8443"), ""},
        Case{"Loopback", To("http://127.0.0.1:8080/hook"), ""},
        Case{"LoopbackByName", To("http://localhost/hook"), ""},
        Case{"LoopbackIpv6", To("http://[::1]:8080/hook"), ""},
        Case{"PlainElsewhere", To("http://hooks.example.in/"), "URL_INVALID"},
        Case{"PlainNameLikeLoopback", To("http://127.0.0.1.example.in/"), "URL_INVALID"},
        Case{"PlainLoopbackAsUser", To("http://127.0.0.1@example.in/"), "URL_INVALID"},
        Case{"PlainLoopbackAsPassword", To("http://localhost:80@example.in/"), "URL_INVALID"},
        Case{"OtherScheme", To("ftp://127.0.0.1/"), "URL_INVALID"},
        Case{"NoScheme", To("hooks.example.in"), "URL_INVALID"},
        Case{"NoHost", To("https:///path"), "URL_INVALID"},
        Case{"User", To("https://me:pass@example.in/"), "URL_INVALID"},
        Case{"Fragment", To("https://example.in/#top"), "URL_INVALID"},
        Case{"Blank", To("https://example.in/a b"), "URL_INVALID"},
        Case{"NewLine", To("https://example.in/\r\nX: y"), "URL_INVALID"},
        Case{"NotAscii", To("https://ex\xc3\xa4mple.in/"), "URL_INVALID"},
        Case{"Longest", To("https://a.in/" + std::string(2'048 - 13, 'x')), ""},
        Case{"TooLong", To("https://a.in/" + std::string(2'049 - 13, 'x')), "URL_INVALID"},
        Case{"Empty", To(""), "URL_INVALID"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Rest, CheckWebhookTest,
    testing::Values(Case{"NoId", {"", "https://a.in/", kSecret}, "WEBHOOK_ID_INVALID"},
                    Case{"ShortestSecret", With(std::string(16, 's')), ""},
                    Case{"TooShortSecret", With(std::string(15, 's')), "SECRET_INVALID"},
                    Case{"LongestSecret", With(std::string(128, 's')), ""},
                    Case{"TooLongSecret", With(std::string(129, 's')), "SECRET_INVALID"},
                    Case{"BlankInSecret", With("0123456789 abcdef"), "SECRET_INVALID"}),
    CaseName{});

Alert AlertOf(std::uint64_t number, const std::string& webhook_id = "desk") {
  return {.number = number,
          .firing = {.rule = std::make_shared<const AlertRule>(
                         AlertRule{.id = "r", .webhook_id = webhook_id})}};
}

const Error kDown{Code::kUnavailable, "WEBHOOK_DOWN", "down"};
const Error kRefused{Code::kFailedPrecondition, "WEBHOOK_REFUSED", "refused"};

class WebhookQueueTest : public testing::Test {
 protected:
  WebhookQueue::Outcome Attempt(const Result<void>& result) {
    last_ = queue_.Begin().number;
    return queue_.End(result, now_);
  }

  Monotonic now_{1h};
  WebhookQueue queue_{{.waiting = 3, .attempts = 3, .backoff = {1'000ms, 4'000ms}}};
  std::uint64_t last_ = 0;
};

TEST_F(WebhookQueueTest, DeliversInOrderAtOnce) {
  EXPECT_FALSE(queue_.due());
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(queue_.Put(AlertOf(i)));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(queue_.due());
    EXPECT_LE(*queue_.due(), now_);
    EXPECT_EQ(Attempt({}), WebhookQueue::Outcome::kDelivered);
    EXPECT_EQ(last_, i);
  }
  EXPECT_FALSE(queue_.due());
}

TEST_F(WebhookQueueTest, TriesAgainAfterAWhileAndThenGivesUp) {
  EXPECT_TRUE(queue_.Put(AlertOf(1)));
  EXPECT_TRUE(queue_.Put(AlertOf(2)));
  EXPECT_EQ(Attempt(kDown), WebhookQueue::Outcome::kRetry);
  EXPECT_GE(*queue_.due(), now_);
  EXPECT_LE(*queue_.due(), now_ + 1s);
  EXPECT_EQ(Attempt(kDown), WebhookQueue::Outcome::kRetry);
  EXPECT_LE(*queue_.due(), now_ + 2s);
  EXPECT_EQ(Attempt(kDown), WebhookQueue::Outcome::kGivenUp) << "three attempts";
  EXPECT_EQ(last_, 1U);
  EXPECT_EQ(Attempt({}), WebhookQueue::Outcome::kDelivered);
  EXPECT_EQ(last_, 2U);
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(WebhookQueueTest, ARefusalIsTheEnd) {
  EXPECT_TRUE(queue_.Put(AlertOf(1)));
  EXPECT_EQ(Attempt(kRefused), WebhookQueue::Outcome::kGivenUp);
  EXPECT_FALSE(queue_.due());
}

TEST_F(WebhookQueueTest, OneAttemptAtATime) {
  EXPECT_TRUE(queue_.Put(AlertOf(1)));
  EXPECT_TRUE(queue_.Put(AlertOf(2)));
  (void)queue_.Begin();
  EXPECT_FALSE(queue_.due());
  EXPECT_EQ(queue_.End({}, now_), WebhookQueue::Outcome::kDelivered);
  EXPECT_TRUE(queue_.due());
}

TEST_F(WebhookQueueTest, AFullOneLosesTheOldestThatIsNotUnderWay) {
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(queue_.Put(AlertOf(i)));
  EXPECT_EQ(queue_.Begin().number, 1U);
  EXPECT_FALSE(queue_.Put(AlertOf(4)));
  EXPECT_EQ(queue_.End(kDown, now_), WebhookQueue::Outcome::kRetry);
  EXPECT_FALSE(queue_.Put(AlertOf(5)));
  std::vector<std::uint64_t> rest;
  while (queue_.size() > 0) {
    EXPECT_EQ(Attempt({}), WebhookQueue::Outcome::kDelivered);
    rest.push_back(last_);
  }
  EXPECT_THAT(rest, ElementsAre(3, 4, 5));
}

TEST_F(WebhookQueueTest, AttemptsAreOfOneAlert) {
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(queue_.Put(AlertOf(i)));
  EXPECT_EQ(Attempt(kDown), WebhookQueue::Outcome::kRetry);
  EXPECT_EQ(Attempt(kDown), WebhookQueue::Outcome::kRetry);
  EXPECT_FALSE(queue_.Put(AlertOf(4))) << "the one that failed twice has to go";
  EXPECT_EQ(Attempt(kDown), WebhookQueue::Outcome::kRetry);
  EXPECT_EQ(Attempt(kDown), WebhookQueue::Outcome::kRetry);
  EXPECT_EQ(Attempt(kDown), WebhookQueue::Outcome::kGivenUp);
}

/// Receivers that a test plays: each answers as told, and may keep a caller waiting. Thread-safe.
class ScriptedReceivers final : public WebhookClient {
 public:
  Result<void> Call(const Webhook& webhook, const Alert& alert) override {
    std::unique_lock lock{mutex_};
    calls_[webhook.id].push_back(alert.number);
    called_.wait(lock, [&] { return !held_.contains(webhook.id); });
    if (failures_[webhook.id] > 0) {
      --failures_[webhook.id];
      return kDown;
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
  static Webhook Named(const std::string& id) { return {id, "https://a.in/" + id, kSecret}; }
  static void Add(AlertCaller& caller, std::uint64_t number, const std::string& id) {
    const Alert alerts[] = {AlertOf(number, id)};
    caller.Add(alerts);
  }
  int fates(AlertCaller::Fate fate) const { return fates_[static_cast<std::size_t>(fate)]; }

  SystemClock clock_;
  ScriptedReceivers receivers_;
  std::array<std::atomic<int>, 4> fates_{};
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
  EXPECT_EQ(caller->ListWebhooks()[0].secret, kSecret);
  for (std::size_t i = 1; i < kMaxWebhooks; ++i) {
    EXPECT_TRUE(caller->RestoreWebhook(Named("w" + std::to_string(i))));
  }
  EXPECT_EQ(caller->AddWebhook(Named("more")).error().reason, "WEBHOOK_LIMIT");
  EXPECT_EQ(caller->ListWebhooks().size(), kMaxWebhooks);
  EXPECT_EQ(told_, "+a");
}

}  // namespace
}  // namespace sauda::feed
