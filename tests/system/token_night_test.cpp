// A night without a login, by the simulator's clock: the token dies at 03:30 IST, and the next one
// comes at 03:31, at 08:00, or never. What the feed, the orders and the alerts do meanwhile.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHalfPastThreeMs = 1'784'066'400'000;  // 2026-07-15 03:30 IST, a Wednesday
constexpr std::int64_t kEightMs = kHalfPastThreeMs + 270 * kMinuteMs;
constexpr std::int64_t kNineMs = kEightMs + 60 * kMinuteMs;

/// The whole system before the night's end, logged in, subscribed, orders going to the simulator.
class TokenNightTest : public testing::Test {
 protected:
  /// Nights that take minutes are for `./sauda test long`.
  static bool AtFullLength() { return std::getenv("SAUDA_TEST_FULL_LENGTH") != nullptr; }
  static constexpr auto kTooLong = "takes minutes: SAUDA_TEST_FULL_LENGTH, as `./sauda test long`";

  void Begin(std::int64_t start_ms, const std::string& speed) {
    stack_ = std::make_unique<Stack>(Stack::Options{
        .simulator = {"--start-ms", std::to_string(start_ms), "--speed", speed, "--rate", "50"},
        .environment = {{"SAUDA_ORDER_ROUTE", "live"}}});
    stack_->StartAll();
    stack_->LogIn();
  }
  void Subscribe() {
    (void)stack_->SyncInstruments();
    const auto asked = stack_->Ask("POST", "/api/v1/market/market-feed/connect",
                                   R"({"symbols":["NSE_INDEX|Nifty 50","INFY"]})");
    ASSERT_EQ(asked.status, 200) << asked.body;
    ASSERT_TRUE(WaitUntil([&] { return Sessions() == 1; })) << stack_->Log("feed");
  }
  json Admin() const { return json::parse(stack_->Admin("GET", "/status").body)["data"]; }
  std::int64_t MarketMs() const { return Admin()["clock"]["market_ms"]; }
  std::size_t Sessions() const { return Admin()["feed_sessions"].size(); }
  bool Reach(std::int64_t market_ms) const {
    return WaitUntil([&] { return MarketMs() >= market_ms; }, 120s);
  }
  std::string State() const {
    return json::parse(stack_->Get("/api/v1/auth/status").body)["data"]["state"];
  }
  /// A new access token, as a person brings it.
  void BringToken() const {
    const auto issued = stack_->Admin("POST", "/tokens", "{}");
    const std::string token = json::parse(issued.body)["data"]["access_token"];
    const auto taken =
        stack_->Ask("POST", "/api/v1/auth/token", json{{"access_token", token}}.dump());
    EXPECT_EQ(taken.status, 200) << taken.body;
  }
  /// What became of an order: the whole answer's text.
  std::string Order(const std::string& id) const {
    return stack_
        ->Ask("POST", "/api/v1/orders",
              json{{"client_order_id", id},
                   {"instrument", "NSE_EQ|INE009A01021"},
                   {"side", "BUY"},
                   {"quantity", 1},
                   {"type", "LIMIT"},
                   {"price", "1500"},
                   {"product", "INTRADAY"},
                   {"validity", "DAY"}}
                  .dump())
        .body;
  }
  std::string FeedStatus() const { return stack_->Get("/api/v1/market/market-feed/status").body; }
  double Metric(const std::string& name) const {
    const auto page = RunCommand(
        {.arguments = {"curl", "-s", "http://" + stack_->MetricsAddress("auth") + "/metrics"}});
    const auto at = page.output.find("\n" + name + "{");
    if (at == std::string::npos) return -2;
    return std::stod(page.output.substr(page.output.find("} ", at) + 2));
  }
  /// How often the log of auth has told of a step of the ladder.
  std::ptrdiff_t Told(const std::string& what) const {
    const std::string log = stack_->Log("auth");
    std::ptrdiff_t times = 0;
    for (auto at = log.find(what); at != std::string::npos; at = log.find(what, at + 1)) ++times;
    return times;
  }
  std::string Gaps() { return stack_->postgres().Sql("sauda", "SELECT count(*) FROM feed.gaps"); }

  std::unique_ptr<Stack> stack_;
};

