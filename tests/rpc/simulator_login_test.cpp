#include <mutex>
#include <vector>

#include <zlib.h>

#include "libs/calendar/ist.hpp"
#include "libs/http/server.hpp"
#include "simulator/src/rest/asset_routes.hpp"
#include "tests/support/simulator.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

constexpr const char* kAuthorize = "/v3/feed/market-data-feed/authorize";

TEST_F(SimulatorTest, DialogSaysThatItIsASimulation) {
  const SimAnswer page =
      Get("/v2/login/authorization/dialog?client_id=sim-key&redirect_uri=" +
          http::PercentEncode(kRedirect) + "&response_type=code&state=%22%3E%3Cscript%3E");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.text.find("SIMULATION"), std::string::npos);
  EXPECT_NE(page.text.find("Approve"), std::string::npos);
  EXPECT_EQ(page.text.find("<script>"), std::string::npos);
}

TEST_F(SimulatorTest, DialogRefusesAnotherRedirect) {
  const SimAnswer page =
      Get("/v2/login/authorization/dialog?client_id=sim-key&redirect_uri=http%3A%2F%2Fevil%2F"
          "&response_type=code");
  EXPECT_EQ(page.status, 401);
  EXPECT_EQ(page.code(), "UDAPI100068");
}

TEST_F(SimulatorTest, CodeBecomesATokenThatOpensProfileAndFunds) {
  const SimAnswer token = PostForm("/v2/login/authorization/token", TokenForm(Approve()));
  ASSERT_EQ(token.status, 200) << token.text;
  EXPECT_FALSE(token.json.contains("status"));  // no envelope here
  EXPECT_EQ(token.json["broker"], "UPSTOX");
  token_ = token.json["access_token"];
  const SimAnswer profile = Get("/v2/user/profile");
  EXPECT_EQ(profile.status, 200);
  EXPECT_EQ(profile.json["data"]["user_id"], "SIM001");
  EXPECT_FALSE(profile.json["data"].contains("access_token"));
  EXPECT_EQ(Get("/v2/user/get-funds-and-margin").json["data"]["equity"]["available_margin"], 1e6);
  EXPECT_EQ(Get("/v2/user/get-funds-and-margin?segment=X").code(), "UDAPI1019");
  EXPECT_EQ(Get("/v3/user/get-funds-and-margin").json["data"]["available_to_trade"]["total"], 1e6);
}

TEST_F(SimulatorTest, CodeWorksOnce) {
  const std::string code = Approve();
  EXPECT_EQ(PostForm("/v2/login/authorization/token", TokenForm(code)).status, 200);
  const SimAnswer again = PostForm("/v2/login/authorization/token", TokenForm(code));
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.code(), "UDAPI1022");
}

TEST_F(SimulatorTest, FailedExchangeUsesTheCodeUpAndErrorsHaveBothSpellings) {
  const std::string code = Approve();
  http::Fields form = TokenForm(code);
  form.find("client_secret")->second = "wrong";
  const SimAnswer refused = PostForm("/v2/login/authorization/token", form);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.json["status"], "error");
  const json error = refused.json["errors"][0];
  EXPECT_EQ(error["errorCode"], "UDAPI100016");
  for (const char* name : {"error_code", "errorCode", "property_path", "propertyPath",
                           "invalid_value", "invalidValue", "message"}) {
    EXPECT_TRUE(error.contains(name)) << name;
  }
  EXPECT_EQ(PostForm("/v2/login/authorization/token", TokenForm(code)).code(), "UDAPI1022");
}

TEST_F(SimulatorTest, TokensAreNeededAndEndWithLogout) {
  EXPECT_EQ(Get("/v2/user/profile").status, 401);
  EXPECT_EQ(Get(kAuthorize).code(), "UDAPI100050");
  LogIn();
  EXPECT_EQ(Send({.method = "DELETE", .url = "/v2/logout"}).json["data"], true);
  EXPECT_EQ(Get("/v2/user/profile").code(), "UDAPI100050");
  EXPECT_EQ(Send({.method = "DELETE", .url = "/v2/logout"}).status, 401);
}

TEST_F(SimulatorTest, TokensOutliveTheProcess) {
  LogIn();
  Start({});
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
}

