#include <atomic>
#include <map>
#include <mutex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "libs/http/server.hpp"
#include "libs/upstox/feed_socket.hpp"
#include "libs/upstox/order_writer.hpp"
#include "libs/upstox/rest_client.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/test_certificates.hpp"

namespace sauda::upstox {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kMarketMs = 1'765'771'200'000;

/// A broker that answers what a test tells it to, over TLS, and remembers what it was asked.
class UpstoxTest : public testing::Test {
 protected:
  void SetUp() override {
    http::ServerOptions options;
    options.tls = http::ServerTls{.certificate_pem = certificates_.certificate_pem,
                                  .key_pem = certificates_.key_pem};
    options.filter = [this](const http::Request& request) -> std::optional<http::Response> {
      if (request.path == "/feed" || request.path == "/v3/feed/market-data-feed") return {};
      const std::lock_guard lock{mutex_};
      asked_ = request;
      const auto found = answers_.find(request.method + " " + request.path);
      return found == answers_.end() ? http::Response::Text(404, "") : found->second;
    };
    options.decorate = [](const http::Request&, http::Response& response) {
      response.headers.Set("X-Sauda-Market-Time", std::to_string(kMarketMs));
      response.headers.Set("X-Sauda-Market-Speed", "0");
      response.headers.Set("X-Sauda-Simulated", "1");
    };
    server_ = std::make_unique<http::Server>(std::move(options));
    server_->RouteWebSocket("/feed", [this](const http::Request& request, const auto& upgrade) {
      if (request.Query("code") != "good") {
        return upgrade->Refuse(http::Response::Text(403, "stale"));
      }
      Accept(request, *upgrade);
    });
    server_->RouteWebSocket("/v3/feed/market-data-feed",
                            [this](const http::Request& request, const auto& upgrade) {
                              if (request.headers.Get("Authorization") != "Bearer token-1") {
                                return upgrade->Refuse(http::Response::Text(401, ""));
                              }
                              upgrade->Refuse(http::Response::Redirect(FeedUrl("good")));
                            });
    ASSERT_TRUE(server_->Start());
    endpoints_ = *Endpoints::At(server_->url());
    client_ = std::move(*http::Client::Make(
        {.ca = {.pem = certificates_.ca_pem}, .allowed = endpoints_.ToWrite()}, clock_));
    rest_ = std::make_unique<RestClient>(*client_, endpoints_, observer_, seconds{5});
    writer_ = std::make_unique<OrderWriter>(*client_, endpoints_, observer_, milliseconds{500});
  }

  void Accept(const http::Request& request, http::Upgrade& upgrade) {
    http::WebSocketEvents events;
    events.on_message = [this](std::string_view bytes, http::FrameKind kind) {
      const std::lock_guard lock{mutex_};
      frames_.emplace_back((kind == http::FrameKind::kBinary ? "b" : "t") + std::string{bytes});
    };
    const std::lock_guard lock{mutex_};
    upgraded_ = request;
    side_ = upgrade.Accept({}, {}, std::move(events));
  }
  std::string FeedUrl(const std::string& code) const {
    return "wss://127.0.0.1:" + std::to_string(server_->port()) + "/feed?code=" + code;
  }
  void Answer(const std::string& what, int status, const std::string& body) {
    const std::lock_guard lock{mutex_};
    answers_[what] = http::Response::Json(status, body);
  }
  http::Request Asked() {
    const std::lock_guard lock{mutex_};
    return asked_;
  }
  std::unique_ptr<FeedSocket> MakeSocket() {
    auto made =
        FeedSocket::Make({.ca = {.pem = certificates_.ca_pem}}, endpoints_, observer_, clock_);
    EXPECT_TRUE(made);
    return std::move(*made);
  }

  const TestCertificates certificates_ = TestCertificates::Make();
  SystemClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kBroker};
  BrokerObserver observer_{market_};
  std::mutex mutex_;
  std::map<std::string, http::Response> answers_;  // guarded by mutex_; by "METHOD /path"
  http::Request asked_;                            // guarded by mutex_
  http::Request upgraded_;                         // guarded by mutex_
  std::vector<std::string> frames_;                // guarded by mutex_
  std::shared_ptr<http::WebSocket> side_;          // guarded by mutex_
  std::unique_ptr<http::Server> server_;
  Endpoints endpoints_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<RestClient> rest_;
  std::unique_ptr<OrderWriter> writer_;
  const Secret token_{"token-1"};
};

