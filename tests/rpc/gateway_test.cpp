// The gateway as a whole, in front of services that play a script.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "libs/http/client.hpp"
#include "services/gateway/src/app.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/gateway_fakes.hpp"
#include "tests/support/raw_socket.hpp"

namespace sauda::gateway {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Local(int port) { return "127.0.0.1:" + std::to_string(port); }

class GatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_server_.Start({.listen = Local(0)}, {&auth_}));
    ASSERT_TRUE(instruments_server_.Start({.listen = Local(0)}, {&instruments_}));
    ASSERT_TRUE(orders_server_.Start({.listen = Local(0)}, {&orders_}));
    StartFeed(0);
    Config config;
    config.listen = Local(0);
    config.metrics_listen = Local(0);
    config.auth_address = Local(auth_server_.port());
    config.instruments_address = Local(instruments_server_.port());
    config.orders_address = Local(orders_server_.port());
    config.feed_address = Local(feed_server_->port());
    config.heartbeat = std::chrono::milliseconds{200};
    app_ = std::make_unique<App>(config);
    ASSERT_TRUE(app_->Start());
    client_ = std::move(*http::Client::Make(
        {.allowed = {Local(app_->port())}, .breaker = {.failures = 1'000}}, clock_));
  }
  void TearDown() override {
    app_.reset();
    StopFeed();
  }
  void StartFeed(int port) {
    feed_ = std::make_unique<FakeFeed>();
    feed_server_ = std::make_unique<rpc::Server>();
    ASSERT_TRUE(feed_server_->Start({.listen = Local(port)}, {feed_.get()}));
  }
  void StopFeed() {
    if (!feed_server_) return;
    feed_->EndStreams();
    feed_server_->Stop();
    feed_server_.reset();
  }

  http::ClientResponse Ask(const std::string& method, const std::string& target,
                           const std::string& body = "", const http::Headers& more = {}) {
    http::ClientRequest request{
        .method = method, .url = "http://" + Local(app_->port()) + target, .body = body};
    if (!body.empty()) request.headers.Set("Content-Type", "application/json");
    for (const auto& [name, value] : more) request.headers.Set(name, value);
    auto answer = client_->Send(request, seconds{20});
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().error.message);
    return answer ? *answer : http::ClientResponse{};
  }
  json Get(const std::string& target) { return json::parse(Ask("GET", target).body); }
  std::unique_ptr<RawSocket> OpenStream(const std::string& query, const std::string& more = "") {
    auto socket = std::make_unique<RawSocket>(static_cast<std::uint16_t>(app_->port()));
    socket->Say("GET /api/v1/market/stream?" + query + " HTTP/1.1\r\nHost: localhost\r\n" + more +
                "\r\n");
    return socket;
  }
  json AllPrices() { return Get("/api/v1/market/market-feed/all/prices"); }

  const SystemClock clock_;
  FakeAuth auth_;
  FakeInstruments instruments_;
  FakeOrders orders_;
  std::unique_ptr<FakeFeed> feed_;
  rpc::Server auth_server_;
  rpc::Server instruments_server_;
  rpc::Server orders_server_;
  std::unique_ptr<rpc::Server> feed_server_;
  std::unique_ptr<App> app_;
  std::unique_ptr<http::Client> client_;
};

TEST_F(GatewayTest, LogsInThroughTheBrokersDialog) {
  const auto login = Ask("GET", "/api/v1/auth/login", "", {{"X-Request-Id", "mine-1"}});
  EXPECT_EQ(login.status, 302);
  EXPECT_EQ(login.headers.Get("Location"), "https://broker.example/dialog?state=s1");
  EXPECT_EQ(login.headers.Get("X-Request-Id"), "mine-1");
  EXPECT_EQ(auth_.request_id, "mine-1");
  for (const std::string path : {"/api/integrations/upstox/callback", "/api/v1/auth/callback"}) {
    const auto back = Ask("GET", path + "?code=c1&state=s1");
    EXPECT_GE(back.status, 302);
    EXPECT_LE(back.status, 303);
    EXPECT_EQ(back.headers.Get("Location"), "/");
    EXPECT_EQ(Ask("GET", path + "?code=c1&state=forged").status, 401);
  }
  const json status = Get("/api/v1/auth/status");
  EXPECT_EQ(status["data"]["state"], "logged_in");
  EXPECT_EQ(status["data"]["simulated"], true);
}

TEST_F(GatewayTest, KeysInPathsAreDecoded) {
  EXPECT_EQ(Get("/api/v1/instruments/NSE_EQ%7CINE%2F1")["data"]["instrument_key"], "NSE_EQ|INE/1");
  const auto unknown = Ask("GET", "/api/v1/instruments/NOPE");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(json::parse(unknown.body)["errors"][0]["message"], HasSubstr("NOPE"));
}

TEST_F(GatewayTest, PassesAnOrderOnWithItsExactPrice) {
  const auto placed =
      Ask("POST", "/api/v1/orders",
          R"({"client_order_id":"a-1","instrument":"NSE_EQ|X","side":"BUY","quantity":5,
              "type":"LIMIT","price":"1512.45","product":"INTRADAY","validity":"DAY",
              "tags":["t"]})");
  ASSERT_EQ(placed.status, 200) << placed.body;
  EXPECT_EQ(orders_.placed.price(), "1512.45");
  EXPECT_EQ(orders_.placed.side(), orders::v1alpha1::SIDE_BUY);
  EXPECT_EQ(orders_.placed.quantity(), 5);
  const json order = json::parse(placed.body)["data"];
  EXPECT_EQ(order["state"], "OPEN");
  EXPECT_EQ(order["simulated"], true);
  EXPECT_EQ(Ask("PUT", "/api/v1/orders/a-1", R"({"price":"10.05"})").status, 200);
  EXPECT_TRUE(orders_.modified.has_price());
  EXPECT_FALSE(orders_.modified.has_quantity());
  const auto cancelled = Ask("DELETE", "/api/v1/orders/gone");
  EXPECT_EQ(cancelled.status, 404);
  EXPECT_EQ(json::parse(cancelled.body)["errors"][0]["error_code"], "ORDER_UNKNOWN");
}