TEST_F(SimulatorTest, EndedTokensStayEndedOverARestart) {
  LogIn();
  EXPECT_EQ(Send({.method = "DELETE", .url = "/v2/logout"}).json["data"], true);
  Start({});
  EXPECT_EQ(Get("/v2/user/profile").status, 401);
  token_.clear();
  LogIn();
  Fault({{"target", "login"}, {"kind", "expire-tokens"}});
  Start({});
  EXPECT_EQ(Get("/v2/user/profile").status, 401);
  token_.clear();
  LogIn();
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
  std::ofstream{folder_ + "/state/ended-tokens.json"} << R"({"generation":"x"})";
  Config config;
  config.listen = "127.0.0.1:0";
  config.state_dir = folder_ + "/state";
  EXPECT_EQ(App{config}.Start().error().reason, "TOKENS_BROKEN");
}

TEST_F(SimulatorTest, ChangedTokensAreRefused) {
  LogIn();
  token_.back() = token_.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(Get("/v2/user/profile").status, 401);
  token_ = "a.b.c";
  EXPECT_EQ(Get("/v2/user/profile").status, 401);
}

TEST_F(SimulatorTest, EveryAnswerTellsTheMarketsTime) {
  for (const char* path : {"/healthz", "/v2/user/profile", "/v2/nothing"}) {
    const SimAnswer answer = Get(path);
    EXPECT_EQ(answer.headers.Get("X-Sauda-Simulated"), "1") << path;
    EXPECT_EQ(answer.headers.Get("X-Sauda-Market-Speed"), "1") << path;
    const std::int64_t ms = std::stoll(std::string{answer.headers.Get("X-Sauda-Market-Time")});
    const auto date = http::ParseHttpDateMs(answer.headers.Get("Date"));
    ASSERT_TRUE(date) << path;
    EXPECT_EQ(*date / 1'000, ms / 1'000) << path;
  }
}

TEST_F(SimulatorTest, UnknownPathsAndMethodsAnswerAsTheBroker) {
  EXPECT_EQ(Get("/v2/nothing").status, 404);
  EXPECT_EQ(Get("/v2/nothing").code(), "UDAPI100060");
  EXPECT_EQ(Post("/v2/user/profile", {}).status, 405);
}

/// What a gzip file of at most 64 KiB holds.
std::string Unpacked(std::string packed) {
  std::string plain(65'536, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  return plain;
}

TEST_F(SimulatorTest, AGivenInstrumentFileIsServedPackedOnce) {
  const char* const path = "/market-quote/instruments/exchange/complete.json.gz";
  EXPECT_EQ(Unpacked(Get(path).text), ToJson(SmallMaster()));
  const std::string packed = Gzip(ToJson(SmallMaster()), 9);
  Start({});
  std::ofstream{folder_ + "/master.json"} << packed;
  EXPECT_EQ(Get(path).text, packed) << "byte for byte";
}

TEST_F(SimulatorTest, InstrumentFilesAreServedToNamedClientsOnly) {
  const SimAnswer mcx = Get("/market-quote/instruments/exchange/MCX.json.gz");
  const json list = json::parse(Unpacked(mcx.text));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["instrument_key"], "MCX_FO|472782");
  // Without a name the broker's CDN refuses.
  const auto url = http::Url::Parse(app_->url());
  auto nameless = http::Client::Make(
      {.ca = {.file = folder_ + "/state/ca.pem"}, .allowed = {url->HostPort()}, .user_agent = ""},
      clock_);
  const auto refused =
      (*nameless)->Send({.url = app_->url() + "/market-quote/instruments/exchange/NSE.json.gz"},
                        std::chrono::seconds{10});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 403);
}

TEST_F(SimulatorTest, ListsBesideTheMasterAreServedMarked) {
  for (const ListFileName& list : kListFiles) {
    const SimAnswer answer =
        Get("/market-quote/instruments/exchange/" + std::string{list.name} + ".json.gz");
    EXPECT_EQ(answer.status, 200) << list.name;
    EXPECT_EQ(Unpacked(answer.text), ListJson(Master{SmallMaster()}, list.file)) << list.name;
    EXPECT_EQ(answer.headers.Get("X-Sauda-Simulated"), "1") << list.name;
  }
}

TEST_F(SimulatorTest, CallsOverTheLimitAnswer429) {
  Config config;
  config.api_per_minute = 2;  // a second may pass on a busy machine
  Start(config);
  LogIn();
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
  const SimAnswer over = Get("/v2/user/profile");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(over.code(), "UDAPI10005");
  EXPECT_EQ(Get(kAuthorize).status, 200);  // each API has its own count
}