TEST_F(UpstoxTest, ExchangesACode) {
  Answer("POST /v2/login/authorization/token", 200,
         R"({"email":"a@b","exchanges":["NSE","NFO"],"products":["I","D"],"broker":"UPSTOX",
             "user_id":"AB1234","user_name":"A B","order_types":["LIMIT"],"user_type":"individual",
             "poa":false,"ddpi":true,"is_active":true,"access_token":"tok","extended_token":null})");
  const auto token = rest_->ExchangeCode({.code = Secret{"mk 404"},
                                          .client_id = "id",
                                          .client_secret = Secret{"s&cret"},
                                          .redirect_uri = "http://127.0.0.1/cb"});
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->access_token.Reveal(), "tok");
  EXPECT_TRUE(token->extended_token.empty());
  EXPECT_EQ(token->profile.user_id, "AB1234");
  EXPECT_TRUE(token->profile.ddpi);
  const auto form = Asked().Form();
  EXPECT_EQ(form.find("code")->second, "mk 404");
  EXPECT_EQ(form.find("client_secret")->second, "s&cret");
  EXPECT_EQ(form.find("grant_type")->second, "authorization_code");
  EXPECT_FALSE(Asked().headers.Has("Authorization"));
}

TEST_F(UpstoxTest, ObservesTheMarketClockAndTheMark) {
  EXPECT_FALSE(observer_.simulated());
  Answer("DELETE /v2/logout", 200, R"({"status":"success","data":true})");
  ASSERT_TRUE(rest_->Logout(token_));
  EXPECT_TRUE(observer_.simulated());
  EXPECT_EQ(market_.NowMs(), kMarketMs);  // speed 0: it stands
}

TEST(BrokerObserverTest, TakesTheDateOfARealBroker) {
  const SystemClock clock;
  MarketClock market{clock, MarketClock::Source::kBroker};
  BrokerObserver observer{market};
  observer.Observe({{"Date", "Mon, 15 Dec 2025 04:00:00 GMT"}});
  EXPECT_FALSE(observer.simulated());
  EXPECT_NEAR(static_cast<double>(market.NowMs()), static_cast<double>(kMarketMs + 500), 5'000.0);
}

TEST_F(UpstoxTest, ReadsProfileAndFunds) {
  Answer("GET /v2/user/profile", 200, R"({"status":"success","data":{"userId":"X1"}})");
  EXPECT_EQ(rest_->GetProfile(token_)->user_id, "X1");
  EXPECT_EQ(Asked().headers.Get("Authorization"), "Bearer token-1");
  Answer("GET /v2/user/get-funds-and-margin", 200,
         R"({"status":"success","data":{"equity":{"available_margin":1000,"used_margin":0.05},
             "commodity":null}})");
  const auto funds = rest_->GetFunds(token_);
  ASSERT_TRUE(funds);
  EXPECT_EQ(funds->equity.available, Decimal::FromUnits(1'000));
  EXPECT_EQ(funds->equity.used.ToString(), "0.05");
}

TEST_F(UpstoxTest, ReadsEveryFigureOfTheNewerFunds) {
  Answer("GET /v3/user/get-funds-and-margin", 200,
         R"({"status":"success","data":{"b":{"total":12.5,"loss":{"realised":-0.05,"none":null}},
             "a":{"total":1e3}}})");
  const auto figures = rest_->GetFundsFigures(token_);
  ASSERT_TRUE(figures) << figures.error().message;
  std::string all;
  for (const auto& each : *figures) all += each.path + "=" + each.amount.ToString() + " ";
  EXPECT_EQ(all, "a.total=1000 b.loss.realised=-0.05 b.total=12.5 ");
  Answer("GET /v3/user/get-funds-and-margin", 200,
         R"({"status":"success","data":{"a":{"total":"much"}}})");
  EXPECT_EQ(rest_->GetFundsFigures(token_).error().reason, "BROKER_ANSWER_MALFORMED");
}

