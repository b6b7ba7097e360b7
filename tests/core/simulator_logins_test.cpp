#include <map>
#include <string>

#include <gtest/gtest.h>

#include "simulator/src/core/ist.hpp"
#include "simulator/src/core/logins.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::sim {
namespace {

constexpr std::int64_t kMorning = 1'765'771'200'000;  // 2025-12-15 09:30 IST
constexpr const char* kRedirect = "http://127.0.0.1:8080/callback";

/// Signs by writing the claims down, reads by looking them up.
class LoginsTest : public testing::Test {
 protected:
  Logins::Ports Ports() {
    return {.random_text = [this](std::size_t) { return "r" + std::to_string(++random_); },
            .sign =
                [this](const TokenClaims& claims) {
                  signed_["token-" + claims.id] = claims;
                  return "token-" + claims.id;
                },
            .read = [this](std::string_view token) -> std::optional<TokenClaims> {
              const auto found = signed_.find(std::string{token});
              if (found == signed_.end()) return std::nullopt;
              return found->second;
            },
            .keep = [this](const EndedTokens& ended) { kept_ = ended; }};
  }

  ExchangeRequest Good(const std::string& code) const {
    return {.client_id = "key",
            .client_secret = "secret",
            .code = code,
            .redirect_uri = kRedirect,
            .grant_type = "authorization_code"};
  }

  std::string Code() { return logins_.NewCode("key", clock_.Now()).value(); }
  Answer<GivenTokens> Exchange(const ExchangeRequest& request) {
    return logins_.Exchange(request, clock_.Now(), kMorning);
  }

  int random_ = 0;
  std::map<std::string, TokenClaims> signed_;
  EndedTokens kept_;
  ManualClock clock_;
  Logins logins_{{{.api_key = "key",
                   .api_secret = Secret{"secret"},
                   .redirect_uri = kRedirect,
                   .user_id = "SIM001",
                   .notifier_url = "http://127.0.0.1/notifier"},
                  {.api_key = "key2",
                   .api_secret = Secret{"secret2"},
                   .redirect_uri = kRedirect,
                   .user_id = "SIM002",
                   .notifier_url = {},
                   .extended_tokens = true}},
                 false,
                 Ports()};
};

struct Case {
  std::string name;
  void (*spoil)(ExchangeRequest&);
  int http = 400;
  std::string code;
};

class ExchangeTest : public LoginsTest, public testing::WithParamInterface<Case> {};

TEST_P(ExchangeTest, RefusesAndUsesTheCodeUp) {
  ExchangeRequest request = Good(Code());
  const ExchangeRequest good = request;
  GetParam().spoil(request);
  const auto refused = Exchange(request);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, GetParam().code);
  EXPECT_EQ(refused.error().http, GetParam().http);
  if (!request.code) return;
  const auto again = Exchange(good);  // whatever the outcome, a code works once
  EXPECT_EQ(again.has_value() ? "" : again.error().code,
            request.code == good.code ? "UDAPI1022" : "");
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ExchangeTest,
    testing::Values(
        Case{"ClientIdMissing", [](ExchangeRequest& r) { r.client_id.reset(); }, 400, "UDAPI1017"},
        Case{"SecretMissing", [](ExchangeRequest& r) { r.client_secret.reset(); }, 400,
             "UDAPI1024"},
        Case{"CodeMissing", [](ExchangeRequest& r) { r.code.reset(); }, 400, "UDAPI1022"},
        Case{"CodeUnknown", [](ExchangeRequest& r) { r.code = "other"; }, 400, "UDAPI1022"},
        Case{"RedirectMissing", [](ExchangeRequest& r) { r.redirect_uri.reset(); }, 400,
             "UDAPI1018"},
        Case{"RedirectOther", [](ExchangeRequest& r) { *r.redirect_uri += "/"; }, 401,
             "UDAPI100068"},
        Case{"GrantMissing", [](ExchangeRequest& r) { r.grant_type.reset(); }, 400, "UDAPI1023"},
        Case{"GrantOther", [](ExchangeRequest& r) { r.grant_type = "password"; }, 400, "UDAPI1023"},
        Case{"KeyWrong", [](ExchangeRequest& r) { r.client_id = "k"; }, 401, "UDAPI100016"},
        Case{"SecretWrong", [](ExchangeRequest& r) { r.client_secret = "s"; }, 401, "UDAPI100016"}),
    CaseName{});

TEST_F(LoginsTest, TokenEndsAtHalfPastThree) {
  const std::string token = Exchange(Good(Code())).value().access;
  const std::int64_t end = NextTokenEndMs(kMorning);
  EXPECT_EQ(FormatIst(end), "2025-12-16 03:30:00");
  EXPECT_FALSE(logins_.CheckToken(token, end - 1));
  EXPECT_EQ(logins_.CheckToken(token, end)->code, "UDAPI100050");
}

