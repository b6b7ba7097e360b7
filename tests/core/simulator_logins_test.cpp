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

  std::string Code() { return logins_.NewCode(clock_.Now()).value(); }
  Answer<std::string> Exchange(const ExchangeRequest& request) {
    return logins_.Exchange(request, clock_.Now(), kMorning);
  }

  int random_ = 0;
  std::map<std::string, TokenClaims> signed_;
  EndedTokens kept_;
  ManualClock clock_;
  Logins logins_{{.api_key = "key", .api_secret = Secret{"secret"}, .redirect_uri = kRedirect},
                 "SIM001",
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
  const std::string token = Exchange(Good(Code())).value();
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
  const std::string first = Exchange(Good(Code())).value();
  const std::string second = Exchange(Good(Code())).value();
  logins_.Revoke(first);
  EXPECT_TRUE(logins_.CheckToken(first, kMorning));
  EXPECT_FALSE(logins_.CheckToken(second, kMorning));
  logins_.ExpireAll();
  EXPECT_TRUE(logins_.CheckToken(second, kMorning));
  EXPECT_FALSE(logins_.CheckToken(Exchange(Good(Code())).value(), kMorning));
  EXPECT_TRUE(logins_.CheckToken("nonsense", kMorning));
}

TEST_F(LoginsTest, WhatWasEndedStaysEndedInTheNextProcess) {
  const auto next = [this] {
    return Logins{{.api_key = "key", .api_secret = Secret{"secret"}, .redirect_uri = kRedirect},
                  "SIM001",
                  false,
                  Ports(),
                  kept_};
  };
  const std::string first = Exchange(Good(Code())).value();
  const std::string second = Exchange(Good(Code())).value();
  logins_.Revoke(first);
  EXPECT_TRUE(next().CheckToken(first, kMorning));
  EXPECT_FALSE(next().CheckToken(second, kMorning));
  logins_.ExpireAll();
  EXPECT_TRUE(next().CheckToken(second, kMorning));
  EXPECT_TRUE(kept_.revoked.empty()) << "the older generation needs no list";
  EXPECT_FALSE(next().CheckToken(Exchange(Good(Code())).value(), kMorning));
}

TEST_F(LoginsTest, TokensThatEndedByThemselvesLeaveTheList) {
  logins_.Revoke(Exchange(Good(Code())).value());
  ASSERT_EQ(kept_.revoked.size(), 1U);
  const std::int64_t end = NextTokenEndMs(kMorning);
  logins_.Revoke(logins_.Exchange(Good(Code()), clock_.Now(), end - 1).value());
  EXPECT_EQ(kept_.revoked.size(), 2U);
  logins_.Revoke(logins_.Exchange(Good(Code()), clock_.Now(), end).value());
  EXPECT_EQ(kept_.revoked.size(), 1U);
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