TEST_F(UpstoxTest, ReadsAddressesAndKillSwitch) {
  Answer("GET /v2/user/ip", 200,
         R"({"status":"success","data":{"primary_ip":"203.0.113.7","secondary_ip":null,
             "primary_ip_updated_at":"2026-04-01 10:00:00"}})");
  const auto ip = rest_->GetStaticIp(token_);
  ASSERT_TRUE(ip) << ip.error().message;
  EXPECT_EQ(ip->primary, "203.0.113.7");
  EXPECT_EQ(ip->secondary, "");
  EXPECT_EQ(ip->primary_updated_at, "2026-04-01 10:00:00");
  Answer("GET /v2/user/kill-switch", 200,
         R"({"status":"success","data":[{"segment":"NSE_FO","segment_status":"ACTIVE",
             "kill_switch_enabled":true}]})");
  const auto segments = rest_->GetKillSwitch(token_);
  ASSERT_TRUE(segments) << segments.error().message;
  ASSERT_EQ(segments->size(), 1U);
  EXPECT_EQ(segments->front().segment, "NSE_FO");
  EXPECT_TRUE(segments->front().killed);
}

TEST_F(UpstoxTest, ReadsHolidaysAndTimingsWithoutAToken) {
  Answer("GET /v2/market/holidays", 200,
         R"({"status":"success","data":[{"date":"2026-03-03","description":"Holi",
             "holiday_type":"TRADING_HOLIDAY","closed_exchanges":["NSE","NFO"],
             "open_exchanges":[{"exchange":"MCX","start_time":1772537400000,
             "end_time":1772562300000}]},{"date":"2026-04-01","description":"Settlement",
             "holiday_type":"SETTLEMENT_HOLIDAY","open_exchanges":null}]})");
  const auto holidays = rest_->GetMarketHolidays();
  ASSERT_TRUE(holidays) << holidays.error().message;
  EXPECT_FALSE(Asked().headers.Has("Authorization"));
  ASSERT_EQ(holidays->size(), 2U);
  EXPECT_EQ(holidays->front().date, "2026-03-03");
  EXPECT_EQ(holidays->front().closed_exchanges, (std::vector<std::string>{"NSE", "NFO"}));
  ASSERT_EQ(holidays->front().open_exchanges.size(), 1U);
  EXPECT_EQ(holidays->front().open_exchanges.front().exchange, "MCX");
  EXPECT_EQ(holidays->front().open_exchanges.front().start_ms, 1'772'537'400'000);
  EXPECT_TRUE(holidays->back().open_exchanges.empty());
  Answer("GET /v2/market/timings/2026-03-04", 200,
         R"({"status":"success","data":[{"exchange":"NSE","start_time":1772595900000,
             "end_time":1772618400000}]})");
  const auto timings = rest_->GetMarketTimings("2026-03-04");
  ASSERT_TRUE(timings) << timings.error().message;
  EXPECT_EQ(timings->front().end_ms, 1'772'618'400'000);
  for (const char* const wrong :
       {R"([{"description":"no date"}])", R"([{"date":[]}])", R"(["Holi"])",
        R"([{"date":"2026-03-03","open_exchanges":{}}])",
        R"([{"date":"2026-03-03","open_exchanges":[{"exchange":"MCX","start_time":"soon"}]}])"}) {
    Answer("GET /v2/market/holidays", 200,
           R"({"status":"success","data":)" + std::string{wrong} + "}");
    const auto told = rest_->GetMarketHolidays();
    ASSERT_FALSE(told) << wrong;
    EXPECT_EQ(told.error().reason, "BROKER_ANSWER_MALFORMED") << wrong;
  }
}

