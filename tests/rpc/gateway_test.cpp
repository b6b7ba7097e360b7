// The gateway as a whole, in front of services that play a script.

#include <gmock/gmock.h>

#include "services/gateway/src/rpc/routes.hpp"
#include "tests/rpc/gateway_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::gateway {
namespace {

using testing::HasSubstr;

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

TEST_F(GatewayTest, TellsWhenMarketsTrade) {
  const auto status = Get("/api/v1/market/status?exchange=NFO")["data"];
  EXPECT_EQ(status["exchanges"][0]["exchange"], "NFO");
  EXPECT_EQ(status["exchanges"][0]["phase"], "PRE_OPEN");
  EXPECT_EQ(status["exchanges"][0]["origin"], "BROKER");
  EXPECT_EQ(status["calendar"]["simulated"], true);
  const auto holidays = Get("/api/v1/market/holidays?year=2026");
  EXPECT_EQ(holidays["year"], 2026);
  EXPECT_EQ(holidays["data"][0]["description"], "Holi");
  EXPECT_EQ(holidays["data"][0]["closed_exchanges"][0], "NSE");
  EXPECT_EQ(holidays["data"][0]["open_exchanges"][0]["start_time"], 15);
  EXPECT_EQ(holidays["data"][0]["open_exchanges"][0]["end_time"], 60);
  EXPECT_EQ(Ask("GET", "/api/v1/market/holidays?year=soon").status, 400);
  const auto timings = Get("/api/v1/market/timings/2026-03-04");
  EXPECT_EQ(timings["date"], "2026-03-04");
  EXPECT_EQ(timings["data"][0]["sessions"][1]["pre_open_time"], 40);
  EXPECT_EQ(Get("/api/v1/market/timings")["date"], "today");
}

TEST_F(GatewayTest, InstrumentsHaveAHistoryExpiriesAndChains) {
  EXPECT_EQ(Get("/api/v1/instruments/NSE_EQ%7CINE%2F1?as_of=2026-09-01")["data"]["openalgo_symbol"],
            "AS OF 2026-09-01");
  const auto days = Get("/api/v1/instruments/NIFTY/expiries?segment=NSE_FO")["data"];
  EXPECT_EQ(days["segment"], "NSE_FO");
  EXPECT_EQ(days["expiries"][0]["date"], "2026-09-01");
  EXPECT_EQ(days["expiries"][0]["weekly"], true);
  EXPECT_EQ(days["expiries"][0]["options"], 4);
  const auto chain =
      Get("/api/v1/instruments/NIFTY/chain?expiry=2026-09-01&near_price=24900.5&strikes=7")["data"];
  EXPECT_EQ(chain["expiry"], "2026-09-01");
  EXPECT_EQ(chain["strikes"][0]["strike_price"], "24900.5");
  EXPECT_EQ(chain["strikes"][0]["put"]["instrument_key"], "NIFTY put 7");
  EXPECT_TRUE(chain["strikes"][0]["call"].is_null());
  EXPECT_EQ(Ask("GET", "/api/v1/instruments/NIFTY/chain?strikes=x").status, 400);
  const auto progress = Get("/api/v1/instruments/sync")["data"];
  EXPECT_EQ(progress["phase"], "READING");
  EXPECT_EQ(progress["percent"], 42);
  const auto syncs = Get("/api/v1/instruments/syncs?page_size=3");
  EXPECT_EQ(syncs["data"][0]["sync_id"], 3);
  EXPECT_EQ(syncs["data"][0]["state"], "FAILED");
  EXPECT_EQ(syncs["next_page_token"], "next");
  const auto changes = Get("/api/v1/instruments/changes?after=41&instrument_key=K")["data"];
  EXPECT_EQ(changes[0]["sequence"], 42);
  EXPECT_EQ(changes[0]["instrument_key"], "K");
  EXPECT_EQ(changes[0]["kind"], "LOT_SIZE");
  EXPECT_EQ(changes[0]["after"], "65");
  EXPECT_EQ(Ask("GET", "/api/v1/instruments/changes?after=x").status, 400);
}

TEST_F(GatewayTest, InstrumentsAreListedWithWhatTheBrokersListsSay) {
  const auto list =
      Get("/api/v1/instruments?kind=equity&segment=NSE_EQ&mtf=true&page_size=2&page_token=t");
  EXPECT_EQ(
      list["data"][0]["instrument_key"],
      R"(kind: INSTRUMENT_KIND_EQUITY segment: "NSE_EQ" page_size: 2 page_token: "t" mtf: true)");
  EXPECT_EQ(list["data"][0]["mtf"], true);
  EXPECT_EQ(list["data"][0]["mis_leverage"], "5");
  EXPECT_EQ(list["data"][0]["suspended"], false);
  EXPECT_EQ(list["total_size"], 9);
  EXPECT_EQ(Get("/api/v1/instruments?universe=fo&mis=true")["data"][0]["instrument_key"],
            "universe: UNIVERSE_FO mis: true");
  const auto suspended = Get("/api/v1/instruments/suspended?name=INE1&page_token=a");
  EXPECT_EQ(suspended["data"][0]["isin"], "INE1");
  EXPECT_EQ(suspended["data"][0]["simulated"], true);
  EXPECT_EQ(suspended["next_page_token"], "a+");
  const auto expired =
      Get("/api/v1/instruments/NSE_INDEX%7CNifty%2050/expired?kind=FUTURE&expiry=2026-09-01");
  EXPECT_EQ(
      expired["data"][0]["instrument_key"],
      R"(underlying: "NSE_INDEX|Nifty 50" expiry: "2026-09-01" kind: INSTRUMENT_KIND_FUTURE)");
  const auto status = Get("/api/v1/instruments/status")["data"];
  EXPECT_EQ(status["types"]["call"], 2);
  EXPECT_EQ(status["lists"]["mtf"]["rows"], 7);
  EXPECT_EQ(status["last_sync"]["warnings"][0]["code"], "NO_FNO_AFTER_SYNC");
  EXPECT_EQ(status["last_sync"]["lists"]["suspended"]["state"], "FAILED");
  for (const char* const wrong : {"?kind=share", "?kind=unspecified", "?mtf=yes", "?universe=all",
                                  "?page_size=x", "/suspended?page_size=x", "/A/expired?kind=-"}) {
    EXPECT_EQ(Ask("GET", std::string{"/api/v1/instruments"} + wrong).status, 400) << wrong;
  }
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

TEST_F(GatewayTest, ShowsTheTradesThatAreAskedFor) {
  const json trades = Get(
      "/api/v1/portfolio/trades?client_order_id=c%201&from=2025-12-01&to=2025-12-31&page_size=7&"
      "page_token=x");
  EXPECT_EQ(portfolio_.listed.client_order_id(), "c 1");
  EXPECT_EQ(portfolio_.listed.from_date(), "2025-12-01");
  EXPECT_EQ(portfolio_.listed.to_date(), "2025-12-31");
  EXPECT_EQ(portfolio_.listed.page_size(), 7);
  EXPECT_EQ(portfolio_.listed.page_token(), "x");
  EXPECT_EQ(trades["next_page_token"], "2025-12-15:7");
  const json& trade = trades["data"][0];
  EXPECT_EQ(trade["trade_id"], "t1");
  EXPECT_EQ(trade["side"], "SELL");
  EXPECT_EQ(trade["product"], "DELIVERY");
  EXPECT_EQ(trade["price"], "26000.05");
  EXPECT_EQ(trade["instrument_key"], "NSE_FO|53001");
  EXPECT_EQ(trade["route"], "PAPER");
  EXPECT_EQ(trade["simulated"], true);
  (void)Get("/api/v1/portfolio/trades?page_size=many");
  EXPECT_EQ(portfolio_.listed.page_size(), -1);  // which the service refuses
}

TEST_F(GatewayTest, ShowsPositionsHoldingsAndProfits) {
  const json positions = Get("/api/v1/portfolio/positions");
  EXPECT_EQ(positions["data"][0]["quantity"], -75);
  EXPECT_EQ(positions["data"][0]["product"], "INTRADAY");
  EXPECT_EQ(positions["data"][0]["realised"], "12.5");
  EXPECT_EQ(positions["market_date"], "2025-12-15");
  EXPECT_EQ(positions["simulated"], true);
  EXPECT_EQ(positions["data"][0]["simulated"], true);
  const json holdings = Get("/api/v1/portfolio/holdings");
  EXPECT_EQ(holdings["data"][0]["t1_quantity"], 2);
  EXPECT_EQ(holdings["invested"], "7000");
  EXPECT_EQ(holdings["data"][0]["simulated"], true);
  const json profit = Get("/api/v1/portfolio/profit")["data"];
  EXPECT_EQ(profit["realised"], "100.5");
  EXPECT_EQ(profit["net"], "");
  EXPECT_EQ(profit["unpriced"][0], "NSE_FO|53001");
  EXPECT_EQ(profit["uncharged_trades"], 1);
  EXPECT_EQ(profit["simulated"], true);
  const auto away = Ask("GET", "/api/v1/portfolio/profit?account=main");
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(json::parse(away.body)["errors"][0]["error_code"], "PORTFOLIO_NOT_READY");
}

TEST_F(GatewayTest, AsksForAReportInTheBrokersWords) {
  const json report = Get("/api/v1/portfolio/pnl?segment=FO&financial_year=2526&from=2025-12-01");
  EXPECT_EQ(portfolio_.reported.segment(), orders::v1alpha1::PNL_SEGMENT_DERIVATIVES);
  EXPECT_EQ(portfolio_.reported.financial_year(), "2526");
  EXPECT_EQ(portfolio_.reported.from_date(), "2025-12-01");
  EXPECT_EQ(report["data"][0]["profit"], "-40");
  EXPECT_EQ(report["net"], "-63.25");
  EXPECT_EQ(report["simulated"], true);
  const auto wrong = Ask("GET", "/api/v1/portfolio/pnl?segment=XX");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(json::parse(wrong.body)["errors"][0]["error_code"], "SEGMENT_UNKNOWN");
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

TEST(OnWorkersTest, TooManyRequestsGetTheEnvelopeOfAllRefusals) {
  http::Server server{{}};
  http::WorkerPool workers{{.threads = 1, .waiting = 0}};
  const Peers peers;
  Hub hub;
  prometheus::Registry registry;
  Metrics metrics{registry};
  telemetry::Dependencies dependencies{registry, "gateway", {}};
  KeyRing ring;
  const SystemClock clock;
  RateLimiter limiter{{}};
  const Guard guard{{.ring = ring,
                     .logins = limiter,
                     .callbacks = limiter,
                     .keys = limiter,
                     .metrics = metrics,
                     .clock = clock},
                    /*required=*/false};
  const Routes routes{server, guard};
  const Context context{.routes = routes,
                        .ring = ring,
                        .clock = clock,
                        .workers = workers,
                        .peers = peers,
                        .hub = hub,
                        .metrics = metrics,
                        .dependencies = dependencies};
  http::Response answer;
  Asked request;
  request.request_id = "r-1";
  OnWorkers(context, [](const auto&) { return http::Response{}; })(
      request, [&](http::Response given) { answer = std::move(given); });
  EXPECT_EQ(answer.status, 503);
  const json body = json::parse(answer.body);
  EXPECT_EQ(body["errors"][0]["error_code"], "BUSY");
  EXPECT_EQ(body["request_id"], "r-1");
  EXPECT_EQ(answer.headers.Get("Retry-After"), "1");
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
        Case{"UnknownType",
             "POST",
             kConnect,
             R"({"selection":{"type":"bonds"}})",
             {},
             400,
             "KIND_UNKNOWN"},
        Case{"UnknownUniverse",
             "POST",
             kConnect,
             R"({"selection":{"universe":"all"}})",
             {},
             400,
             "UNIVERSE_UNKNOWN"},
        Case{"UnknownMemberOfASelection",
             "POST",
             kConnect,
             R"({"selection":{"kind":"index"}})",
             {},
             400,
             "FIELD_UNKNOWN"},
        Case{"SelectionIsAList", "POST", kConnect, R"({"selection":[]})", {}, 400, "FIELD_WRONG"},
        Case{"NearNoPrice",
             "POST",
             kConnect,
             R"({"selection":{"underlying":"NIFTY","near_price":"x"}})",
             {},
             400,
             "FIELD_WRONG"},
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
             "ORIGIN_REFUSED"},
        Case{"StreamForAnotherSitesPage",
             "GET",
             std::string{kStream} + "?symbols=K%7C1",
             "",
             {{"Origin", "https://evil.example"}},
             403,
             "ORIGIN_REFUSED"},
        Case{"StreamAsAnotherSitesPicture",
             "GET",
             std::string{kStream} + "?symbols=K%7C1",
             "",
             {{"Sec-Fetch-Site", "cross-site"}},
             403,
             "ORIGIN_REFUSED"},
        Case{"StreamAsAPictureOfAnotherPort",
             "GET",
             std::string{kStream} + "?symbols=K%7C1",
             "",
             {{"Sec-Fetch-Site", "same-site"}},
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
