// Trades, positions and profits over whole processes: on paper a fill is a trade at once, at the
// broker it is confirmed by one, and a kill of the orders service changes no figure.

#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/case_name.hpp"
#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kKey = "NSE_EQ|INE009A01021";

struct RouteCase {
  std::string name;
  std::string route;
};

class PortfolioTest : public testing::TestWithParam<RouteCase> {
 protected:
  PortfolioTest()
      : stack_{{.simulator = {"--always-open", "--rate", "50"},
                .environment = {{"SAUDA_ORDER_ROUTE", GetParam().route}}}} {
    stack_.StartAll();
    stack_.LogIn();
    (void)stack_.SyncInstruments();
  }

  json Ask(const std::string& method, const std::string& path, const json& body = {}) const {
    const auto answer = stack_.Ask(method, path, body.is_null() ? "" : body.dump());
    return json::parse(answer.body, nullptr, false);
  }
  json Get(const std::string& path) const { return Ask("GET", path); }
  json Place(const std::string& id, const char* side, int quantity) const {
    return Ask("POST", "/api/v1/orders",
               {{"client_order_id", id},
                {"instrument", kKey},
                {"side", side},
                {"quantity", quantity},
                {"type", "MARKET"},
                {"product", "INTRADAY"},
                {"validity", "DAY"}});
  }
  /// Placed, filled and confirmed by trades.
  void Trade(const std::string& id, const char* side, int quantity) const {
    ASSERT_TRUE(
        WaitUntil([&] { return Place(id, side, quantity).value("status", "") == "success"; }, 60s))
        << Place(id, side, quantity) << stack_.Log("orders");
    json order;
    EXPECT_TRUE(WaitUntil(
        [&] {
          order = Get("/api/v1/orders/" + id)["data"];
          return order.is_object() && order.value("confirmed", false) &&
                 order.value("state", "") == "FILLED";
        },
        60s))
        << order << stack_.Log("orders");
    EXPECT_EQ(order["filled_quantity"], quantity);
    EXPECT_EQ(order["traded_quantity"], quantity);
  }
  /// All that does not move with the market.
  json Figures() const {
    json figures;
    for (const json& position : Get("/api/v1/portfolio/positions").value("data", json::array())) {
      for (const char* field : {"instrument_key", "quantity", "average_price", "value", "buy_value",
                                "sell_value", "realised", "charges", "simulated"}) {
        figures["positions"][position.value("instrument_key", "")][field] = position[field];
      }
    }
    const json profit = Get("/api/v1/portfolio/profit")["data"];
    if (profit.is_object()) {
      for (const char* field : {"realised", "charges", "trades", "uncharged_trades",
                                "unbookable_trades", "market_date", "simulated"}) {
        figures["profit"][field] = profit[field];
      }
    }
    figures["trades"] = Get("/api/v1/portfolio/trades").value("data", json::array());
    return figures;
  }

  Stack stack_;
};

TEST_P(PortfolioTest, FiguresFollowTheTradesAndOutliveAKill) {
  Trade("bought", "BUY", 30);
  Trade("sold", "SELL", 10);
  const json before = Figures();
  const json& position = before["positions"][kKey];
  EXPECT_EQ(position["quantity"], 20) << before;
  EXPECT_EQ(position["simulated"], true);
  EXPECT_EQ(before["profit"]["simulated"], true);
  EXPECT_EQ(before["profit"]["uncharged_trades"], 0);
  EXPECT_EQ(before["profit"]["unbookable_trades"], 0);
  EXPECT_NE(before["profit"]["charges"], "0");
  std::int64_t units = 0;
  for (const json& trade : before["trades"]) {
    EXPECT_EQ(trade["simulated"], true);
    EXPECT_NE(trade["charges"], "");
    units += (trade["side"] == "BUY" ? 1 : -1) * trade["quantity"].get<std::int64_t>();
  }
  EXPECT_EQ(units, 20);
  EXPECT_EQ(stack_.postgres().Sql("sauda", "SELECT sum(quantity) FROM orders.trades"), "40");
  EXPECT_EQ(stack_.postgres().Sql("sauda",
                                  "SELECT count(*) FROM orders.orders "
                                  "WHERE filled_quantity <> traded_quantity"),
            "0");
  // The price is live, so that the profit is whole.
  EXPECT_TRUE(WaitUntil(
      [&] { return Get("/api/v1/portfolio/profit")["data"].value("net", "") != ""; }, 60s))
      << Get("/api/v1/portfolio/profit") << stack_.Log("orders");
  // The simulator's account owned shares before; on paper nothing is owned.
  const bool live = GetParam().route == "live";
  json holdings;
  EXPECT_TRUE(WaitUntil(
      [&] {
        holdings = Get("/api/v1/portfolio/holdings");
        return holdings.value("complete", false);
      },
      60s))
      << holdings << stack_.Log("orders");
  EXPECT_EQ(holdings["data"].empty(), !live) << holdings;
  if (live) {
    EXPECT_EQ(holdings["data"][0]["quantity"], 100) << holdings;
  }
  const json pnl = Get("/api/v1/portfolio/pnl?segment=EQ");
  ASSERT_EQ(pnl["data"].size(), 1U) << pnl;
  EXPECT_EQ(pnl["data"][0]["quantity"], 10);
  EXPECT_EQ(pnl["profit"], before["profit"]["realised"]);

  stack_.Kill("orders");
  stack_.Start("orders");
  json after;
  EXPECT_TRUE(WaitUntil(
      [&] {
        after = Figures();
        return after == before;
      },
      60s))
      << before << '\n'
      << after << stack_.Log("orders");
}

INSTANTIATE_TEST_SUITE_P(Routes, PortfolioTest,
                         testing::Values(RouteCase{"Paper", "paper"},
                                         RouteCase{"LiveAtTheSimulator", "live"}),
                         CaseName{});

}  // namespace
}  // namespace sauda::test