TEST_F(UpstoxTest, AsksForConsentUnderTheAppsKey) {
  Answer("POST /v3/login/auth/token/request/my key", 200,
         R"({"status":"success","data":{"authorization_expiry":"1765836000000",
             "notifier_url":"https://me.example/n"}})");
  const auto asked = rest_->RequestToken("my key", Secret{"s\"cret"});
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(asked->expires_ms, 1'765'836'000'000);
  EXPECT_EQ(asked->notifier_url, "https://me.example/n");
  EXPECT_EQ(Asked().body, R"({"client_secret":"s\"cret"})");
  EXPECT_FALSE(Asked().headers.Has("Authorization"));
  Answer("POST /v3/login/auth/token/request/my key", 401,
         R"({"status":"error","errors":[{"error_code":"UDAPI100073","message":"x"}]})");
  EXPECT_EQ(BrokerCodeOf(rest_->RequestToken("my key", Secret{"s"}).error()), "UDAPI100073");
  EXPECT_EQ(BrokerCodeOf({Code::kUnavailable, "TIMEOUT", "no answer"}), "");
}

TEST_F(UpstoxTest, AuthorizesFeedsInEitherSpelling) {
  Answer("GET /v3/feed/market-data-feed/authorize", 200,
         R"({"status":"success","data":{"authorizedRedirectUri":"wss://x/y"}})");
  EXPECT_EQ(rest_->AuthorizeMarketFeed(token_)->Reveal(), "wss://x/y");
  Answer("GET /v2/feed/portfolio-stream-feed/authorize", 200,
         R"({"status":"success","data":{"authorized_redirect_uri":"wss://p/q"}})");
  EXPECT_EQ(rest_->AuthorizePortfolioStream(token_, "order,position")->Reveal(), "wss://p/q");
  EXPECT_EQ(Asked().target,
            "/v2/feed/portfolio-stream-feed/authorize?update_types=order%2Cposition");
}

TEST_F(UpstoxTest, ReadsTheHoldings) {
  Answer("GET /v2/portfolio/long-term-holdings", 200, R"({"status":"success","data":[
    {"isin":"INE528G01035","cnc_used_quantity":2,"collateral_type":"WC","product":"D",
     "quantity":36,"tradingsymbol":"YESBANK","last_price":17.05,"instrument_token":
     "NSE_EQ|INE528G01035","average_price":18.75,"t1_quantity":4,"exchange":"NSE"},
    {"instrument_key":"NSE_EQ|INE036A01016","product":"MTF","quantity":1,"average_price":null}]})");
  const auto holdings = rest_->GetHoldings(token_);
  ASSERT_TRUE(holdings) << holdings.error().message;
  ASSERT_EQ(holdings->size(), 2U);
  const HoldingRow& row = holdings->front();
  EXPECT_EQ(row.instrument_key, "NSE_EQ|INE528G01035");
  EXPECT_EQ(row.trading_symbol, "YESBANK");
  EXPECT_EQ(row.product, "D");
  EXPECT_EQ(row.quantity, 36);
  EXPECT_EQ(row.t1_quantity, 4);
  EXPECT_EQ(row.cnc_used_quantity, 2);
  EXPECT_EQ(row.average_price, *Decimal::Parse("18.75"));
  EXPECT_EQ(holdings->back().instrument_key, "NSE_EQ|INE036A01016");
  Answer("GET /v2/portfolio/long-term-holdings", 200, R"({"status":"success","data":[{}]})");
  EXPECT_EQ(rest_->GetHoldings(token_).error().reason, "BROKER_ANSWER_MALFORMED");
}

TEST_F(UpstoxTest, ReadsTheOrderBook) {
  Answer("GET /v2/order/retrieve-all", 200,
         R"({"status":"success","data":[{"order_id":"250121112521183","status":"open","price":1901,
             "average_price":1904.1,"quantity":10.0,"filled_quantity":0,"tag":null,
             "instrument_token":"NSE_EQ|X","tradingsymbol":"X","is_amo":false,
             "order_timestamp":"2025-01-21 11:25:21"}]})");
  const auto book = rest_->GetOrderBook(token_);
  ASSERT_TRUE(book) << book.error().message;
  ASSERT_EQ(book->size(), 1U);
  EXPECT_EQ(book->front().price.ToString(), "1901");
  EXPECT_EQ(book->front().average_price.ToString(), "1904.1");
  EXPECT_EQ(book->front().quantity, 10);
  EXPECT_EQ(book->front().trading_symbol, "X");
  EXPECT_EQ(ParseIstMs(book->front().order_timestamp), 1'737'438'921'000);
  Answer("GET /v2/order/history", 200, R"({"status":"success","data":[]})");
  EXPECT_TRUE(rest_->GetOrderHistoryByTag(token_, "a b")->empty());
  EXPECT_EQ(Asked().target, "/v2/order/history?tag=a%20b");
}