TEST_F(SimulatorTest, LastPricesAreServedByBothVersions) {
  LogIn();
  const std::string key = http::PercentEncode(kReliance);
  const SimAnswer quote = Get("/v3/market-quote/ltp?instrument_key=" + key);
  EXPECT_GT(quote.json["data"]["NSE_EQ:RELIANCE"]["last_price"], 0);
  EXPECT_EQ(quote.json["data"]["NSE_EQ:RELIANCE"]["instrument_token"], kReliance);
  EXPECT_FALSE(Get("/v2/market-quote/ltp?instrument_key=" + key)
                   .json["data"]["NSE_EQ:RELIANCE"]
                   .contains("cp"));
  const SimAnswer named =
      Get("/v2/market-quote/ltp?instrument_key=NSE_INDEX%7CNifty%2050%2CNSE_FO%7C46913");
  EXPECT_TRUE(named.json["data"].contains("NSE_INDEX:Nifty 50")) << named.text;
  EXPECT_TRUE(named.json["data"].contains("NSE_FO:NIFTY30DEC26000CE")) << named.text;
  EXPECT_EQ(Get("/v2/market-quote/ltp").code(), "UDAPI1009");
  EXPECT_EQ(Get("/v2/market-quote/ltp?instrument_key=" + key + ",X").code(), "UDAPI100011");
}

TEST_F(SimulatorTest, AdminNeedsItsToken) {
  EXPECT_EQ(Send({.url = "/sim/admin/status"}).status, 403);
  const SimAnswer status = Admin("GET", "/status");
  EXPECT_EQ(status.status, 200);
  EXPECT_EQ(status.json["data"]["simulated"], true);
  EXPECT_EQ(status.json["data"]["market"], "generated");
}

TEST_F(SimulatorTest, AdminSaysWhatIsWrongWithAFault) {
  EXPECT_EQ(Admin("POST", "/faults", "text").status, 400);
  EXPECT_EQ(Admin("POST", "/faults", {{"target", "rest"}}).status, 400);
  EXPECT_EQ(Admin("POST", "/faults", {{"target", "moon"}, {"kind", "drop"}}).status, 400);
  EXPECT_EQ(Admin("POST", "/faults", {{"target", "rest"}, {"kind", "drop"}}).status, 400);
  EXPECT_EQ(Admin("POST", "/faults", {{"target", "rest"}, {"kind", "status"}, {"count", 0}}).status,
            400);
  EXPECT_EQ(Admin("DELETE", "/faults/x").status, 400);
  EXPECT_EQ(Admin("POST", "/replay/start").status, 409);
}

