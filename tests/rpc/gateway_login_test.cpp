// The gateway's ways to a token beside the dialog: consent in the broker's app, and a pasted one.

#include <gmock/gmock.h>

#include "tests/rpc/gateway_fixture.hpp"

namespace sauda::gateway {
namespace {

constexpr const char* kNotifier = "/api/integrations/upstox/notifier/";

json Notice() {
  return {{"client_id", "key"},
          {"user_id", "4ABC"},
          {"access_token", "day"},
          {"token_type", "Bearer"},
          {"expires_at", "1765836000000"},
          {"issued_at", "1765771200000"},
          {"message_type", "access_token"}};
}

TEST_F(GatewayTest, AsksForConsentInTheBrokersApp) {
  const auto asked = Ask("POST", "/api/v1/auth/approval", R"({"account_id": "b"})");
  EXPECT_EQ(asked.status, 200) << asked.body;
  const json data = json::parse(asked.body)["data"];
  EXPECT_EQ(data["account_id"], "b");
  EXPECT_EQ(data["expires_ms"], 1'765'836'000'000);
  EXPECT_EQ(data["pending_before"], true);
  const auto again = Ask("POST", "/api/v1/auth/approval", R"({"again": true})");
  EXPECT_EQ(json::parse(again.body)["data"]["pending_before"], false);
  EXPECT_EQ(Ask("POST", "/api/v1/auth/approval", R"({"agian": true})").status, 400);
}

TEST_F(GatewayTest, TakesTheBrokersNoticeWithoutAuthentication) {
  const std::string path = std::string{kNotifier} + "unguessable";
  const auto taken = Ask("POST", path, Notice().dump(), {{"Content-Type", "text/plain"}});
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(auth_.delivered.client_id(), "key");
  EXPECT_EQ(auth_.delivered.user_id(), "4ABC");
  EXPECT_EQ(auth_.delivered.access_token(), "day");
  EXPECT_EQ(auth_.delivered.token_type(), "Bearer");
  EXPECT_EQ(auth_.delivered.message_type(), "access_token");
  EXPECT_EQ(taken.body.find("4ABC"), std::string::npos) << "the sender learns nothing";
}

TEST_F(GatewayTest, AnotherPathThanTheSecretOneIsNotThere) {
  EXPECT_EQ(Ask("POST", std::string{kNotifier} + "guess", Notice().dump()).status, 404);
  EXPECT_EQ(Ask("POST", kNotifier, Notice().dump()).status, 404);
  EXPECT_EQ(Ask("GET", std::string{kNotifier} + "unguessable").status, 405);
  EXPECT_EQ(Ask("POST", std::string{kNotifier} + "unguessable", "no JSON").status, 400);
  EXPECT_EQ(Ask("POST", std::string{kNotifier} + "unguessable", "[]").status, 400);
}

TEST_F(GatewayTest, TakesPastedTokensOfEveryKind) {
  const auto paste = [this](const std::string& more) {
    return Ask("POST", "/api/v1/auth/token", R"({"access_token": "t")" + more + "}").status;
  };
  EXPECT_EQ(paste(""), 200);
  EXPECT_EQ(auth_.submitted.kind(), auth::v1alpha1::TOKEN_KIND_ACCESS);
  EXPECT_EQ(paste(R"(, "kind": "analytics")"), 200);
  EXPECT_EQ(auth_.submitted.kind(), auth::v1alpha1::TOKEN_KIND_ANALYTICS);
  EXPECT_EQ(paste(R"(, "kind": "extended")"), 200);
  EXPECT_EQ(auth_.submitted.kind(), auth::v1alpha1::TOKEN_KIND_EXTENDED);
  EXPECT_EQ(paste(R"(, "kind": "refresh")"), 400);
  EXPECT_EQ(Get("/api/v1/auth/status")["data"]["kind"], "access");
}

TEST_F(GatewayTest, ShowsWhatTheBrokerKnowsOfTheAccount) {
  const json profile = Get("/api/v1/account/profile?account=b")["data"];
  EXPECT_EQ(profile["account_id"], "b");
  EXPECT_EQ(profile["user_id"], "4ABC");
  EXPECT_EQ(profile["exchanges"], json::array({"NSE"}));
  EXPECT_EQ(profile["simulated"], true);
  const json funds = Get("/api/v1/account/funds")["data"];
  EXPECT_EQ(funds["equity"]["available_margin"], "1512.45") << "a decimal's text";
  EXPECT_EQ(funds["figures"]["available_to_trade.total"], "1512.45");
  EXPECT_EQ(Get("/api/v1/account/static-ip")["data"]["verdict"], "UNKNOWN");
  EXPECT_EQ(Get("/api/v1/account/kill-switch")["data"]["segments"][0]["segment"], "NSE_FO");
  EXPECT_EQ(Ask("GET", "/api/v1/account/profile?account=out").status, 401);
}

}  // namespace
}  // namespace sauda::gateway