TEST_F(UpstoxTest, AnAverageOfManyDecimalsIsRoundedAndAPriceIsNot) {
  const auto book_with = [&](const char* price, const char* average) {
    Answer("GET /v2/order/retrieve-all", 200,
           std::string{R"({"status":"success","data":[{"order_id":"1","status":"open","price":)"} +
               price + R"(,"average_price":)" + average + "}]}");
    return rest_->GetOrderBook(token_);
  };
  for (const char* average : {"100.08333333333333", "\"100.08333333333333\""}) {
    const auto book = book_with("100.05", average);
    ASSERT_TRUE(book) << book.error().message;
    EXPECT_EQ(book->front().average_price.ToString(), "100.083333333");
  }
  EXPECT_EQ(book_with("100.08333333333333", "100").error().reason, "BROKER_ANSWER_MALFORMED");
}

TEST_F(UpstoxTest, AStatusOfAnotherKindIsMalformed) {
  for (const char* status : {"1.5", "true", "{}", "[]", "null"}) {
    const std::string body =
        std::string{R"({"status":)"} + status + R"(,"data":{"order_ids":["1"]}})";
    Answer("GET /v2/order/retrieve-all", 200, body);
    EXPECT_EQ(rest_->GetOrderBook(token_).error().reason, "BROKER_ANSWER_MALFORMED") << status;
    Answer("POST /v3/order/place", 200, body);
    const auto placed = writer_->Place(token_, {});
    ASSERT_FALSE(placed) << status;
    EXPECT_TRUE(placed.error().maybe_done) << status;
  }
}

struct ErrorCase {
  std::string name;
  int status;
  std::string body;
  Code code;
  std::string reason;
};
class UpstoxErrorTest : public UpstoxTest, public testing::WithParamInterface<ErrorCase> {};

TEST_P(UpstoxErrorTest, BecomesACodeAndAReason) {
  Answer("GET /v2/user/profile", GetParam().status, GetParam().body);
  const auto profile = rest_->GetProfile(token_);
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().reason, GetParam().reason);
  EXPECT_EQ(profile.error().code, GetParam().code);
}
constexpr const char* kEnvelope =
    R"({"status":"error","errors":[{"errorCode":"UDAPI100050","message":"Invalid token"}]})";
INSTANTIATE_TEST_SUITE_P(
    Answers, UpstoxErrorTest,
    testing::Values(
        ErrorCase{"Token", 401, kEnvelope, Code::kUnauthenticated, "TOKEN_REJECTED"},
        ErrorCase{"Limited", 429, "", Code::kResourceExhausted, "RATE_LIMITED"},
        ErrorCase{"Down", 500, "<html>", Code::kUnavailable, "BROKER_UNAVAILABLE"},
        ErrorCase{"Window", 423, R"({"status":"error","errors":[{"error_code":"UDAPI100072"}]})",
                  Code::kFailedPrecondition, "BROKER_UDAPI100072"},
        ErrorCase{"Input", 400, kEnvelope, Code::kInvalidArgument, "BROKER_UDAPI100050"},
        ErrorCase{"Forbidden", 403, "", Code::kPermissionDenied, "BROKER_REFUSED"},
        ErrorCase{"OddCode", 400, R"({"errors":[{"error_code":"a b\r\n"}]})",
                  Code::kInvalidArgument, "BROKER_REFUSED"},
        ErrorCase{"NotJson", 200, "hello", Code::kUnavailable, "BROKER_ANSWER_MALFORMED"},
        ErrorCase{"NoData", 200, R"({"status":"success"})", Code::kUnavailable,
                  "BROKER_ANSWER_MALFORMED"},
        ErrorCase{"WrongType", 200, R"({"status":"success","data":{"user_id":{}}})",
                  Code::kUnavailable, "BROKER_ANSWER_MALFORMED"}),
    CaseName{});