TEST_F(GatewayTest, StreamsTicksToABrowserAndServesThemAsPrices) {
  const auto browser = OpenStream("symbols=K%7C1");
  browser->HearUntil("event: status");
  feed_->Send("f1", "K|1", 1, 100.5);
  feed_->Send("f1", "K|2", 2, 50);
  feed_->Send("f1", "K|1", 3, 101.5);
  const std::string heard = browser->HearUntil("id: f1-3");
  EXPECT_THAT(heard, HasSubstr("\"ltp\":100.5"));
  EXPECT_THAT(heard, HasSubstr("\"simulated\":true"));
  EXPECT_THAT(heard, testing::Not(HasSubstr("K|2")));
  EXPECT_TRUE(Eventually([&] { return AllPrices()["count"] == 2; }));
  EXPECT_EQ(AllPrices()["data"]["K|1"]["ltp"], 101.5);
  EXPECT_EQ(AllPrices()["simulated"], true);
  EXPECT_TRUE(
      Eventually([&] { return Get("/api/v1/market/market-feed/options/prices")["count"] == 1; }));
  const json ticks = Get("/api/v1/websocket/latest-ticks");
  EXPECT_EQ(ticks["symbols_tracked"], 2);
  EXPECT_EQ(ticks["price_updates"], 3);
  EXPECT_EQ(ticks["latest_ticks"]["K|2"]["seq"], 2);
}

TEST_F(GatewayTest, AStreamResumesWithTheNewestValues) {
  feed_->Send("f1", "K|1", 1, 100);
  feed_->Send("f1", "K|2", 2, 50);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 2; }));
  const auto resumed = OpenStream("symbols=all", "Last-Event-ID: f1-1\r\n");
  EXPECT_THAT(resumed->HearUntil(": alive"), testing::Not(HasSubstr("id: f1-1\n")));
  const auto fresh = OpenStream("symbols=all", "Last-Event-ID: f0-9\r\n");
  EXPECT_THAT(fresh->HearUntil("id: f1-2"), HasSubstr("id: f1-1\n"));
}

TEST_F(GatewayTest, LivesThroughAFeedThatGoesAndComesBack) {
  feed_->Send("f1", "K|1", 7, 100);
  ASSERT_TRUE(Eventually([&] { return AllPrices()["count"] == 1; }));
  const auto browser = OpenStream("symbols=K%7C1");
  browser->HearUntil("id: f1-7");
  const int port = feed_server_->port();
  StopFeed();
  EXPECT_THAT(browser->HearUntil("\"stale\":true"), HasSubstr("FEED_DOWN"));
  EXPECT_TRUE(AllPrices()["stale"]);
  EXPECT_GT(AllPrices()["data"]["K|1"]["age_ms"], 0);
  EXPECT_EQ(Get("/api/v1/market/market-feed/status")["data"]["service_running"], false);
  EXPECT_EQ(Get("/api/v1/websocket/status")["is_running"], false);
  // A key that is known is still shown, and another cannot be had.
  EXPECT_THAT(OpenStream("symbols=K%7C1")->HearUntil("id: f1-7"), HasSubstr("\"stale\":true"));
  EXPECT_EQ(Ask("GET", "/api/v1/market/stream?symbols=K%7C3").status, 503);
  StartFeed(port);
  feed_->Send("f2", "K|1", 1, 102);
  EXPECT_THAT(browser->HearUntil("id: f2-1"), HasSubstr("id: f2-1"));
  EXPECT_TRUE(Eventually([&] { return !AllPrices()["stale"].get<bool>(); }));
}

