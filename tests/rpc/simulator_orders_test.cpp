#include <gmock/gmock.h>

#include "simulator/src/rest/order_body.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/simulator.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;
using testing::ElementsAre;

constexpr const char* kAuthorize = "/v2/feed/portfolio-stream-feed/authorize";

json Order(const std::string& tag) {
  return {{"quantity", 5},
          {"product", "I"},
          {"validity", "DAY"},
          {"price", 0},
          {"tag", tag},
          {"instrument_token", "NSE_EQ|INE002A01018"},
          {"order_type", "MARKET"},
          {"transaction_type", "BUY"},
          {"disclosed_quantity", 0},
          {"trigger_price", 0},
          {"is_amo", false}};
}

class SimulatorOrderCalls : public SimulatorTest {
 protected:
  void SetUp() override {
    SimulatorTest::SetUp();
    LogIn();
  }

  /// Ten per cent below the market, in whole rupees: it rests.
  json Resting(const std::string& tag) {
    json order = Order(tag);
    const double last = Get("/v3/market-quote/ltp?instrument_key=NSE_EQ%7CINE002A01018")
                            .json["data"]["NSE_EQ:RELIANCE"]["last_price"];
    order["order_type"] = "LIMIT";
    order["price"] = static_cast<int>(last * 0.9);
    return order;
  }
  std::string Place(const json& order) {
    const SimAnswer answer = Post("/v3/order/place", order);
    EXPECT_EQ(answer.status, 200) << answer.text;
    EXPECT_TRUE(answer.json["metadata"].contains("latency"));
    return answer.json["data"]["order_ids"][0];
  }
  SimAnswer Modify(const json& body) {
    return Send({.method = "PUT", .url = "/v3/order/modify", .body = body.dump()});
  }
  SimAnswer Cancel(const std::string& id) {
    return Send({.method = "DELETE", .url = "/v3/order/cancel?order_id=" + id});
  }
  /// Statuses of the next order updates, until one of them.
  static std::vector<std::string> Statuses(Inbox& inbox, const std::string& last) {
    std::vector<std::string> statuses;
    while (statuses.empty() || statuses.back() != last) {
      const json update = json::parse(inbox.Next(), nullptr, false);
      if (!update.is_object()) break;
      if (update["update_type"] == "order") statuses.push_back(update["status"]);
    }
    return statuses;
  }
};

TEST_F(SimulatorOrderCalls, StreamTellsEveryStatusOfAnOrdersWay) {
  Inbox inbox;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
  const json order = Resting("way");
  const std::string id = Place(order);
  EXPECT_THAT(Statuses(inbox, "open"),
              ElementsAre("put order req received", "validation pending", "open pending", "open"));
  const json change = {{"order_id", id},     {"order_type", "LIMIT"}, {"price", order["price"]},
                       {"trigger_price", 0}, {"validity", "DAY"},     {"quantity", 4}};
  EXPECT_EQ(Modify(change).json["data"]["order_id"], id);
  EXPECT_THAT(Statuses(inbox, "open"),
              ElementsAre("modify pending", "modify validation pending", "modified", "open"));
  EXPECT_EQ(Cancel(id).json["data"]["order_id"], id);
  EXPECT_THAT(Statuses(inbox, "cancelled"), ElementsAre("cancel pending", "cancelled"));

  const SimAnswer details = Get("/v2/order/details?order_id=" + id);
  EXPECT_EQ(details.json["data"]["trading_symbol"], "RELIANCE");
  EXPECT_EQ(details.json["data"]["status"], "cancelled");
  EXPECT_EQ(details.json["data"]["quantity"], 4);
  EXPECT_EQ(details.json["data"]["tag"], "way");
  const SimAnswer history = Get("/v2/order/history?order_id=" + id);
  EXPECT_EQ(history.json["data"].size(), 10U);
  EXPECT_FALSE(history.json["data"][0].contains("guid"));
}

TEST_F(SimulatorOrderCalls, FillsMakeTradesPositionsAndTheirUpdates) {
  Inbox inbox;
  ASSERT_TRUE(
      Open(AuthorizedAddress(std::string{kAuthorize} + "?update_types=order%2Cposition"), inbox));
  const std::string id = Place(Order("fill"));
  json update = json::object();
  while (update.value("update_type", "") != "position") {
    update = json::parse(inbox.Next(), nullptr, false);
    ASSERT_TRUE(update.is_object());
  }
  EXPECT_EQ(update["exchange"], "NSE_EQ");
  const SimAnswer trades = Get("/v2/order/trades?order_id=" + id);
  ASSERT_FALSE(trades.json["data"].empty());
  EXPECT_EQ(trades.json["data"], Get("/v2/order/trades/get-trades-for-day").json["data"]);
  const SimAnswer positions = Get("/v2/portfolio/short-term-positions");
  EXPECT_EQ(positions.json["data"][0]["quantity"], 5);
  EXPECT_EQ(positions.json["data"][0]["exchange"], "NSE");
  EXPECT_GT(Get("/v2/user/get-funds-and-margin").json["data"]["equity"]["used_margin"], 0);
  EXPECT_EQ(Get("/v2/order/retrieve-all").json["data"][0]["status"], "complete");
  EXPECT_EQ(Get("/v2/portfolio/long-term-holdings").json["data"].size(), 2U);
}