TEST_F(UpstoxTest, PlacesModifiesAndCancelsWithExactPrices) {
  Answer("POST /v3/order/place", 200,
         R"({"status":"success","data":{"order_ids":["1","2"]},"metadata":{"latency":12}})");
  const auto placed = writer_->Place(token_, {.instrument_key = "NSE_EQ|X",
                                              .transaction_type = "BUY",
                                              .order_type = "LIMIT",
                                              .product = "I",
                                              .validity = "DAY",
                                              .quantity = 5,
                                              .price = *Decimal::Parse("1512.45"),
                                              .tag = "a\"b"});
  ASSERT_TRUE(placed) << placed.error().error.message;
  EXPECT_EQ(placed->order_ids, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(placed->latency_ms, 12);
  EXPECT_NE(Asked().body.find("\"price\":1512.45"), std::string::npos) << Asked().body;
  EXPECT_EQ(nlohmann::json::parse(Asked().body)["tag"], "a\"b");
  Answer("PUT /v3/order/modify", 200, R"({"status":"success","data":{"order_id":"1"}})");
  EXPECT_TRUE(writer_->Modify(token_, {.order_id = "1", .order_type = "LIMIT", .validity = "DAY"}));
  EXPECT_FALSE(nlohmann::json::parse(Asked().body).contains("quantity"));
  Answer("DELETE /v3/order/cancel", 200, R"({"status":"success","data":{"order_id":"1"}})");
  EXPECT_TRUE(writer_->Cancel(token_, "1"));
  EXPECT_EQ(Asked().Query("order_id"), "1");
}

struct WriteCase {
  std::string name;
  int status;
  std::string body;
  bool maybe_done;
};
class UpstoxWriteTest : public UpstoxTest, public testing::WithParamInterface<WriteCase> {};

TEST_P(UpstoxWriteTest, SaysWhetherTheBrokerMayHaveActed) {
  Answer("POST /v3/order/place", GetParam().status, GetParam().body);
  const auto placed = writer_->Place(token_, {});
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().maybe_done, GetParam().maybe_done);
}
INSTANTIATE_TEST_SUITE_P(
    Answers, UpstoxWriteTest,
    testing::Values(WriteCase{"Refused", 400, kEnvelope, false}, WriteCase{"Token", 401, "", false},
                    WriteCase{"Limited", 429, "", false}, WriteCase{"Timeout", 408, "", true},
                    WriteCase{"Down", 503, "", true}, WriteCase{"Redirect", 302, "", true},
                    WriteCase{"NoId", 200, R"({"status":"success","data":{}})", true},
                    WriteCase{"Garbage", 200, "x", true}),
    CaseName{});

TEST_F(UpstoxTest, AWriteThatNeverLeftIsNotDone) {
  server_->Stop();
  const auto placed = writer_->Place(token_, {});
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().error.reason, "CONNECT_FAILED");
  EXPECT_FALSE(placed.error().maybe_done);
}

/// What a feed socket has told.
struct Told {
  FeedSocket::Events Events() {
    FeedSocket::Events events;
    events.on_open = [this] { ++opens; };
    events.on_frame = [this](std::string_view bytes, std::int64_t received_ns, Monotonic) {
      const std::lock_guard lock{mutex};
      frames.emplace_back(bytes);
      last_ns = received_ns;
    };
    events.on_alive = [this](Monotonic) { ++alive; };
    events.on_closed = [this](const Error& why) {
      const std::lock_guard lock{mutex};
      closed.push_back(why);
    };
    return events;
  }
  std::size_t Frames() {
    const std::lock_guard lock{mutex};
    return frames.size();
  }
  std::size_t Closed() {
    const std::lock_guard lock{mutex};
    return closed.size();
  }
  std::mutex mutex;
  std::vector<std::string> frames;  // guarded by mutex
  std::vector<Error> closed;        // guarded by mutex
  std::int64_t last_ns = 0;         // guarded by mutex
  std::atomic<int> opens{0}, alive{0};
};