TEST_F(GatewayTest, NamesWhatIsAway) {
  EXPECT_EQ(Ask("GET", "/healthz").status, 200);
  ASSERT_TRUE(Eventually([&] { return Ask("GET", "/readyz").status == 200; }));
  orders_server_.Stop();
  ASSERT_TRUE(Eventually([&] { return Ask("GET", "/readyz").status == 503; }));
  const json ready = Get("/readyz");
  EXPECT_EQ(ready["dependencies"]["orders"]["up"], false);
  EXPECT_EQ(ready["dependencies"]["auth"]["up"], true);
  EXPECT_EQ(Ask("GET", "/api/v1/orders").status, 503);
}

TEST_F(GatewayTest, ThePageMayLoadOnlyItself) {
  const auto page = Ask("GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(std::string{page.headers.Get("Content-Security-Policy")},
              HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.body, HasSubstr("<table"));
  EXPECT_EQ(Ask("GET", "/app.js").status, 200);
  EXPECT_EQ(Ask("GET", "/app.css").status, 200);
}

struct Case {
  std::string name;
  std::string method;
  std::string target;
  std::string body;
  http::Headers headers;
  int status;
  std::string reason;
};
class GatewayRefusalTest : public GatewayTest, public testing::WithParamInterface<Case> {};

TEST_P(GatewayRefusalTest, NamesWhatIsWrong) {
  const auto answer =
      Ask(GetParam().method, GetParam().target, GetParam().body, GetParam().headers);
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  const json body = json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(body.is_object()) << answer.body;
  EXPECT_EQ(body["status"], "error");
  EXPECT_EQ(body["errors"][0]["error_code"], GetParam().reason) << answer.body;
  EXPECT_EQ(body["request_id"], answer.headers.Get("X-Request-Id"));
}

constexpr const char* kConnect = "/api/v1/market/market-feed/connect";
constexpr const char* kStream = "/api/v1/market/stream";
INSTANTIATE_TEST_SUITE_P(
    Requests, GatewayRefusalTest,
    testing::Values(
        Case{"UnknownPath", "GET", "/api/v9", "", {}, 404, "PATH_UNKNOWN"},
        Case{"OtherMethod", "DELETE", kConnect, "", {}, 405, "METHOD_NOT_ALLOWED"},
        Case{"NoSymbols", "GET", kStream, "", {}, 400, "NO_INSTRUMENTS"},
        Case{"EmptySymbols",
             "GET",
             std::string{kStream} + "?symbols=,,",
             "",
             {},
             400,
             "NO_INSTRUMENTS"},
        Case{"UnknownSymbol",
             "GET",
             std::string{kStream} + "?symbols=K%7C1,NOPE",
             "",
             {},
             404,
             "INSTRUMENT_UNKNOWN"},
        Case{"NotUtf8", "GET", std::string{kStream} + "?symbols=%ff", "", {}, 400, "NOT_UTF8"},
        Case{"BodyNotJson", "POST", kConnect, "{", {}, 400, "JSON_MALFORMED"},
        Case{"BodyNotAnObject", "POST", kConnect, "[1]", {}, 400, "JSON_NOT_AN_OBJECT"},
        Case{"BodyOfAForm",
             "POST",
             kConnect,
             "a=b",
             {{"Content-Type", "application/x-www-form-urlencoded"}},
             400,
             "CONTENT_TYPE_WRONG"},
        Case{"UnknownMember", "POST", kConnect, R"({"symbol":["a"]})", {}, 400, "FIELD_UNKNOWN"},
        Case{"MemberOfAnotherType", "POST", kConnect, R"({"symbols":"a"})", {}, 400, "FIELD_WRONG"},
        Case{"UnknownMode", "POST", kConnect, R"({"mode":"everything"})", {}, 400, "MODE_UNKNOWN"},
        Case{"OrderWithAnUnknownSide",
             "POST",
             "/api/v1/orders",
             R"({"side":"HOLD"})",
             {},
             400,
             "FIELD_WRONG"},
        Case{"OrderWithHalfAUnit",
             "POST",
             "/api/v1/orders",
             R"({"quantity":1.5})",
             {},
             400,
             "FIELD_WRONG"},
        Case{"AnotherSitesPage",
             "POST",
             kConnect,
             "",
             {{"Origin", "https://evil.example"}},
             403,
             "ORIGIN_REFUSED"},
        Case{"CrossSite",
             "POST",
             kConnect,
             "",
             {{"Sec-Fetch-Site", "cross-site"}},
             403,
             "ORIGIN_REFUSED"}),
    CaseName{});

TEST_F(GatewayTest, ANameThatWasReboundIsRefused) {
  RawSocket socket{static_cast<std::uint16_t>(app_->port())};
  socket.Say("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(socket.HearAll(), HasSubstr("HOST_REFUSED"));
  RawSocket probe{static_cast<std::uint16_t>(app_->port())};
  probe.Say("GET /healthz HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(probe.HearAll(), HasSubstr("200 OK"));
}

}  // namespace
}  // namespace sauda::gateway
