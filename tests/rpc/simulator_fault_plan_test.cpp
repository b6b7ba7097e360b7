#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/case_name.hpp"
#include "tests/support/simulator.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;
using testing::UnorderedElementsAreArray;

constexpr const char* kAuthorize = "/v2/feed/portfolio-stream-feed/authorize";

class SimulatorFaultPlan : public SimulatorTest {
 protected:
  void SetUp() override {
    SimulatorTest::SetUp();  // makes the folder
    Config config;
    config.order_record = record_ = folder_ + "/orders.jsonl";
    Start(config);
    LogIn();
  }
  SimAnswer Plan(const json& plan) { return Admin("PUT", "/fault-plan", plan); }
  SimAnswer Place(const std::string& tag) {
    return Post("/v3/order/place", {{"quantity", 5},
                                    {"product", "I"},
                                    {"validity", "DAY"},
                                    {"price", 0},
                                    {"tag", tag},
                                    {"instrument_token", kReliance},
                                    {"order_type", "MARKET"},
                                    {"transaction_type", "BUY"},
                                    {"disclosed_quantity", 0},
                                    {"trigger_price", 0},
                                    {"is_amo", false}});
  }
  std::size_t InTheBook() { return Get("/v2/order/retrieve-all").json["data"].size(); }
  /// The lines of the record of one kind.
  std::vector<json> Lines(const std::string& what) const {
    std::vector<json> lines;
    std::ifstream file{record_};
    for (std::string line; std::getline(file, line);) {
      json one = json::parse(line);
      if (one["what"] == what) lines.push_back(std::move(one));
    }
    return lines;
  }
  std::string record_;
};

struct CallFault {
  std::string name;
  std::string kind;
  int status = 0;     // that the caller sees; 0: no answer
  bool done = false;  // whether the order is made
};
class SimulatorCallFault : public SimulatorFaultPlan,
                           public testing::WithParamInterface<CallFault> {};

TEST_P(SimulatorCallFault, MakesTheOrderOrNotAndTellsTheRecord) {
  const auto& [name, kind, status, done] = GetParam();
  ASSERT_EQ(Plan({{"orders", {{kind, 1.0}}}, {"least_delay_ms", 1}, {"most_delay_ms", 20}}).status,
            200);
  EXPECT_EQ(Place("one").status, status);
  EXPECT_EQ(InTheBook(), done ? 1U : 0U);
  const auto calls = Lines("call");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0]["fault"], kind);
  EXPECT_EQ(calls[0]["body"]["tag"], "one");
  EXPECT_EQ(Lines("done").size(), done ? 1U : 0U);
  EXPECT_EQ(Admin("DELETE", "/fault-plan").json["data"]["drawn"]["orders " + kind], 1);
  EXPECT_EQ(Place("two").status, 200);
}

INSTANTIATE_TEST_SUITE_P(All, SimulatorCallFault,
                         testing::Values(CallFault{"Status", "status", 500, false},
                                         CallFault{"StatusAfter", "status-after", 500, true},
                                         CallFault{"ResetBefore", "reset-before", 0, false},
                                         CallFault{"ResetAfter", "reset-after", 0, true},
                                         CallFault{"NoAnswer", "no-answer", 0, true},
                                         CallFault{"Slow", "slow", 200, true},
                                         CallFault{"Late", "late", 200, true}),
                         CaseName{});

TEST_F(SimulatorFaultPlan, RefusesWhatItCannotMakeOut) {
  const std::vector<json> bad{{{"orders", {{"flood", 0.1}}}},
                              {{"orders", {{"slow", "often"}}}},
                              {{"orders", {{"slow", 2}}}},
                              {{"portfolio", {{"stall", 0.1}}}},
                              {{"seed", -1}},
                              {{"status", 200}},
                              json::array()};
  for (const json& plan : bad) {
    const SimAnswer answer = Plan(plan);
    EXPECT_EQ(answer.status, 400) << plan;
    EXPECT_EQ(answer.code(), "SIM_FAULT_PLAN_INVALID") << plan;
  }
  EXPECT_TRUE(Admin("GET", "/fault-plan").json["data"].is_null());
  EXPECT_EQ(Send({.url = "/sim/admin/fault-plan"}).code(), "SIM_ADMIN_TOKEN");
}

TEST_F(SimulatorFaultPlan, ReadsAreSpoiltApartFromOrders) {
  ASSERT_EQ(Plan({{"rest", {{"status", 1.0}}}, {"status", 503}}).status, 200);
  EXPECT_EQ(Get("/v2/order/retrieve-all").status, 503);
  EXPECT_EQ(Place("one").status, 200);
}

TEST_F(SimulatorFaultPlan, TheStreamDoublesAndReordersButTheRecordDoesNot) {
  Inbox inbox;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
  ASSERT_EQ(Plan({{"seed", 3}, {"portfolio", {{"duplicate", 1.0}, {"reorder", 0.5}}}}).status, 200);
  ASSERT_EQ(Place("one").status, 200);
  const auto steps = Lines("step");
  ASSERT_GE(steps.size(), 4U);
  std::vector<std::string> sent, came, due;
  for (const json& step : steps) {
    sent.push_back(step["status"]);
    due.insert(due.end(), 2, step["status"]);
  }
  while (came.size() < due.size()) {
    const json update = json::parse(inbox.Next(), nullptr, false);
    ASSERT_TRUE(update.is_object());
    came.push_back(update["status"]);
  }
  EXPECT_THAT(came, UnorderedElementsAreArray(due));
  EXPECT_NE(came, due);
  EXPECT_EQ(sent.front(), "put order req received");
  EXPECT_EQ(sent.back(), "complete");
}

TEST_F(SimulatorFaultPlan, AStreamThatIsCutTellsNothingOfWhatItLost) {
  Inbox inbox;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
  ASSERT_EQ(Plan({{"portfolio", {{"lose", 1.0}, {"cut", 1.0}}}}).status, 200);
  ASSERT_EQ(Place("one").status, 200);
  EXPECT_NE(inbox.Closed(), 0);
  EXPECT_EQ(inbox.waiting(), 0U);
}

TEST_F(SimulatorFaultPlan, TheRecordHasEveryCallStepAndTrade) {
  const SimAnswer placed = Place("one");
  const std::string id = placed.json["data"]["order_ids"][0];
  EXPECT_EQ(Send({.method = "DELETE", .url = "/v3/order/cancel?order_id=" + id}).status, 400);
  const auto calls = Lines("call");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0]["method"], "POST");
  EXPECT_EQ(calls[1]["order_id"], id);
  const auto done = Lines("done");
  ASSERT_EQ(done.size(), 2U);
  EXPECT_EQ(done[0]["data"]["order_ids"], json::array({id}));
  EXPECT_EQ(done[1]["error_code"], "UDAPI100040");
  const json last = Lines("step").back();
  EXPECT_EQ(last["tag"], "one");
  EXPECT_EQ(last["filled"], 5);
  std::int64_t traded = 0;
  for (const json& trade : Lines("trade")) {
    EXPECT_EQ(trade["order_id"], id);
    traded += trade["quantity"].get<std::int64_t>();
  }
  EXPECT_EQ(traded, 5);
}

}  // namespace
}  // namespace sauda::sim