TEST_F(UpstoxTest, AFeedSocketAsksAndHears) {
  Told told;
  const auto socket = MakeSocket();
  auto events = told.Events();
  events.on_open = [&] {
    ++told.opens;
    EXPECT_TRUE(socket->Request("sub", "full", {"NSE_INDEX|Nifty 50"}));
  };
  ASSERT_TRUE(socket->Open(Secret{FeedUrl("good")}, std::move(events)));
  EXPECT_TRUE(socket->is_open());
  EXPECT_TRUE(observer_.simulated());
  ASSERT_TRUE(Eventually([this] {
    const std::lock_guard lock{mutex_};
    return frames_.size() == 1;
  }));
  ASSERT_EQ(frames_[0].front(), 'b');
  const auto request = nlohmann::json::parse(frames_[0].substr(1));
  EXPECT_EQ(request["method"], "sub");
  EXPECT_EQ(request["data"]["mode"], "full");
  EXPECT_EQ(request["data"]["instrumentKeys"][0], "NSE_INDEX|Nifty 50");
  EXPECT_EQ(request["guid"].get<std::string>().size(), 20U);
  side_->Send(std::string("\x08\x02", 2), http::FrameKind::kBinary);
  side_->Ping("");
  ASSERT_TRUE(Eventually([&] { return told.Frames() == 1 && told.alive == 1; }));
  EXPECT_EQ(told.frames[0], std::string("\x08\x02", 2));
  EXPECT_NEAR(static_cast<double>(told.last_ns), static_cast<double>(clock_.UtcNs()), 5e9);
  side_->Close(1011, "restart");
  ASSERT_TRUE(Eventually([&] { return told.Closed() == 1; }));
  EXPECT_EQ(told.closed[0].reason, "FEED_CLOSED");
  EXPECT_NE(told.closed[0].message.find("1011"), std::string::npos);
  EXPECT_FALSE(socket->is_open());
  EXPECT_EQ(socket->Request("unsub", "", {"x"}).error().reason, "FEED_NOT_OPEN");
  // And once more with the same object.
  ASSERT_TRUE(socket->Open(Secret{FeedUrl("good")}, told.Events()));
  socket->Close();
  ASSERT_TRUE(Eventually([&] { return told.Closed() == 2; }));
}

TEST_F(UpstoxTest, AFeedSocketSaysWhyItWasRefused) {
  Told told;
  const auto socket = MakeSocket();
  EXPECT_EQ(socket->Open(Secret{FeedUrl("used")}, told.Events()).error().reason, "FEED_REFUSED");
  EXPECT_EQ(
      socket->OpenDirect("/v3/feed/market-data-feed", Secret{"old"}, told.Events()).error().reason,
      "TOKEN_REJECTED");
  EXPECT_EQ(socket->Open(Secret{"wss://elsewhere.example/x"}, told.Events()).error().reason,
            "EGRESS_REFUSED");
  EXPECT_EQ(told.opens, 0);
  EXPECT_EQ(told.Closed(), 0U);
}

TEST_F(UpstoxTest, AFeedSocketFollowsTheBrokersRedirect) {
  Told told;
  const auto socket = MakeSocket();
  ASSERT_TRUE(socket->OpenDirect("/v3/feed/market-data-feed", token_, told.Events()));
  EXPECT_EQ(upgraded_.Query("code"), "good");
  EXPECT_FALSE(upgraded_.headers.Has("Authorization"));
}

TEST(EndpointsTest, OrdersHaveAHostOfTheirOwn) {
  EXPECT_TRUE(Endpoints{}.ToWrite().empty()) << "nobody reaches the broker without asking for it";
  const auto real = Endpoints::Real();
  EXPECT_FALSE(real.ToRead().contains("api-hft.upstox.com:443"));
  EXPECT_TRUE(real.ToWrite().contains("api-hft.upstox.com:443"));
  EXPECT_FALSE(http::CheckEgress(real.ToRead(), *http::Url::Parse("https://api-hft.upstox.com/")));
  EXPECT_EQ(
      real.LoginDialog("a b", "http://x/y?z", "s"),
      "https://api.upstox.com/v2/login/authorization/dialog?response_type=code&client_id=a%20b"
      "&redirect_uri=http%3A%2F%2Fx%2Fy%3Fz&state=s");
  EXPECT_EQ(Endpoints::At("127.0.0.1").error().reason, "URL_MALFORMED");
}

