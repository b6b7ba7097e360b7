// A paper process has no route to a broker: while it places, changes and cancels orders, the kernel
// shows no connection of its but to the database and to our own services on this machine. The same
// look at a live process finds its broker, so it would find one here.

#include <chrono>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/sockets.hpp"
#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kKey = "NSE_EQ|INE009A01021";

int PortOf(const std::string& address) { return std::stoi(address.substr(address.rfind(':') + 1)); }

class PaperSocketsTest : public testing::TestWithParam<std::string> {
 protected:
  PaperSocketsTest()
      : stack_{{.simulator = {"--always-open", "--rate", "50"},
                .environment = {{"SAUDA_ORDER_ROUTE", GetParam()}}}} {
    stack_.StartAll();
    stack_.LogIn();
    (void)stack_.SyncInstruments();
  }

  json Ask(const std::string& method, const std::string& path, const json& body = {}) const {
    const auto answer = stack_.Ask(method, path, body.is_null() ? "" : body.dump());
    return json::parse(answer.body, nullptr, false);
  }
  std::string Place(const std::string& id, json order) const {
    order.update({{"client_order_id", id},
                  {"instrument", kKey},
                  {"side", "BUY"},
                  {"quantity", 1},
                  {"product", "INTRADAY"},
                  {"validity", "DAY"}});
    const json placed = Ask("POST", "/api/v1/orders", order);
    return placed.value("status", "");
  }
  std::string StateOf(const std::string& id) const {
    return Ask("GET", "/api/v1/orders/" + id)["data"].value("state", "");
  }
  /// Adds what is open now; false when this test may not look.
  bool Look() {
    const auto now = ConnectionsOf(stack_.process("orders").pid());
    if (now) seen_.insert(now->begin(), now->end());
    return now.has_value();
  }
  /// Ports that a connection of the process leads to; those that others opened to it are not.
  std::set<int> LedTo() const {
    const std::set<int> own{PortOf(stack_.Address("orders")),
                            PortOf(stack_.MetricsAddress("orders"))};
    std::set<int> ports;
    for (const Peer& peer : seen_) {
      if (!own.contains(peer.local_port)) ports.insert(peer.remote_port);
    }
    return ports;
  }
  void Trade() {
    ASSERT_TRUE(WaitUntil([&] {
      return Look() && Place("market", {{"type", "MARKET"}}) == "success";
    })) << stack_.Log("orders");
    ASSERT_TRUE(WaitUntil([&] { return Look() && StateOf("market") == "FILLED"; }))
        << StateOf("market") << stack_.Log("orders");
    ASSERT_TRUE(WaitUntil([&] {
      return Place("rests", {{"type", "LIMIT"}, {"price", "1300"}}) == "success";
    })) << stack_.Log("orders");
    EXPECT_TRUE(Look());
    ASSERT_TRUE(WaitUntil([&] {
      return Ask("DELETE", "/api/v1/orders/rests").value("status", "") == "success";
    })) << stack_.Log("orders");
    EXPECT_TRUE(WaitUntil([&] { return Look() && StateOf("rests") == "CANCELLED"; }))
        << stack_.Log("orders");
  }

  Stack stack_;
  std::set<Peer> seen_;
};

TEST_P(PaperSocketsTest, LeadToTheBrokerOnTheLiveRouteAlone) {
  if (!Look()) GTEST_SKIP() << "the sockets of a process cannot be looked at here";
  Trade();
  const std::set<int> led_to = LedTo();
  for (const Peer& peer : seen_) EXPECT_TRUE(peer.loopback) << peer.text;
  const int broker = PortOf(stack_.Address("sim"));
  if (GetParam() == "live") {
    EXPECT_TRUE(led_to.contains(broker)) << testing::PrintToString(led_to);
    return;
  }
  std::set<int> known{stack_.postgres().port()};
  for (const char* service : {"instruments", "feed"}) known.insert(PortOf(stack_.Address(service)));
  EXPECT_EQ(led_to, known);
  EXPECT_FALSE(known.contains(broker));
}

INSTANTIATE_TEST_SUITE_P(Routes, PaperSocketsTest, testing::Values("paper", "live"),
                         [](const auto& route) { return route.param; });

}  // namespace
}  // namespace sauda::test
