// The kill switch drilled over whole processes: with every store away it stops orders, cancels what
// is open at the broker, and is still on after a kill and a restart.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kKey = "NSE_EQ|INE009A01021";

class KillSwitchTest : public testing::Test {
 protected:
  KillSwitchTest()
      : stack_{{.simulator = {"--always-open", "--rate", "50"},
                .environment = {{"SAUDA_ORDER_ROUTE", "live"}}}} {
    stack_.StartAll();
    stack_.LogIn();
    (void)stack_.SyncInstruments();
    token_ = json::parse(stack_.Admin("POST", "/tokens", "{}").body)["data"]["access_token"];
  }

  json Ask(const std::string& method, const std::string& path, const json& body = {}) const {
    const auto answer = stack_.Ask(method, path, body.is_null() ? "" : body.dump());
    return json::parse(answer.body, nullptr, false);
  }
  /// A call of the broker's own, as its app makes it.
  json Broker(const std::string& path) const {
    const auto called = RunCommand(
        {.arguments = {"curl", "-s", "--cacert", stack_.CaFile(), "-H",
                       "Authorization: Bearer " + token_, stack_.SimulatorUrl() + path}});
    return json::parse(called.output, nullptr, false);
  }
  std::int64_t OpenAtTheBroker() const {
    const json book = Broker("/v2/order/retrieve-all");
    const auto& rows = book.value("data", json::array());
    return std::count_if(rows.begin(), rows.end(),
                         [](const json& row) { return row["status"] == "open"; });
  }
  double LastPrice() const {
    (void)Ask("POST", "/api/v1/market/market-feed/connect", {{"symbols", {kKey}}});
    double last = 0;
    EXPECT_TRUE(WaitUntil([&] {
      const json prices = Ask("GET", "/api/v1/market/market-feed/all/prices");
      if (!prices.contains("data") || !prices["data"].contains(kKey)) return false;
      last = prices["data"][kKey].value("ltp", 0.0);
      return last > 0;
    })) << stack_.Log("feed");
    return last;
  }
  /// A buy far below the market: it rests.
  json Place(const std::string& id, int rupees) const {
    return Ask("POST", "/api/v1/orders",
               {{"client_order_id", id},
                {"instrument", kKey},
                {"side", "BUY"},
                {"quantity", 1},
                {"type", "LIMIT"},
                {"price", std::to_string(rupees)},
                {"product", "INTRADAY"},
                {"validity", "DAY"}});
  }
  static std::string ReasonOf(const json& answer) {
    return answer.contains("errors") ? answer["errors"][0].value("error_code", "") : "";
  }
  json Kill() const { return Ask("GET", "/api/v1/kill")["data"]; }
  bool AllCancelled() const {
    const json status = Kill();
    return status.is_object() && status.value("all_cancelled", false);
  }

  Stack stack_;
  std::string token_;
};

TEST_F(KillSwitchTest, StopsAndCancelsWithEveryStoreAwayAndOutlivesAKill) {
  const int price = static_cast<int>(LastPrice() * 0.9);
  ASSERT_TRUE(WaitUntil([&] { return Place("first", price).value("status", "") == "success"; }))
      << stack_.Log("orders");
  for (const char* id : {"second", "third"}) {
    ASSERT_EQ(ReasonOf(Place(id, price)), "") << stack_.Log("orders");
  }
  ASSERT_TRUE(WaitUntil([&] { return OpenAtTheBroker() == 3; }))
      << Broker("/v2/order/retrieve-all");

  stack_.postgres().Kill();
  stack_.redis().Kill();
  const json pulled = Ask("POST", "/api/v1/kill", {{"reason", "drill"}});
  ASSERT_TRUE(pulled["data"].value("halted", false)) << pulled;
  EXPECT_EQ(ReasonOf(Place("late", price)), "KILL_SWITCH_ON");
  EXPECT_TRUE(WaitUntil([&] { return AllCancelled(); }, 30s)) << Kill() << stack_.Log("orders");
  EXPECT_EQ(OpenAtTheBroker(), 0);

  stack_.Kill("orders");
  stack_.Start("orders");
  EXPECT_TRUE(WaitUntil([&] { return Kill().is_object(); }, 30s)) << stack_.Log("orders");
  EXPECT_TRUE(Kill().value("halted", false)) << "a restart without any store";
  EXPECT_EQ(Kill()["reason"], "drill");
  EXPECT_EQ(ReasonOf(Place("later", price)), "KILL_SWITCH_ON");

  stack_.postgres().Start();
  stack_.redis().Start();
  const auto state_of = [&](const char* id) {
    return Ask("GET", std::string{"/api/v1/orders/"} + id)["data"].value("state", "");
  };
  for (const char* id : {"first", "second", "third"}) {
    EXPECT_TRUE(WaitUntil([&] { return state_of(id) == "CANCELLED"; }, 60s))
        << id << " " << state_of(id) << stack_.Log("orders");
  }
  const auto begun = Ask("POST", "/api/v1/kill/rearm", json::object());
  const std::string code = begun["data"].value("code", "");
  ASSERT_FALSE(code.empty()) << begun;
  EXPECT_EQ(ReasonOf(Place("between", price)), "KILL_SWITCH_ON") << "one step is not enough";
  const auto rearmed = Ask("POST", "/api/v1/kill/rearm", {{"code", code}});
  EXPECT_FALSE(rearmed["data"].value("halted", true)) << rearmed;
  EXPECT_TRUE(WaitUntil([&] { return Place("after", price).value("status", "") == "success"; }))
      << stack_.Log("orders");
}

}  // namespace
}  // namespace sauda::test
