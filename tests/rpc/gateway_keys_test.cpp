#include <gmock/gmock.h>

#include "tests/rpc/gateway_keys_fixture.hpp"

namespace sauda::gateway {
namespace {

using auth::Act;
using keys::Scope;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr const char* kStatus = "/api/v1/market/market-feed/status";
constexpr const char* kKeys = "/api/v1/keys";

TEST_F(GatewayKeysTest, TellsWhoBringsNoKeyWhatToDo) {
  const auto answer = Ask("GET", kStatus);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(ReasonOf(answer), "KEY_MISSING");
  EXPECT_THAT(answer.body, HasSubstr("saudactl keys create"));
  EXPECT_EQ(answer.headers.Get("WWW-Authenticate"), "Bearer realm=\"sauda\"");
  EXPECT_EQ(json::parse(answer.body)["request_id"], answer.headers.Get("X-Request-Id"));
}

TEST_F(GatewayKeysTest, TakesAKeyInEitherHeaderAndNotInTheAddress) {
  const auto key = MakeKey("reader", {Scope::kRead});
  EXPECT_EQ(Ask("GET", kStatus, "", Bearer(key.text)).status, 200);
  EXPECT_EQ(Ask("GET", kStatus, "", {{"authorization", "bearer " + key.text.Reveal()}}).status,
            200);
  EXPECT_EQ(Ask("GET", kStatus, "", {{"X-Api-Key", key.text.Reveal()}}).status, 200);
  EXPECT_EQ(Ask("GET", std::string{kStatus} + "?api_key=" + key.text.Reveal()).status, 401);
  EXPECT_EQ(Ask("GET", kStatus, "", {{"Authorization", "Basic " + key.text.Reveal()}}).status, 401);
}

TEST_F(GatewayKeysTest, RefusesARevokedKeyWithinASecond) {
  const auto key = MakeKey("leaked", {Scope::kRead});
  ASSERT_EQ(StatusWith(key.text), "");
  ASSERT_TRUE(keys_.desk.Revoke(key.key.known.id, "local"));
  EXPECT_TRUE(Eventually([&] { return StatusWith(key.text) == "KEY_REVOKED"; }, 1s));
}

TEST_F(GatewayKeysTest, EndsTheStreamOfAKeyThatIsRevokedAndOfNoOther) {
  const auto leaked = MakeKey("leaked", {Scope::kRead});
  const auto good = MakeKey("good", {Scope::kRead});
  const auto open = [&](const auto& key) {
    auto stream = OpenStream("symbols=K%7C1", "X-Api-Key: " + key.text.Reveal() + "\r\n");
    stream->HearUntil("event: status");
    return stream;
  };
  const auto ends = open(leaked);
  const auto stays = open(good);
  ASSERT_TRUE(keys_.desk.Revoke(leaked.key.known.id, "local"));
  ends->HearUntil("\r\n0\r\n");  // the last chunk
  feed_->Send("f1", "K|1", 1, 100.5);
  stays->HearUntil("id: f1-1");
}

TEST_F(GatewayKeysTest, EndsTheStreamOfAKeyThatExpires) {
  const auto soon_ms = clock_.UtcNs() / 1'000'000 + 1'500;
  const auto key = MakeKey("soon", {Scope::kRead}, {}, soon_ms);
  auto stream = OpenStream("symbols=K%7C1", "X-Api-Key: " + key.text.Reveal() + "\r\n");
  stream->HearUntil("event: status");
  stream->HearUntil("\r\n0\r\n");
  EXPECT_EQ(StatusWith(key.text), "KEY_EXPIRED");
}

TEST_F(GatewayKeysTest, GoesOnWithKnownKeysWhileTheDatabaseOrAuthIsAway) {
  const auto key = MakeKey("reader", {Scope::kRead, Scope::kAdmin});
  keys_.audit.SetDown(true);
  EXPECT_EQ(StatusWith(key.text), "");
  const auto refused = Ask("POST", kKeys, R"({"name":"new","scopes":["read"]})", Bearer(key.text));
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_EQ(ReasonOf(refused), "DATABASE_DOWN");
  keys_.service.Shutdown();
  auth_server_.Stop();
  EXPECT_EQ(StatusWith(key.text), "");
  EXPECT_EQ(StatusWith(Secret{"sauda_x"}), "KEY_UNKNOWN");
  EXPECT_EQ(Ask("GET", kKeys, "", Bearer(key.text)).status, 503);
}

TEST_F(GatewayKeysTest, MakesListsAndRevokesKeys) {
  const auto admin = MakeKey("admin", {Scope::kAdmin});
  const auto made = Ask("POST", kKeys, R"({"name":"bot","scopes":["trade"],"accounts":["main"]})",
                        Bearer(admin.text));
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.headers.Get("Cache-Control"), "no-store");
  const json bot = json::parse(made.body)["data"];
  EXPECT_EQ(bot["created_by"], admin.key.known.id);
  EXPECT_EQ(bot["accounts"], json::array({"main"}));
  const Secret text{bot["key"].get<std::string>()};
  ASSERT_TRUE(Eventually([&] { return StatusWith(text) == "SCOPE_MISSING"; })) << "it trades only";
  const auto listed = Ask("GET", kKeys, "", Bearer(admin.text));
  EXPECT_EQ(json::parse(listed.body)["data"].size(), 2U);
  EXPECT_THAT(listed.body, testing::Not(HasSubstr(text.Reveal())));
  const auto id = bot["key_id"].get<std::string>();
  const auto revoked = Ask("DELETE", std::string{kKeys} + "/" + id, "", Bearer(admin.text));
  ASSERT_EQ(revoked.status, 200) << revoked.body;
  EXPECT_TRUE(Eventually([&] { return StatusWith(text) == "KEY_REVOKED"; }, 1s));
  const auto rows = *keys_.audit.ReadDown(0, 1);
  EXPECT_EQ(rows[0].act.action, "key.revoked");
  EXPECT_EQ(rows[0].act.actor, admin.key.known.id);
}

TEST_F(GatewayKeysTest, TellsAuthWhenKeysWereUsed) {
  const auto key = MakeKey("used", {Scope::kRead});
  EXPECT_TRUE(Eventually([&] { return keys_.store.ReadAll()->front().last_used_ms > 0; }));
  const auto before = keys_.store.ReadAll()->front().last_used_ms;
  ASSERT_EQ(StatusWith(key.text), "");
  EXPECT_TRUE(Eventually([&] { return keys_.store.ReadAll()->front().last_used_ms > before; }));
}

struct AccountCase {
  std::string name;
  std::string method;
  std::string target;
  std::string body;
  int status;
  std::string reason;
};
class GatewayAccountTest : public GatewayKeysTest,
                           public testing::WithParamInterface<AccountCase> {};

TEST_P(GatewayAccountTest, KeepsAKeyToItsAccounts) {
  const auto key = MakeKey("bound", keys::Scopes::All(), {"a", "b"});
  const auto answer = Ask(GetParam().method, GetParam().target, GetParam().body, Bearer(key.text));
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_EQ(ReasonOf(answer), GetParam().reason) << answer.body;
}

constexpr const char* kOrders = "/api/v1/orders";
INSTANTIATE_TEST_SUITE_P(
    Paths, GatewayAccountTest,
    testing::Values(
        AccountCase{"OrderOfItsOwn", "POST", kOrders, R"({"account_id":"b"})", 200, ""},
        AccountCase{"OrderOfAnother", "POST", kOrders, R"({"account_id":"c"})", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"OrderOfItsOwnByTheQuery", "POST", "/api/v1/orders?account=b", "{}", 200, ""},
        AccountCase{"OrderOfAnotherByTheQuery", "POST", "/api/v1/orders?account=c", "{}", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"OrderOfTwoMinds", "POST", "/api/v1/orders?account=a", R"({"account_id":"b"})",
                    400, "FIELD_WRONG"},
        AccountCase{"OrderOfNobody", "POST", kOrders, "{}", 400, "ACCOUNT_MISSING"},
        AccountCase{"ChangeOfAnother", "PUT", "/api/v1/orders/1", R"({"account_id":"c"})", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"ChangeOfNobody", "PUT", "/api/v1/orders/1", "{}", 400, "ACCOUNT_MISSING"},
        AccountCase{"CancelOfAnother", "DELETE", "/api/v1/orders/1?account=c", "", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"LookAtAnother", "GET", "/api/v1/orders/1?account=c", "", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"ListOfAnother", "GET", "/api/v1/orders?account=c", "", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"LoginOfAnother", "GET", "/api/v1/auth/login?account=c", "", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"LoginOfItsOwn", "GET", "/api/v1/auth/login?account=a", "", 302, ""},
        AccountCase{"StatusOfItsOwn", "GET", "/api/v1/auth/status?account=a", "", 200, ""},
        AccountCase{"StatusOfAnother", "GET", "/api/v1/auth/status?account=c", "", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"LogoutOfAnother", "POST", "/api/v1/auth/logout?account=c", "", 403,
                    "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"TokenOfAnother", "POST", "/api/v1/auth/token",
                    R"({"access_token":"t","account_id":"c"})", 403, "ACCOUNT_NOT_ALLOWED"},
        AccountCase{"TheMarketIsForAll", "GET", kStatus, "", 200, ""},
        AccountCase{"KeysAreOfTheWhole", "GET", kKeys, "", 403, "ACCOUNT_NOT_ALLOWED"}),
    CaseName{});

TEST_F(GatewayKeysTest, MeansTheOnlyAccountOfAKey) {
  const auto key = MakeKey("one", keys::Scopes::All(), {"alone"});
  ASSERT_EQ(Ask("POST", kOrders, "{}", Bearer(key.text)).status, 200);
  EXPECT_EQ(orders_.placed.account_id(), "alone");
  ASSERT_EQ(Ask("PUT", "/api/v1/orders/1", "{}", Bearer(key.text)).status, 200);
  EXPECT_EQ(orders_.modified.account_id(), "alone");
}

TEST_F(GatewayTest, WithoutAuthsKeysRefusesThemAndLetsTheRestIn) {
  EXPECT_EQ(Ask("GET", kStatus).status, 200) << "on loopback none is needed";
  const auto answer = Ask("GET", kStatus, "", {{"X-Api-Key", "x"}});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(json::parse(answer.body)["errors"][0]["error_code"], "KEYS_NOT_KNOWN");
}

TEST_F(GatewayKeysTest, ShowsAndVerifiesTheAudit) {
  const auto admin = MakeKey("admin", {Scope::kAdmin});
  const auto list = Ask("GET", "/api/v1/audit?page_size=1", "", Bearer(admin.text));
  ASSERT_EQ(list.status, 200) << list.body;
  const json row = json::parse(list.body)["data"][0];
  EXPECT_EQ(row["action"], "key.created");
  EXPECT_EQ(row["detail"]["name"], "admin");
  const auto verify = [&](const std::string& query) {
    return json::parse(Ask("GET", "/api/v1/audit/verify" + query, "", Bearer(admin.text)).body);
  };
  const json verdict = verify("")["data"];
  EXPECT_EQ(verdict["intact"], true);
  EXPECT_EQ(verdict["head"]["hash"], row["hash"]);
  const std::string noted = "?seq=1&hash=" + verdict["head"]["hash"].get<std::string>();
  EXPECT_EQ(verify(noted)["data"]["intact"], true);
  keys_.audit.Tamper([](auto& rows, auto&) { rows[0].act.actor = "nobody"; });
  EXPECT_EQ(verify("")["data"]["broken"]["reason"], "ROW_CHANGED");
  EXPECT_EQ(verify("?seq=1&hash=x")["errors"][0]["error_code"], "HEAD_INVALID");
  EXPECT_EQ(verify("?seq=x")["errors"][0]["error_code"], "HEAD_INVALID");
}

TEST_F(GatewayKeysTest, SyncsNothingThatTheAuditDoesNotKnow) {
  const auto admin = MakeKey("admin", {Scope::kAdmin});
  keys_.audit.SetDown(true);
  const auto refused = Ask("POST", "/api/v1/instruments/sync", "{}", Bearer(admin.text));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(ReasonOf(refused), "DATABASE_DOWN");
  keys_.audit.SetDown(false);
  (void)Ask("POST", "/api/v1/instruments/sync", "{}", Bearer(admin.text));
  const Act act = keys_.audit.ReadDown(0, 1)->front().act;
  EXPECT_EQ(act.action, "instruments.sync");
  EXPECT_EQ(act.actor, admin.key.known.id);
}

TEST_F(GatewayKeysTest, RefreshesNoCalendarThatTheAuditDoesNotKnowOf) {
  const auto admin = MakeKey("admin", {Scope::kAdmin});
  const auto refresh = [&] {
    return Ask("POST", "/api/v1/market/calendar/refresh", "", Bearer(admin.text));
  };
  keys_.audit.SetDown(true);
  EXPECT_EQ(ReasonOf(refresh()), "DATABASE_DOWN");
  keys_.audit.SetDown(false);
  const auto asked = refresh();
  EXPECT_EQ(asked.status, 503);
  EXPECT_EQ(ReasonOf(asked), "BROKER_DOWN") << "as instruments says it";
  EXPECT_EQ(keys_.audit.ReadDown(0, 1)->front().act.action, "calendar.refresh");
}

TEST_F(GatewayKeysTest, APageBringsItsKeyInACookie) {
  const auto key = MakeKey("page", {Scope::kRead});
  const auto begin = [&](const std::string& text, const http::Headers& more = {}) {
    return Ask("POST", "/api/v1/session", json{{"key", text}}.dump(), more);
  };
  EXPECT_EQ(ReasonOf(begin("wrong")), "KEY_UNKNOWN");
  EXPECT_EQ(ReasonOf(begin("")), "FIELD_WRONG");
  const auto begun = begin(key.text.Reveal());
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_EQ(json::parse(begun.body)["data"]["scopes"], json::array({"read"}));
  EXPECT_THAT(begun.body, testing::Not(HasSubstr(key.text.Reveal())));
  const std::string cookie{begun.headers.Get("Set-Cookie")};
  EXPECT_THAT(cookie, HasSubstr("; HttpOnly"));
  EXPECT_THAT(cookie, HasSubstr("; SameSite=Strict"));
  EXPECT_THAT(cookie, testing::Not(HasSubstr("Secure"))) << "plain HTTP on loopback";
  const auto behind_proxy = begin(key.text.Reveal(), {{"X-Forwarded-Proto", "https"}});
  EXPECT_THAT(std::string{behind_proxy.headers.Get("Set-Cookie")}, HasSubstr("; Secure"));
  const http::Headers with{{"Cookie", "theme=dark; " + cookie.substr(0, cookie.find(';'))}};
  EXPECT_EQ(Ask("GET", kStatus, "", with).status, 200);
  auto stream =
      OpenStream("symbols=K%7C1", "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n");
  stream->HearUntil("event: status");
  http::Headers from_elsewhere = with;
  from_elsewhere.Set("Origin", "https://evil.example");
  EXPECT_EQ(ReasonOf(Ask("POST", kConnect, "", from_elsewhere)), "ORIGIN_REFUSED");
  ASSERT_TRUE(keys_.desk.Revoke(key.key.known.id, "local"));
  EXPECT_TRUE(
      Eventually([&] { return ReasonOf(Ask("GET", kStatus, "", with)) == "KEY_REVOKED"; }, 1s));
  const auto ended = Ask("DELETE", "/api/v1/session");
  EXPECT_THAT(std::string{ended.headers.Get("Set-Cookie")}, HasSubstr("sauda_key=; "));
  EXPECT_THAT(std::string{ended.headers.Get("Set-Cookie")}, HasSubstr("Max-Age=0"));
}

/// The gateway with keys required and little patience.
class GatewayLimitTest : public GatewayKeysTest {
 protected:
  Config Settings() const override {
    Config config = GatewayKeysTest::Settings();
    config.login_burst = 3;
    config.logins_per_minute = 1;
    config.keys_burst = 2;
    config.keys_per_minute = 1;
    return config;
  }
  /// The client would keep to Retry-After.
  http::ClientResponse AskAnew(const std::string& method, const std::string& target,
                               const http::Headers& more = {}) {
    TakeNewClient();
    return Ask(method, target, "", more);
  }
};

TEST_F(GatewayLimitTest, LimitsLoginsByAddressAndKeysByKey) {
  const auto admin = MakeKey("admin", {Scope::kAdmin});
  const auto other = MakeKey("other", {Scope::kAdmin});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(AskAnew("GET", "/api/v1/auth/login").status, 401) << i;
  const auto refused = AskAnew("GET", "/api/v1/auth/login");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(ReasonOf(refused), "RATE_LIMITED");
  const int wait = std::stoi(std::string{refused.headers.Get("Retry-After")});
  EXPECT_GE(wait, 1);
  EXPECT_LE(wait, 60);
  EXPECT_EQ(AskAnew("POST", "/api/v1/session").status, 429) << "one limit for all of these";
  const std::string callback = "/api/v1/auth/callback?state=s1&code=c1";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(AskAnew("GET", callback).status, 302) << "a login that was begun can be ended";
  }
  EXPECT_EQ(AskAnew("GET", callback).status, 429);
  EXPECT_EQ(AskAnew("GET", "/api/v1/auth/login", Bearer(admin.text)).status, 302)
      << "who brings a good key does not pay for others";
  EXPECT_EQ(AskAnew("GET", kKeys, Bearer(admin.text)).status, 200);
  EXPECT_EQ(AskAnew("GET", "/api/v1/audit", Bearer(admin.text)).status, 200);
  EXPECT_EQ(AskAnew("GET", kKeys, Bearer(admin.text)).status, 429);
  EXPECT_EQ(AskAnew("GET", kKeys, Bearer(other.text)).status, 200);
  for (int i = 0; i < 5; ++i) EXPECT_NE(AskAnew("GET", "/").status, 429) << "the rest has no limit";
}

struct RequiredCase {
  std::string name;
  ApiKeys setting;
  std::string listen;
  bool required;
};
class KeysRequiredTest : public testing::TestWithParam<RequiredCase> {};

TEST_P(KeysRequiredTest, FollowsTheSettingAndTheAddress) {
  Config config;
  config.api_keys = GetParam().setting;
  config.listen = GetParam().listen;
  EXPECT_EQ(config.KeysRequired(), GetParam().required);
}

INSTANTIATE_TEST_SUITE_P(
    Settings, KeysRequiredTest,
    testing::Values(RequiredCase{"AutoHere", ApiKeys::kAuto, "127.0.0.1:8080", false},
                    RequiredCase{"AutoHereByName", ApiKeys::kAuto, "localhost:8080", false},
                    RequiredCase{"AutoBeyond", ApiKeys::kAuto, "0.0.0.0:8080", true},
                    RequiredCase{"AutoBeyondSix", ApiKeys::kAuto, "[::]:8080", true},
                    RequiredCase{"OffBeyond", ApiKeys::kOff, "0.0.0.0:8080", false},
                    RequiredCase{"RequiredHere", ApiKeys::kRequired, "127.0.0.1:8080", true}),
    CaseName{});

}  // namespace
}  // namespace sauda::gateway
