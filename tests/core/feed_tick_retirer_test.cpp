#include <atomic>
#include <mutex>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/tick_retirer.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

/// Has days to retire until a test says otherwise. Thread-safe.
class ScriptedRetirement final : public TickRetirement {
 public:
  explicit ScriptedRetirement(std::vector<std::string> days) : days_{std::move(days)} {}
  Result<std::optional<std::string>> RetireOldest(std::int64_t before_ns) override {
    const std::lock_guard lock{mutex_};
    ++calls_;
    before_ns_ = before_ns;
    if (failing_) return Error{Code::kAborted, "CONFLICT", "somebody reads"};
    if (days_.empty()) return std::optional<std::string>{};
    std::optional<std::string> day{days_.front()};
    days_.erase(days_.begin());
    return day;
  }
  void Fail(bool failing) {
    const std::lock_guard lock{mutex_};
    failing_ = failing;
  }
  int calls() const {
    const std::lock_guard lock{mutex_};
    return calls_;
  }
  std::int64_t before_ns() const {
    const std::lock_guard lock{mutex_};
    return before_ns_;
  }

 private:
  mutable std::mutex mutex_;  // guards the rest
  std::vector<std::string> days_;
  bool failing_ = false;
  int calls_ = 0;
  std::int64_t before_ns_ = 0;
};

class TickRetirerTest : public testing::Test {
 protected:
  TickRetirer::Events Events() {
    return {.on_retired = [this](const std::string& day) { retired_.push_back(day); },
            .on_failure = [this](const Error&) { ++failures_; }};
  }
  ManualClock clock_;
  std::vector<std::string> retired_;  // the retirer's thread's; read it when that has stopped
  std::atomic<int> failures_{0};
};

TEST_F(TickRetirerTest, OneDayAfterTheOtherUntilNoneIsLeft) {
  ScriptedRetirement retirement{{"a", "b"}};
  TickRetirer retirer{retirement, clock_, {.keep_days = 3}, Events()};
  ASSERT_TRUE(Eventually([&] { return retirement.calls() == 3; }));
  retirer.Stop();
  EXPECT_THAT(retired_, ElementsAre("a", "b"));
  EXPECT_EQ(retirement.before_ns(), clock_.UtcNs() - 3 * 86'400'000'000'000);
}

TEST_F(TickRetirerTest, AFailureEndsTheRoundAndTheNextTriesAgain) {
  ScriptedRetirement retirement{{"a"}};
  retirement.Fail(true);
  TickRetirer retirer{retirement, clock_, {.every = 1ms}, Events()};
  ASSERT_TRUE(Eventually([&] { return failures_ >= 2; }));
  retirement.Fail(false);
  const int calls = retirement.calls();
  ASSERT_TRUE(Eventually([&] { return retirement.calls() > calls + 2; }));
  retirer.Stop();
  EXPECT_THAT(retired_, ElementsAre("a"));
}

TEST_F(TickRetirerTest, AFailureWaitsForTheNextRound) {
  ScriptedRetirement retirement{{"a"}};
  retirement.Fail(true);
  const TickRetirer retirer{retirement, clock_, {.every = 24h}, Events()};
  ASSERT_TRUE(Eventually([&] { return failures_ == 1; }));
  EXPECT_FALSE(Eventually([&] { return retirement.calls() > 1; }, 50ms));
}

}  // namespace
}  // namespace sauda::feed
