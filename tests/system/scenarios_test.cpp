// Scenarios over whole processes, once on paper and once over the live route to the simulator:
// orders go in by REST, the market is a recording that the simulator serves step by step. After
// each step every order must stand as it does in the run without processes
// (tests/core/scenarios_test.cpp).

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/scenario.hpp"
#include "tests/scenarios/side.hpp"
#include "tests/support/small_master.hpp"
#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using nlohmann::json;
using scenarios::Scenario;
using scenarios::Step;

/// Those whose market is one share in an open session.
const std::vector<std::string> kNames{"fill-full",
                                      "fill-in-parts-across-levels",
                                      "fill-over-several-updates",
                                      "ioc",
                                      "modify-a-limit-into-a-stop",
                                      "modify-after-a-partial-fill",
                                      "modify-while-the-trigger-is-pending",
                                      "queue-by-price-and-time",
                                      "stop-gapped-through",
                                      "stop-market"};

/// A scenario with an instrument of its own, and the numbers of its messages in the recording.
struct Act {
  Scenario scenario;
  std::string key;
  std::int64_t first_volume = 0;
};

std::string Text(const Decimal& price) { return price.ToString(); }

json MessageOf(const Step& market, const std::string& key, std::int64_t volume) {
  json levels = json::array();
  for (std::size_t i = 0; i < std::max(market.bids.size(), market.asks.size()); ++i) {
    json level = json::object();
    if (i < market.bids.size()) {
      level["bidP"] = market.bids[i].price.ToDouble();
      level["bidQ"] = std::to_string(market.bids[i].quantity);
    }
    if (i < market.asks.size()) {
      level["askP"] = market.asks[i].price.ToDouble();
      level["askQ"] = std::to_string(market.asks[i].quantity);
    }
    levels.push_back(level);
  }
  constexpr auto kTime = "2025-12-15 09:30:00.000000";
  return {{"fullFeed",
           {{"marketFF",
             {{"ltpc",
               {{"ltp", market.last_price.ToDouble()},
                {"ltt", std::to_string(scenarios::kStartMs)},
                {"ltq", "1"},
                {"cp", 100.0}}},
              {"marketLevel", {{"bidAskQuote", levels}}},
              {"vtt", std::to_string(volume)}}}}},
          {"requestMode", "full_d5"},
          {"instrumentKey", key},
          {"_insertion_time", kTime}};
}

class ScenariosTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    json recording = json::array();
    std::int64_t volume = 0;
    for (const std::string& name : kNames) {
      auto scenario = scenarios::ReadScenario(SAUDA_SOURCE_DIR "/tests/scenarios/" + name + ".txt");
      ASSERT_TRUE(scenario) << scenario.error().message;
      Act act{
          .scenario = *scenario, .key = sim::ShareKey(acts_.size()), .first_volume = volume + 1};
      for (const Step& step : act.scenario.steps) {
        if (step.kind != Step::Kind::kMarket) continue;
        recording.push_back(MessageOf(step, act.key, ++volume));
      }
      acts_.push_back(std::move(act));
    }
    std::ofstream{folder_.path() + "/recording.json"} << recording;
    std::ofstream{folder_.path() + "/master.json"} << sim::ToJson(sim::ManyShares(kNames.size()));
    stack_ = std::make_unique<Stack>(
        Stack::Options{.simulator = {"--market", "replay", "--speed", "step", "--capture",
                                     folder_.path() + "/recording.json", "--instruments",
                                     folder_.path() + "/master.json"},
                       .environment = {{"SAUDA_ORDER_ROUTE", GetParam()}}});
    stack_->StartAll();
    stack_->LogIn();
    (void)stack_->SyncInstruments();
    json keys = json::array();
    for (const Act& act : acts_) keys.push_back(act.key);
    ASSERT_TRUE(WaitUntil([&] {
      return Ask("POST", "/api/v1/market/market-feed/connect", {{"symbols", keys}})
                 .value("status", "") == "success";
    })) << stack_->Log("feed");
  }

  json Ask(const std::string& method, const std::string& path, const json& body = {}) const {
    const auto answer = stack_->Ask(method, path, body.is_null() ? "" : body.dump());
    return json::parse(answer.body, nullptr, false);
  }

  /// The next message, and the feed has it.
  void StepTo(const std::string& key, std::int64_t volume) {
    ASSERT_TRUE(WaitUntil([&] { return stack_->Admin("POST", "/replay/step").status == 200; }));
    ASSERT_TRUE(WaitUntil([&] {
      const json ticks = Ask("GET", "/api/v1/websocket/latest-ticks");
      return ticks.contains("latest_ticks") && ticks["latest_ticks"].contains(key) &&
             ticks["latest_ticks"][key].value("volume", 0) == volume;
    })) << key
        << " " << volume << stack_->Log("sim") << stack_->Log("feed");
  }

  static std::string TypeOf(orders::OrderType type) {
    switch (type) {
      case orders::OrderType::kMarket:
        return "MARKET";
      case orders::OrderType::kLimit:
        return "LIMIT";
      case orders::OrderType::kStopLimit:
        return "STOP_LIMIT";
      default:
        return "STOP_MARKET";
    }
  }
  static json BodyOf(const orders::NewOrder& order, const std::string& id, const std::string& key) {
    json body{{"client_order_id", id},
              {"instrument", key},
              {"side", order.side == orders::Side::kBuy ? "BUY" : "SELL"},
              {"quantity", order.quantity},
              {"type", TypeOf(order.type)},
              {"product", "INTRADAY"},
              {"validity", order.validity == orders::Validity::kIoc ? "IOC" : "DAY"}};
    if (order.price) body["price"] = Text(*order.price);
    if (order.trigger) body["trigger_price"] = Text(*order.trigger);
    return body;
  }
  static json BodyOf(const orders::TermsChange& change) {
    json body = json::object();
    if (change.quantity) body["quantity"] = *change.quantity;
    if (change.price) body["price"] = Text(*change.price);
    if (change.trigger) body["trigger_price"] = Text(*change.trigger);
    if (change.type) body["type"] = TypeOf(*change.type);
    return body;
  }

  /// How an order stands, as one text.
  static std::string Standing(const orders::Order& order) {
    static const std::map<orders::OrderState, std::string> kWords{
        {orders::OrderState::kPending, "PENDING"},
        {orders::OrderState::kTriggerPending, "TRIGGER_PENDING"},
        {orders::OrderState::kOpen, "OPEN"},
        {orders::OrderState::kFilled, "FILLED"},
        {orders::OrderState::kCancelled, "CANCELLED"},
        {orders::OrderState::kRejected, "REJECTED"}};
    const std::string average = order.average_price ? Text(*order.average_price) : "";
    return kWords.at(order.state) + " " + std::to_string(order.filled_quantity) + " @" + average;
  }
  std::string StandingOf(const std::string& id) const {
    const json order = Ask("GET", "/api/v1/orders/" + id)["data"];
    if (!order.is_object()) return "none";
    return order.value("state", "") + " " + std::to_string(order.value("filled_quantity", 0)) +
           " @" + order.value("average_price", "");
  }

  void Play(const Act& act) {
    const auto model = scenarios::MakeSimulatorSide();
    std::vector<std::string> placed;
    std::int64_t volume = act.first_volume;
    for (const Step& step : act.scenario.steps) {
      const std::string id = act.scenario.name.substr(0, 20) + "-" + step.order;
      bool fine = true;
      switch (step.kind) {
        case Step::Kind::kMarket:
          model->Show(step);
          StepTo(act.key, volume++);
          break;
        case Step::Kind::kPlace:
          ASSERT_TRUE(model->Place(step.asked));
          fine = WaitUntil([&] {  // until the route takes orders
            return Ask("POST", "/api/v1/orders", BodyOf(step.asked, id, act.key))
                       .value("status", "") == "success";
          });
          placed.push_back(step.order);
          break;
        case Step::Kind::kModify:
          ASSERT_TRUE(model->Modify(step.order, step.change));
          fine = Ask("PUT", "/api/v1/orders/" + id, BodyOf(step.change)).value("status", "") ==
                 "success";
          break;
        case Step::Kind::kCancel:
          ASSERT_TRUE(model->Cancel(step.order));
          fine = Ask("DELETE", "/api/v1/orders/" + id).value("status", "") == "success";
          break;
        case Step::Kind::kAt:
        case Step::Kind::kSession:
          FAIL() << "a step that a recording cannot bring";
      }
      ASSERT_TRUE(fine) << act.scenario.name << " line " << step.line << stack_->Log("orders");
      for (const std::string& order : placed) {
        const std::string expected = Standing(*model->Find(order));
        const std::string order_id = act.scenario.name.substr(0, 20) + "-" + order;
        EXPECT_TRUE(WaitUntil([&] { return StandingOf(order_id) == expected; }))
            << act.scenario.name << " line " << step.line << ": " << order << " is "
            << StandingOf(order_id) << ", not " << expected << stack_->Log("orders");
      }
      if (HasFailure()) return;
    }
  }

  TempFolder folder_;
  std::vector<Act> acts_;
  std::unique_ptr<Stack> stack_;
};

TEST_P(ScenariosTest, StandAfterEachStepAsWithoutProcesses) {
  for (const Act& act : acts_) {
    Play(act);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Routes, ScenariosTest, testing::Values("paper", "live"),
                         [](const auto& route) { return route.param; });

}  // namespace
}  // namespace sauda::test
