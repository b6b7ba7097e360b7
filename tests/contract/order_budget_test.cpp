// The budget on a real Redis: what it lets through in any stretch of time, and what it does when
// Redis has forgotten.

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "libs/storage/redis.hpp"
#include "services/orders/src/adapters/redis_budget.hpp"
#include "services/orders/src/core/budget/ledger_spending.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_ledger.hpp"
#include "tests/support/orders_fakes.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::orders {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kRedisGrain{1};  // the script counts in whole ones

class FakeHistory final : public SpendingHistory {
 public:
  Result<std::vector<milliseconds>> Within(milliseconds window) override {
    const std::lock_guard lock{mutex};
    ++asked;
    asked_for = window;
    if (down) return Error{Code::kUnavailable, "DATABASE_DOWN", "the test took it away"};
    return ages;
  }
  std::mutex mutex;
  bool down = false;
  int asked = 0;
  milliseconds asked_for{0};
  std::vector<milliseconds> ages;
};

class OrderBudgetTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const url = std::getenv("SAUDA_TEST_REDIS");
    if (url == nullptr) GTEST_SKIP() << kNoStores;
    static std::atomic<int> count{0};
    account_ = "budget-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    redis_ = std::make_unique<storage::Redis>(storage::RedisOptions{.url = Secret{url}, .size = 8});
  }
  void TearDown() override {
    if (redis_) Forget();
  }
  /// As after an empty Redis.
  void Forget() {
    for (const char* part : {"sent", "count", "known"}) {
      (void)redis_->Delete("sauda:orders:{" + account_ + "}:" + part);
    }
  }
  std::unique_ptr<RedisBudget> Make(std::vector<BudgetLimit> limits) {
    return std::make_unique<RedisBudget>(RedisBudget::Parts{.redis = *redis_,
                                                            .history = history_,
                                                            .account_id = account_,
                                                            .limits = std::move(limits)});
  }
  static std::string Reason(const Result<void>& taken) {
    return taken ? std::string{} : taken.error().reason;
  }

  std::string account_;
  std::unique_ptr<storage::Redis> redis_;
  FakeHistory history_;
};

TEST_F(OrderBudgetTest, LetsThroughAsManyAsThereAreAndSaysWhenTheNextMayGo) {
  const auto budget = Make({{10s, 3, 0}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "");
  const auto refused = budget->Take(Spend::kOrder, 0ms);
  ASSERT_EQ(Reason(refused), "BUDGET_SPENT");
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_NE(refused.error().message.find(" ms"), std::string::npos);
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 1s)), "BUDGET_SPENT") << "it would be ten seconds";
}

TEST_F(OrderBudgetTest, WaitsForRoomThatComesSoonEnough) {
  const auto budget = Make({{300ms, 2, 0}});
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 10s)), "");
  EXPECT_GE(std::chrono::steady_clock::now() - began, 300ms - kRedisGrain);
}

TEST_F(OrderBudgetTest, KeepsRoomForCancels) {
  const auto budget = Make({{10s, 3, 1}});
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "");
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "");
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "BUDGET_SPENT");
  EXPECT_EQ(Reason(budget->Take(Spend::kCancel, 0ms)), "");
  EXPECT_EQ(Reason(budget->Take(Spend::kCancel, 0ms)), "BUDGET_SPENT");
}

TEST_F(OrderBudgetTest, TheNarrowestLimitCounts) {
  const auto budget = Make({{100ms, 10, 0}, {20s, 2, 0}});
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "");
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "");
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 300ms)), "BUDGET_SPENT");
}

TEST_F(OrderBudgetTest, SeveralReplicasShareIt) {
  constexpr int kMost = 5;
  constexpr auto kWindow = 400ms;
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::thread> replicas;
  for (int replica = 0; replica < 4; ++replica) {
    replicas.emplace_back([&] {
      const auto budget = Make({{kWindow, kMost, 0}});
      for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 20s)), "");
      }
    });
  }
  for (auto& replica : replicas) replica.join();
  // Twenty are four windows full: the last is one begun after three have passed.
  EXPECT_GE(std::chrono::steady_clock::now() - began, 3 * (kWindow - kRedisGrain));
}

TEST_F(OrderBudgetTest, AnEmptyRedisIsSpentUntilTheLedgerHasTold) {
  const auto budget = Make({{10s, 3, 0}});
  history_.ages = {1s, 2s, 11s};
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "") << "two of three are spent";
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "BUDGET_SPENT");
  EXPECT_EQ(history_.asked, 1);
  EXPECT_EQ(history_.asked_for, 10s);
  Forget();
  history_.down = true;
  const auto refused = budget->Take(Spend::kOrder, 0ms);
  EXPECT_EQ(Reason(refused), "BUDGET_DOWN");
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  history_.down = false;
  history_.ages = {1s, 1s, 1s, 1s, 1s};
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "BUDGET_SPENT") << "it was rebuilt";
}

TEST_F(OrderBudgetTest, WithoutRedisNothingIsTaken) {
  storage::Redis nowhere{{.url = Secret{"redis://127.0.0.1:1/0"}}};
  RedisBudget budget{{.redis = nowhere, .history = history_, .account_id = account_}};
  EXPECT_EQ(Reason(budget.Take(Spend::kOrder, 10s)), "BUDGET_DOWN");
}

TEST_F(OrderBudgetTest, AWaitEndsWithTheService) {
  const auto budget = Make({{60s, 1, 0}});
  EXPECT_EQ(Reason(budget->Take(Spend::kOrder, 0ms)), "");
  std::string reason;
  std::thread waiting{[&] { reason = Reason(budget->Take(Spend::kOrder, 90s)); }};
  budget->Stop();
  waiting.join();
  EXPECT_EQ(reason, "BUDGET_DOWN");
}

TEST(BudgetLimitsTest, AreTheBrokersLessOneInTheSecondWithRoomForCancels) {
  const auto limits = LimitsOf({});
  ASSERT_EQ(limits.size(), 3U);
  const std::vector<BudgetLimit> expected{{1s, 9, 2}, {60s, 500, 25}, {1'800s, 2'000, 100}};
  for (std::size_t i = 0; i < limits.size(); ++i) {
    EXPECT_EQ(limits[i].window, expected[i].window);
    EXPECT_EQ(limits[i].most, expected[i].most);
    EXPECT_EQ(limits[i].for_cancels, expected[i].for_cancels);
  }
}

TEST(LedgerSpendingTest, TellsHowLongAgoLiveCallsWere) {
  ManualClock clock;
  MemoryLedger ledger;
  const std::int64_t now_ms = clock.UtcNs() / 1'000'000;
  const auto begin = [&](const std::string& id, Route route, std::int64_t at_ms) {
    Order order;
    order.request = BuyOneLot(id);
    order.tag = "tag-" + id;
    order.state = OrderState::kIntent;
    order.route = route;
    order.updated_ms = at_ms;
    order.version = 1;
    ASSERT_TRUE(ledger.Begin(order));
  };
  begin("old", Route::kLive, now_ms - 60'001);
  begin("new", Route::kLive, now_ms - 60'000);
  begin("paper", Route::kPaper, now_ms);
  LedgerSpending spending{ledger, clock, "main"};
  const auto ages = spending.Within(60s);
  ASSERT_TRUE(ages);
  EXPECT_EQ(*ages, std::vector<milliseconds>{60s});
  ledger.Break(1);
  EXPECT_EQ(spending.Within(60s).error().reason, "DATABASE_DOWN");
}

}  // namespace
}  // namespace sauda::orders