TEST_F(SimulatorTest, HttpFaultsHappenAsOftenAsAsked) {
  LogIn();
  Fault({{"target", "rest"}, {"kind", "status"}, {"status", 503}, {"count", 2}});
  EXPECT_EQ(Admin("GET", "/faults").json["data"].size(), 1U);
  EXPECT_EQ(Get("/v2/user/profile").status, 503);
  EXPECT_EQ(Get("/v2/user/profile").code(), "UDAPI100500");
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
  Fault({{"target", "rest"}, {"kind", "status"}, {"status", 401}, {"code", "UDAPI100073"}});
  EXPECT_EQ(Get("/v2/user/profile").code(), "UDAPI100073");
  Fault({{"target", "rest"}, {"kind", "reset-before"}, {"duration_ms", 60'000}});
  EXPECT_EQ(Get("/v2/user/profile").status, 0);
  EXPECT_EQ(Admin("DELETE", "/faults").json["data"]["cleared"], 1);
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
  Fault({{"target", "rest"}, {"kind", "slow"}, {"delay_ms", 150}});
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds{150});
}

TEST_F(SimulatorTest, TokensExpireOnDemand) {
  LogIn();
  Fault({{"target", "login"}, {"kind", "expire-tokens"}});
  EXPECT_EQ(Get("/v2/user/profile").code(), "UDAPI100050");
  token_.clear();
  LogIn();
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
}

/// A notifier that writes down what it is sent.
class Notifier {
 public:
  Notifier() {
    server_.Route("POST", "/notifier/{key}",
                  [this](const http::Request& request, const http::Respond& respond) {
                    {
                      const std::lock_guard lock{mutex_};
                      notices_.push_back(json::parse(request.body, nullptr, false));
                    }
                    respond(http::Response::Json(200, "{}"));
                  });
    EXPECT_TRUE(server_.Start());
  }
  ~Notifier() { server_.Stop(); }
  std::string url() const { return server_.url() + "/notifier/k1"; }
  std::vector<json> notices() {
    const std::lock_guard lock{mutex_};
    return notices_;
  }

 private:
  std::mutex mutex_;
  std::vector<json> notices_;  // guarded by mutex_
  http::Server server_{http::ServerOptions{}};
};

class SimulatorApprovalTest : public SimulatorTest {
 protected:
  void SetUp() override {
    Config config;
    config.notifier_url = Secret{notifier_.url()};
    Start(config);
  }
  SimAnswer Request() {
    return Post("/v3/login/auth/token/request/sim-key", {{"client_secret", "sim-secret"}});
  }
  Notifier notifier_;
};

TEST_F(SimulatorApprovalTest, ConsentSendsTheTokenToTheNotifier) {
  const SimAnswer asked = Request();
  ASSERT_EQ(asked.status, 200) << asked.text;
  EXPECT_EQ(asked.json["data"]["notifier_url"], notifier_.url());
  EXPECT_TRUE(asked.json["data"]["authorization_expiry"].is_string());
  EXPECT_EQ(Admin("GET", "/approvals").json["data"].size(), 1U);
  EXPECT_TRUE(notifier_.notices().empty()) << "nothing before the consent";
  const SimAnswer approved = Admin("POST", "/approvals/approve", json::object());
  EXPECT_EQ(approved.json["data"]["status"], 200) << approved.text;
  ASSERT_EQ(notifier_.notices().size(), 1U);
  const json notice = notifier_.notices().front();
  EXPECT_EQ(notice["client_id"], "sim-key");
  EXPECT_EQ(notice["user_id"], "SIM001");
  EXPECT_EQ(notice["token_type"], "Bearer");
  EXPECT_EQ(notice["message_type"], "access_token");
  token_ = notice["access_token"];
  EXPECT_EQ(Get("/v2/user/profile").status, 200);
  EXPECT_EQ(Admin("POST", "/approvals/approve", json::object()).status, 404) << "it was used up";
}

TEST_F(SimulatorApprovalTest, ARejectionIsToldToNobody) {
  ASSERT_EQ(Request().status, 200);
  EXPECT_EQ(Admin("POST", "/approvals/reject").json["data"]["rejected"], true);
  EXPECT_EQ(Admin("POST", "/approvals/approve", json::object()).code(), "SIM_NOTHING_PENDING");
  EXPECT_TRUE(notifier_.notices().empty());
}

TEST_F(SimulatorApprovalTest, NoticesGoWrongAsAsked) {
  const auto approve = [this](const std::string& fault) {
    EXPECT_EQ(Request().status, 200);
    return Admin("POST", "/approvals/approve", {{"fault", fault}});
  };
  EXPECT_EQ(approve("lost").json["data"]["notified"], false);
  EXPECT_TRUE(notifier_.notices().empty());
  EXPECT_EQ(approve("twice").json["data"]["notified"], true);
  ASSERT_EQ(notifier_.notices().size(), 2U);
  EXPECT_EQ(notifier_.notices()[0], notifier_.notices()[1]);
  (void)approve("wrong-client");
  EXPECT_NE(notifier_.notices().back()["client_id"], "sim-key");
  (void)approve("wrong-user");
  EXPECT_NE(notifier_.notices().back()["user_id"], "SIM001");
  (void)approve("bad-token");
  token_ = notifier_.notices().back()["access_token"];
  EXPECT_EQ(Get("/v2/user/profile").status, 401);
  EXPECT_EQ(approve("on-fire").status, 400);
}

TEST_F(SimulatorTest, TheConsolesTokensMayDoWhatTheirKindMay) {
  const auto issue = [this](const char* kind) {
    token_.clear();
    token_ = Admin("POST", "/tokens", {{"kind", kind}}).json["data"]["access_token"];
  };
  issue("analytics");
  EXPECT_EQ(Get(kAuthorize).status, 200);
  EXPECT_EQ(Get("/v2/user/profile").code(), "UDAPI1154");
  issue("extended");
  EXPECT_EQ(Get("/v2/order/retrieve-all").status, 200);
  EXPECT_EQ(Get(kAuthorize).code(), "UDAPI100067");
  EXPECT_EQ(Get("/v2/user/profile").code(), "UDAPI100067");
  EXPECT_EQ(Admin("POST", "/tokens", {{"kind", "refresh"}}).status, 400);
  EXPECT_EQ(Admin("POST", "/tokens", {{"user_id", "NOBODY"}}).status, 400);
  EXPECT_EQ(Post("/sim/admin/tokens", json::object()).status, 403);
}

TEST_F(SimulatorTest, TellsRegisteredAddressesAndKillSwitch) {
  LogIn();
  EXPECT_TRUE(Get("/v2/user/ip").json["data"]["primary_ip"].is_null());
  const json segments = Get("/v2/user/kill-switch").json["data"];
  EXPECT_EQ(segments.size(), 9U);
  EXPECT_EQ(segments[0]["segment_status"], "ACTIVE");
  EXPECT_EQ(segments[0]["kill_switch_enabled"], false);
  Config config;
  config.static_ip = "203.0.113.7";
  Start(config);
  EXPECT_EQ(Get("/v2/user/ip").json["data"]["primary_ip"], "203.0.113.7");
  token_.clear();
  EXPECT_EQ(Get("/v2/user/ip").status, 401);
}

TEST_F(SimulatorTest, TellsHolidaysTimingsAndStatus) {
  EXPECT_TRUE(Get("/v2/market/holidays").json["data"].is_array());
  const json one = Get("/v2/market/holidays/2026-01-26").json["data"];
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0]["holiday_type"], "TRADING_HOLIDAY");
  EXPECT_EQ(one[0]["closed_exchanges"].size(), 8U);
  const json evening = Get("/v2/market/holidays/2026-01-15").json["data"][0];
  EXPECT_EQ(evening["closed_exchanges"].size(), 6U);
  EXPECT_EQ(evening["open_exchanges"][0]["exchange"], "MCX");
  EXPECT_EQ(Get("/v2/market/holidays/2026-01-16").json["data"].size(), 0U);
  EXPECT_EQ(Get("/v2/market/holidays/soon").status, 400);
  const json timings = Get("/v2/market/timings/2026-01-16").json["data"];
  ASSERT_EQ(timings.size(), 8U);
  EXPECT_EQ(timings[0]["exchange"], "NSE");
  EXPECT_EQ(timings[0]["start_time"], calendar::IstDate({2026, 1, 16}).AtMinute(555));
  EXPECT_EQ(timings[0]["end_time"], calendar::IstDate({2026, 1, 16}).AtMinute(930));
  EXPECT_EQ(Get("/v2/market/timings/2026-01-26").json["data"].size(), 0U);
  EXPECT_EQ(Get("/v2/market/status/NSE").status, 401);
  LogIn();
  EXPECT_EQ(Get("/v2/market/status/NFO").json["data"]["status"], "NORMAL_OPEN");
  EXPECT_EQ(Get("/v2/market/status/NSE_FO").code(), "UDAPI1089");
}

TEST_F(SimulatorTest, EachUserHasItsOwnAppAndProfile) {
  Config config;
  config.more_users = {"key-b:secret-b:SIM002"};
  config.extended_tokens = true;
  Start(config);
  http::Fields form = TokenForm(Approve());
  EXPECT_TRUE(PostForm("/v2/login/authorization/token", form).json["extended_token"].is_string());
  form = TokenForm(Approve());
  form.find("client_id")->second = "key-b";
  form.find("client_secret")->second = "secret-b";
  EXPECT_EQ(PostForm("/v2/login/authorization/token", form).code(), "UDAPI1022")
      << "the code is the other app's";
  token_ = Admin("POST", "/tokens", {{"user_id", "SIM002"}}).json["data"]["access_token"];
  EXPECT_EQ(Get("/v2/user/profile").json["data"]["user_id"], "SIM002");
  EXPECT_EQ(Get(kAuthorize).status, 200);
  for (const char* of_the_first : {"/v2/order/retrieve-all", "/v2/user/get-funds-and-margin",
                                   "/v3/user/get-funds-and-margin"}) {
    EXPECT_EQ(Get(of_the_first).code(), "UDAPI100049") << of_the_first;
  }
}

}  // namespace
}  // namespace sauda::sim