TEST_F(SimulatorOrderCalls, StreamOpensDirectlyAndSendsOnlyWhatWasAskedFor) {
  Inbox inbox;
  ASSERT_TRUE(Open(Wss("/v2/feed/portfolio-stream-feed?update_types=position"), inbox));
  Place(Order("x"));
  EXPECT_EQ(json::parse(inbox.Next())["update_type"], "position");
  EXPECT_EQ(Get(std::string{kAuthorize} + "?update_types=order,moon").code(), "UDAPI100036");
}

TEST_F(SimulatorOrderCalls, StreamTakesFaultsAsTheFeedDoes) {
  Fault({{"target", "portfolio"}, {"kind", "garbage"}, {"count", 2}});
  Inbox inbox;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
  EXPECT_TRUE(json::parse(inbox.Next(), nullptr, false).is_discarded());
  EXPECT_TRUE(json::parse(inbox.Next(), nullptr, false).is_discarded());
  EXPECT_TRUE(Admin("GET", "/faults").json["data"].empty());
  Fault({{"target", "portfolio"}, {"kind", "truncated"}});
  EXPECT_TRUE(json::parse(inbox.Next(), nullptr, false).is_discarded());

  Fault({{"target", "portfolio"}, {"kind", "stall"}});
  const std::string unheard = Place(Resting("unheard"));
  Admin("DELETE", "/faults");
  const std::string heard = Place(Resting("heard"));
  const json first = json::parse(inbox.Next());
  EXPECT_EQ(first["order_id"], heard) << "those of the stall are lost";
  EXPECT_EQ(first["trading_symbol"], "RELIANCE-EQ") << "the stream names the series";

  Fault({{"target", "portfolio"}, {"kind", "half-open"}});
  EXPECT_EQ(Cancel(unheard).status, 200);
  Admin("DELETE", "/faults");
  EXPECT_THAT(Statuses(inbox, "open").back(), "open");
  EXPECT_EQ(Cancel(heard).status, 200);
  EXPECT_EQ(json::parse(inbox.Next())["order_id"], heard) << "nor are those kept";

  Fault({{"target", "portfolio"}, {"kind", "drop"}, {"count", 2}});
  EXPECT_EQ(inbox.Closed(), 1006);
  Inbox second;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), second));
  EXPECT_EQ(second.Closed(), 1006) << "the rest of the drop";
  Inbox third;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), third));
  EXPECT_TRUE(Admin("GET", "/faults").json["data"].empty());
}

TEST_F(SimulatorOrderCalls, LostAnswerLeavesTheOrderInTheBookWithItsTag) {
  Fault({{"target", "orders"}, {"kind", "reset-after"}});
  EXPECT_EQ(Post("/v3/order/place", Order("lost")).status, 0);
  const SimAnswer history = Get("/v2/order/history?tag=lost");
  ASSERT_FALSE(history.json["data"].empty());
  EXPECT_EQ(history.json["data"].back()["status"], "complete");
  Fault({{"target", "orders"}, {"kind", "reset-before"}});
  EXPECT_EQ(Post("/v3/order/place", Order("never")).status, 0);
  EXPECT_TRUE(Get("/v2/order/history?tag=never").json["data"].empty());
}

TEST_F(SimulatorOrderCalls, VersionTwoHasItsOwnShapes) {
  const SimAnswer placed = Post("/v2/order/place", Resting("v2"));
  const std::string id = placed.json["data"]["order_id"];
  EXPECT_FALSE(placed.json.contains("metadata"));
  const SimAnswer cancelled = Send({.method = "DELETE", .url = "/v2/order/cancel?order_id=" + id});
  EXPECT_EQ(cancelled.json["data"]["order_id"], id);
  EXPECT_FALSE(cancelled.json.contains("metadata"));
}

TEST_F(SimulatorOrderCalls, OrderCallsShareOneLimit) {
  Config config;
  config.order_per_minute = 2;  // a second may pass on a busy machine
  Start(config);
  EXPECT_EQ(Cancel("1").status, 400);
  EXPECT_EQ(Cancel("1").status, 400);
  EXPECT_EQ(Post("/v3/order/place", Order("x")).status, 429);
  EXPECT_TRUE(Get("/v2/order/retrieve-all").json["data"].empty());
}