TEST_F(LoginsTest, TokenMadeAtNightEndsTheSameNight) {
  const std::int64_t night = NextTokenEndMs(kMorning) - 3'600'000;  // 02:30
  EXPECT_EQ(FormatIst(NextTokenEndMs(night)), "2025-12-16 03:30:00");
}

TEST_F(LoginsTest, CodeDiesAfterTwoMinutes) {
  const std::string code = Code();
  clock_.Advance(Logins::kCodeLife);
  EXPECT_EQ(Exchange(Good(code)).error().code, "UDAPI1022");
}

TEST_F(LoginsTest, LogoutEndsOneTokenAndExpiryAll) {
  const std::string first = Exchange(Good(Code())).value().access;
  const std::string second = Exchange(Good(Code())).value().access;
  logins_.Revoke(first);
  EXPECT_TRUE(logins_.CheckToken(first, kMorning));
  EXPECT_FALSE(logins_.CheckToken(second, kMorning));
  logins_.ExpireAll();
  EXPECT_TRUE(logins_.CheckToken(second, kMorning));
  EXPECT_FALSE(logins_.CheckToken(Exchange(Good(Code())).value().access, kMorning));
  EXPECT_TRUE(logins_.CheckToken("nonsense", kMorning));
}

TEST_F(LoginsTest, WhatWasEndedStaysEndedInTheNextProcess) {
  const auto next = [this] {
    return Logins{{{.api_key = "key",
                    .api_secret = Secret{"secret"},
                    .redirect_uri = kRedirect,
                    .user_id = "SIM001",
                    .notifier_url = {}}},
                  false,
                  Ports(),
                  kept_};
  };
  const std::string first = Exchange(Good(Code())).value().access;
  const std::string second = Exchange(Good(Code())).value().access;
  logins_.Revoke(first);
  EXPECT_TRUE(next().CheckToken(first, kMorning));
  EXPECT_FALSE(next().CheckToken(second, kMorning));
  logins_.ExpireAll();
  EXPECT_TRUE(next().CheckToken(second, kMorning));
  EXPECT_TRUE(kept_.revoked.empty()) << "the older generation needs no list";
  EXPECT_FALSE(next().CheckToken(Exchange(Good(Code())).value().access, kMorning));
}

TEST_F(LoginsTest, TokensThatEndedByThemselvesLeaveTheList) {
  logins_.Revoke(Exchange(Good(Code())).value().access);
  ASSERT_EQ(kept_.revoked.size(), 1U);
  const std::int64_t end = NextTokenEndMs(kMorning);
  logins_.Revoke(logins_.Exchange(Good(Code()), clock_.Now(), end - 1).value().access);
  EXPECT_EQ(kept_.revoked.size(), 2U);
  logins_.Revoke(logins_.Exchange(Good(Code()), clock_.Now(), end).value().access);
  EXPECT_EQ(kept_.revoked.size(), 1U);
}

TEST_F(LoginsTest, ACodeIsOfItsAppAndGivesTokensOfItsUser) {
  ExchangeRequest second = Good(logins_.NewCode("key2", clock_.Now()).value());
  second.client_id = "key2";
  second.client_secret = "secret2";
  const auto given = Exchange(second);
  ASSERT_TRUE(given.has_value()) << given.error().message;
  EXPECT_EQ(given->user_id, "SIM002");
  EXPECT_EQ(logins_.ClaimsOf(given->access)->subject, "SIM002");
  EXPECT_EQ(logins_.ClaimsOf(given->extended.value())->kind, TokenKind::kExtended);
  EXPECT_FALSE(Exchange(Good(Code()))->extended) << "the first app has none";
  second.code = Code();
  EXPECT_EQ(Exchange(second).error().code, "UDAPI1022") << "a code of the other app";
}

TEST_F(LoginsTest, ATokenIsGivenOnceTheUserConsents) {
  EXPECT_EQ(logins_.RequestToken("key", std::nullopt, kMorning).error().code, "UDAPI1024");
  EXPECT_EQ(logins_.RequestToken("key", "wrong", kMorning).error().code, "UDAPI100016");
  EXPECT_EQ(logins_.RequestToken("nobody", "secret", kMorning).error().code, "UDAPI100016");
  EXPECT_EQ(logins_.Approve("SIM001", kMorning).error().code, "SIM_NOTHING_PENDING");
  const auto pending = logins_.RequestToken("key", "secret", kMorning);
  ASSERT_TRUE(pending.has_value());
  EXPECT_EQ(FormatIst(pending->expires_ms), "2025-12-16 03:30:00");
  EXPECT_EQ(logins_.Pending(kMorning).size(), 1U);
  EXPECT_EQ(logins_.Approve("SIM002", kMorning).error().code, "SIM_NOTHING_PENDING");
  const auto approved = logins_.Approve("SIM001", kMorning);
  ASSERT_TRUE(approved.has_value());
  EXPECT_EQ(approved->request.notifier_url, "http://127.0.0.1/notifier");
  EXPECT_FALSE(logins_.CheckToken(approved->access_token, kMorning));
  EXPECT_EQ(logins_.Approve("SIM001", kMorning).error().code, "SIM_NOTHING_PENDING") << "once";
}