TEST_F(TokenNightTest, ANewTokenAMinuteLaterCostsNothing) {
  Begin(kHalfPastThreeMs - 30 * kMinuteMs, "30");
  Subscribe();
  const std::string gaps = Gaps();
  ASSERT_LT(MarketMs(), kHalfPastThreeMs) << "the machine is too slow for this test";
  ASSERT_TRUE(Reach(kHalfPastThreeMs));
  EXPECT_TRUE(WaitUntil([&] { return State() == "expired"; })) << "never handed out again";
  EXPECT_EQ(Sessions(), 1U) << "an open connection outlives its token";
  ASSERT_TRUE(Reach(kHalfPastThreeMs + kMinuteMs));
  const json before = Admin()["feed_sessions"][0]["id"];
  BringToken();
  EXPECT_EQ(State(), "logged_in");
  EXPECT_TRUE(WaitUntil(
      [&] {
        const json sessions = Admin()["feed_sessions"];
        return sessions.size() == 1 && sessions[0]["id"] != before;
      },
      30s))
      << "another connection, under the new token" << stack_->Log("feed");
  EXPECT_EQ(Gaps(), gaps) << "handed over without a gap";
  EXPECT_TRUE(WaitUntil([&] { return Metric("sauda_auth_token_due_seconds") > 86'400; }))
      << "the day's markets are covered";
  EXPECT_EQ(Told("access token"), 0) << stack_->Log("auth");
}

TEST_F(TokenNightTest, ATokenAtEightComesAfterOneReminder) {
  if (!AtFullLength()) GTEST_SKIP() << kTooLong;
  Begin(kHalfPastThreeMs - 180 * kMinuteMs, "240");
  ASSERT_LT(MarketMs(), kHalfPastThreeMs) << "the machine is too slow for this test";
  ASSERT_TRUE(Reach(kHalfPastThreeMs));
  EXPECT_TRUE(WaitUntil([&] { return State() == "expired"; }));
  ASSERT_TRUE(Reach(kHalfPastThreeMs + 120 * kMinuteMs));
  EXPECT_EQ(Told("access token"), 0) << "nobody is woken at night";
  EXPECT_GT(Metric("sauda_auth_token_due_seconds"), 3'600);
  ASSERT_TRUE(Reach(kEightMs));
  EXPECT_TRUE(WaitUntil([&] { return Told("within=60m") == 1; })) << stack_->Log("auth");
  BringToken();
  EXPECT_TRUE(WaitUntil([&] { return Metric("sauda_auth_token_due_seconds") > 3'600; }));
  EXPECT_EQ(Told("while a market is open"), 0);
}

TEST_F(TokenNightTest, WithoutATokenTheFeedWaitsOrdersAreRefusedAndAlertsClimb) {
  if (!AtFullLength()) GTEST_SKIP() << kTooLong;
  Begin(kHalfPastThreeMs - 240 * kMinuteMs, "240");
  Subscribe();
  ASSERT_LT(MarketMs(), kHalfPastThreeMs) << "the machine is too slow for this test";
  ASSERT_TRUE(Reach(kHalfPastThreeMs));
  EXPECT_TRUE(WaitUntil([&] { return State() == "expired"; }));
  ASSERT_TRUE(Reach(kEightMs));
  (void)stack_->Admin("POST", "/faults", R"({"target": "feed", "kind": "drop"})");
  (void)stack_->Admin("POST", "/faults", R"({"target": "portfolio", "kind": "drop"})");
  EXPECT_TRUE(WaitUntil([&] {
    return FeedStatus().find("WAITING_FOR_TOKEN") != std::string::npos;
  })) << FeedStatus();
  EXPECT_EQ(Sessions(), 0U) << "nobody knocks without a token";
  ASSERT_TRUE(Reach(kNineMs + kMinuteMs));
  EXPECT_TRUE(WaitUntil([&] { return Told("while a market is open") == 1; }))
      << stack_->Log("auth");
  for (const char* step : {"within=60m", "within=15m", "within=5m"}) {
    EXPECT_EQ(Told(step), 1) << step << stack_->Log("auth");
  }
  EXPECT_EQ(Metric("sauda_auth_token_due_seconds"), 0);
  EXPECT_EQ(Metric("sauda_auth_token_life_seconds"), 0);
  const std::string refused = Order("night-1");
  EXPECT_NE(refused.find("TOKEN_MISSING"), std::string::npos) << refused;
  EXPECT_NE(stack_->Get("/api/v1/account/profile").body.find("TOKEN_EXPIRED"), std::string::npos);
  BringToken();
  EXPECT_TRUE(WaitUntil([&] { return Sessions() == 1; }, 30s)) << FeedStatus();
  EXPECT_TRUE(WaitUntil([&] { return Gaps() != "0"; }, 30s)) << "what was missed is a gap";
  EXPECT_TRUE(WaitUntil(
      [&, tried = 0]() mutable {
        const std::string placed = Order("day-" + std::to_string(++tried));
        return placed.find("\"success\"") != std::string::npos &&
               placed.find("TOKEN_MISSING") == std::string::npos;
      },
      60s))
      << stack_->Log("orders");
}

}  // namespace
}  // namespace sauda::test