TEST_F(SimulatorOrderCalls, IdsDoNotComeBackAfterARestart) {
  const std::string first = Place(Order("a"));
  // Numbers begin with the time, in steps of 10 ms: no process starts in less, but this one does.
  const auto placed = std::chrono::system_clock::now();
  ASSERT_TRUE(Eventually(
      [&] { return std::chrono::system_clock::now() - placed > std::chrono::milliseconds{30}; }));
  Start({});
  EXPECT_TRUE(Get("/v2/order/retrieve-all").json["data"].empty());
  EXPECT_GT(std::stoull(Place(Order("b"))), std::stoull(first));
}

struct Case {
  std::string name;
  std::string body;
  std::string code;
  std::string property;
};

class PlaceBodyTest : public SimulatorOrderCalls, public testing::WithParamInterface<Case> {};

TEST_P(PlaceBodyTest, IsRefusedAndNothingIsPlaced) {
  const SimAnswer answer =
      Send({.method = "POST", .url = "/v3/order/place", .body = GetParam().body});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.code(), GetParam().code);
  const json property = answer.json["errors"][0]["property_path"];
  EXPECT_EQ(property.is_null() ? "" : property, GetParam().property);
  EXPECT_TRUE(Get("/v2/order/retrieve-all").json["data"].empty());
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, PlaceBodyTest,
    testing::Values(Case{"Empty", "", "UDAPI100036", ""},
                    Case{"Broken", R"({"quantity":1)", "UDAPI100036", ""},
                    Case{"Array", "[]", "UDAPI100036", ""},
                    Case{"Nothing", "{}", "UDAPI1026", "instrument_token"},
                    Case{"QuantityIsText", R"({"quantity":"5"})", "UDAPI100036", "quantity"},
                    Case{"QuantityIsBroken", R"({"quantity":1.5})", "UDAPI100036", "quantity"},
                    Case{"QuantityIsHuge", R"({"quantity":1e300})", "UDAPI100036", "quantity"},
                    Case{"QuantityIsHugeTheOtherWay", R"({"quantity":-1e300})", "UDAPI100036",
                         "quantity"},
                    Case{"QuantityIsJustTooMuch", R"({"quantity":9000000000000001})", "UDAPI100036",
                         "quantity"},
                    Case{"QuantityIsTheMost", R"({"quantity":9000000000000000})", "UDAPI1026",
                         "instrument_token"},
                    Case{"QuantityIsAList", R"({"quantity":[1]})", "UDAPI100036", "quantity"},
                    Case{"PriceIsText", R"({"price":"5"})", "UDAPI100036", "price"},
                    Case{"PriceIsTooFine", R"({"price":0.00000000001})", "UDAPI100036", "price"},
                    Case{"TypeIsNumber", R"({"order_type":1})", "UDAPI100036", "order_type"},
                    Case{"SliceIsText", R"({"slice":"yes"})", "UDAPI100036", "slice"}),
    CaseName{});

TEST(OrderBodyTest, HoweverDeepIsReadWithoutRecursion) {
  constexpr std::size_t kDepth = 500'000;  // brackets of almost as much as a body may hold
  const std::string deep = std::string(kDepth, '[') + std::string(kDepth, ']');
  const auto member = ReadPlace(R"({"quantity":)" + deep + "}");
  ASSERT_FALSE(member);
  EXPECT_EQ(member.error().property, "quantity");
  EXPECT_FALSE(member.error().invalid_value) << "a list is not echoed";
  EXPECT_FALSE(ReadPlace(deep));
  EXPECT_TRUE(ReadPlace(R"({"more":)" + deep + "}")) << "a member that nobody reads";
}

TEST_F(SimulatorOrderCalls, QueriesSayWhatIsMissing) {
  EXPECT_EQ(Get("/v2/order/details").code(), "UDAPI1023");
  EXPECT_EQ(Get("/v2/order/details?order_id=1").code(), "UDAPI100010");
  EXPECT_EQ(Get("/v2/order/history").code(), "UDAPI100059");
  EXPECT_EQ(Get("/v2/order/trades").code(), "UDAPI1023");
  EXPECT_EQ(Get("/v2/order/trades?order_id=1").code(), "UDAPI100010");
  EXPECT_EQ(Cancel("").code(), "UDAPI1003");
  EXPECT_EQ(Modify({{"order_id", "1"}}).code(), "UDAPI100010");
}

}  // namespace
}  // namespace sauda::sim