TEST(PortfolioUpdateTest, ReadsEachKind) {
  const auto order = ParsePortfolioUpdate(
      R"({"update_type":"order","order_id":"1","status":"complete","user_id":"U",
          "instrument_key":"NSE_EQ|X","average_price":12.5,"exchange_timestamp":null})");
  ASSERT_TRUE(order);
  EXPECT_EQ(std::get<OrderRow>(*order).instrument_key, "NSE_EQ|X");
  const auto position =
      ParsePortfolioUpdate(R"({"update_type":"position","instrument_token":"A","quantity":-5})");
  EXPECT_EQ(std::get<PositionUpdate>(*position).quantity, -5);
  const auto other = ParsePortfolioUpdate(R"({"update_type":"gtt_order","x":1})");
  EXPECT_EQ(std::get<OtherUpdate>(*other).update_type, "gtt_order");
  EXPECT_FALSE(ParsePortfolioUpdate("[1]"));
  EXPECT_FALSE(ParsePortfolioUpdate("{"));
  EXPECT_FALSE(ParsePortfolioUpdate(R"({"update_type":"order","status":"open"})"));
}

class RedirectTest : public UpstoxTest, public testing::WithParamInterface<int> {};

/// Another host, also of this machine and trusted, and in the answer's Location.
TEST_P(RedirectTest, OfAWriteIsNotFollowedAndItsOutcomeIsUnknown) {
  http::ServerOptions options;
  options.tls = http::ServerTls{.certificate_pem = certificates_.certificate_pem,
                                .key_pem = certificates_.key_pem};
  std::atomic<int> asked_elsewhere{0};
  options.filter = [&](const http::Request&) {
    ++asked_elsewhere;
    return std::optional{http::Response::Json(
        200, R"({"status":"success","data":{"order_ids":["1"],"order_id":"1"}})")};
  };
  http::Server elsewhere{std::move(options)};
  ASSERT_TRUE(elsewhere.Start());
  const std::map<std::string, std::string> calls{
      {"POST", "/v3/order/place"}, {"PUT", "/v3/order/modify"}, {"DELETE", "/v3/order/cancel"}};
  for (const auto& [method, path] : calls) {
    auto redirect = http::Response::Redirect(elsewhere.url() + path);
    redirect.status = GetParam();
    const std::lock_guard lock{mutex_};
    answers_[method + " " + path] = redirect;
  }
  for (const auto& result : {writer_->Place(token_, {}), writer_->Modify(token_, {.order_id = "1"}),
                             writer_->Cancel(token_, "1")}) {
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().maybe_done);
  }
  EXPECT_EQ(asked_elsewhere, 0);
}

INSTANTIATE_TEST_SUITE_P(Statuses, RedirectTest, testing::Values(301, 302, 303, 307, 308));

TEST_F(UpstoxTest, NothingIsWrittenWhereTheListDoesNotLead) {
  const std::string port = std::to_string(server_->port());
  Answer("POST /v3/order/place", 200, R"({"status":"success","data":{"order_ids":["1"]}})");
  for (const std::string& host :
       {"https://api-hft.upstox.com@127.0.0.1:" + port, "https://localhost:" + port,
        std::string{"https://127.0.0.1:1"}, "http://127.0.0.1.evil.example:" + port,
        std::string{"https://[::1]"}, "https://127.0.0.1:" + port + "@api-hft.upstox.com",
        "https://127.1:" + port}) {
    OrderWriter astray{*client_, Endpoints{.hft = host}, observer_, milliseconds{500}};
    const auto placed = astray.Place(token_, {});
    ASSERT_FALSE(placed) << host;
    EXPECT_FALSE(placed.error().maybe_done) << host;
    const std::string& reason = placed.error().error.reason;
    EXPECT_TRUE(reason == "EGRESS_REFUSED" || reason == "URL_MALFORMED") << host << " " << reason;
  }
  EXPECT_EQ(Asked().path, "") << "somebody was asked";
}

}  // namespace
}  // namespace sauda::upstox