TEST_F(LoginsTest, ARequestDiesAtHalfPastThreeOrWithARejection) {
  const auto pending = logins_.RequestToken("key", "secret", kMorning);
  EXPECT_EQ(logins_.Pending(pending->expires_ms - 1).size(), 1U);
  EXPECT_TRUE(logins_.Pending(pending->expires_ms).empty());
  EXPECT_FALSE(logins_.Approve("SIM001", pending->expires_ms).has_value());
  EXPECT_FALSE(logins_.Reject("SIM001", pending->expires_ms));
  (void)logins_.RequestToken("key", "secret", kMorning);
  EXPECT_TRUE(logins_.Reject("SIM001", kMorning));
  EXPECT_FALSE(logins_.Approve("SIM001", kMorning).has_value());
}

struct RightCase {
  std::string name;
  TokenKind kind = TokenKind::kAccess;
  std::string method;
  std::string route;
  std::string refused;  // none: allowed
};
class RightsTest : public testing::TestWithParam<RightCase> {};

TEST_P(RightsTest, FollowTheKind) {
  const RightCase& c = GetParam();
  const auto refused = Logins::CheckRights(c.kind, c.method, c.route);
  EXPECT_EQ(refused ? refused->code : "", c.refused);
}
constexpr auto kExt = TokenKind::kExtended;
constexpr auto kYear = TokenKind::kAnalytics;
INSTANTIATE_TEST_SUITE_P(
    Kinds, RightsTest,
    testing::Values(
        RightCase{"AccessPlaces", TokenKind::kAccess, "POST", "/v3/order/place", ""},
        RightCase{"ExtendedReadsOrders", kExt, "GET", "/v2/order/retrieve-all", ""},
        RightCase{"ExtendedReadsPositions", kExt, "GET", "/v2/portfolio/short-term-positions", ""},
        RightCase{"ExtendedPlacesNone", kExt, "POST", "/v3/order/place", "UDAPI100067"},
        RightCase{"ExtendedNoProfile", kExt, "GET", "/v2/user/profile", "UDAPI100067"},
        RightCase{"ExtendedNoFeed", kExt, "GET", "/v3/feed/market-data-feed", "UDAPI100067"},
        RightCase{"AnalyticsFeed", kYear, "GET", "/v3/feed/market-data-feed", ""},
        RightCase{"AnalyticsNoProfile", kYear, "GET", "/v2/user/profile", "UDAPI1154"},
        RightCase{"AnalyticsNoFunds", kYear, "GET", "/v3/user/get-funds-and-margin", "UDAPI1154"},
        RightCase{"AnalyticsPlacesNone", kYear, "POST", "/v3/order/place", "UDAPI1154"}),
    CaseName{});

TEST_F(LoginsTest, TheConsoleMakesTokensOfEveryKind) {
  const auto year = logins_.Issue("SIM002", TokenKind::kAnalytics, kMorning);
  ASSERT_TRUE(year);
  EXPECT_EQ(logins_.ClaimsOf(*year)->kind, TokenKind::kAnalytics);
  EXPECT_FALSE(logins_.CheckToken(*year, NextTokenEndMs(kMorning) + 1)) << "it outlives the night";
  EXPECT_FALSE(logins_.Issue("NOBODY", TokenKind::kAnalytics, kMorning));
}

TEST_F(LoginsTest, DialogChecksWhatItIsAsked) {
  const auto code = [this](const char* id, const char* redirect, const char* type) {
    const auto error = logins_.CheckDialog(id, redirect, type);
    return error ? error->code : "";
  };
  EXPECT_EQ(code("key", kRedirect, "code"), "");
  EXPECT_EQ(code("", kRedirect, "code"), "UDAPI1017");
  EXPECT_EQ(code("key", "", "code"), "UDAPI1018");
  EXPECT_EQ(code("other", kRedirect, "code"), "UDAPI100068");
  EXPECT_EQ(code("key", "http://127.0.0.1:8080/", "code"), "UDAPI100068");
  EXPECT_EQ(code("key", kRedirect, "token"), "UDAPI100036");
}

TEST(SimulatorIstTest, FormatsAndWindows) {
  EXPECT_EQ(FormatIst(kMorning), "2025-12-15 09:30:00");
  EXPECT_EQ(FormatIstDay(kMorning), "251215");
  EXPECT_EQ(FormatHttpDate(kMorning), "Mon, 15 Dec 2025 04:00:00 GMT");
  constexpr std::int64_t kOpens = kMorning - 4LL * 3'600'000;  // 05:30
  EXPECT_TRUE(InServiceWindow(kOpens));
  EXPECT_FALSE(InServiceWindow(kOpens - 1));
  EXPECT_EQ(TradingDayOf(kOpens), TradingDayOf(kMorning));
  EXPECT_EQ(TradingDayOf(kOpens - 1), TradingDayOf(kMorning) - 1);
}

}  // namespace
}  // namespace sauda::sim
