#pragma once

#include <string>
#include <vector>

#include "tests/rpc/gateway_fixture.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/keys_server.hpp"

namespace sauda::gateway {

/// The gateway with keys required, in front of auth's real KeysService in this process.
class GatewayKeysTest : public GatewayTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(keys_.desk.Refresh());
    GatewayTest::SetUp();
    WaitForKeys();
  }
  void TearDown() override {
    app_.reset();
    keys_.service.Shutdown();
    auth_server_.Stop();  // before what it serves
    GatewayTest::TearDown();
  }
  Config Settings() const override {
    Config config;
    config.api_keys = ApiKeys::kRequired;
    config.report_uses_every = std::chrono::milliseconds{100};
    config.login_burst = 1'000;
    config.keys_burst = 1'000;
    return config;
  }
  std::vector<grpc::Service*> AuthServices() override {
    return {&auth_, &account_, &keys_.service};
  }

  /// Until the gateway has the set.
  void WaitForKeys() {
    ASSERT_TRUE(Eventually([&] {
      return ReasonOf(Ask("GET", "/api/v1/orders", "", {{"X-Api-Key", "x"}})) == "KEY_UNKNOWN";
    }));
  }
  auth::CreatedKey MakeKey(const std::string& name, keys::Scopes scopes,
                           const std::vector<std::string>& accounts = {},
                           std::int64_t expires_ms = 0) {
    auto made = keys_.desk.Create(
        {.name = name, .scopes = scopes, .accounts = accounts, .expires_ms = expires_ms}, "local");
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(Eventually([&] { return StatusWith(made->text) != "KEY_UNKNOWN"; }));
    return std::move(*made);
  }
  /// The reason of a look with that key; empty: it was let in, and whatever came of it.
  std::string StatusWith(const Secret& key) {
    return ReasonOf(Ask("GET", "/api/v1/market/market-feed/status", "", Bearer(key)));
  }
  static http::Headers Bearer(const Secret& key) {
    return {{"Authorization", "Bearer " + key.Reveal()}};
  }
  static std::string ReasonOf(const http::ClientResponse& answer) {
    const json body = json::parse(answer.body, nullptr, false);
    if (!body.is_object() || body.value("status", "") != "error") return "";
    return body["errors"][0]["error_code"];
  }

  auth::KeysServer keys_{clock_};
};

}  // namespace sauda::gateway
