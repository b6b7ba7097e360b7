#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "libs/http/client.hpp"
#include "services/gateway/src/app.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_portfolio.hpp"
#include "tests/support/gateway_fakes.hpp"
#include "tests/support/raw_socket.hpp"

namespace sauda::gateway {

using nlohmann::json;

inline constexpr const char* kConnect = "/api/v1/market/market-feed/connect";

inline std::string Local(int port) { return "127.0.0.1:" + std::to_string(port); }

/// The gateway as a whole, in front of services that play a script.
class GatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_server_.Start({.listen = Local(0)}, AuthServices()));
    ASSERT_TRUE(instruments_server_.Start({.listen = Local(0)}, {&instruments_, &calendar_}));
    ASSERT_TRUE(orders_server_.Start({.listen = Local(0)}, {&orders_, &portfolio_}));
    StartFeed(0);
    Config config = Settings();
    config.listen = Local(0);
    config.metrics_listen = Local(0);
    config.auth_address = Local(auth_server_.port());
    config.instruments_address = Local(instruments_server_.port());
    config.orders_address = Local(orders_server_.port());
    config.feed_address = Local(feed_server_->port());
    config.heartbeat = std::chrono::milliseconds{200};
    app_ = std::make_unique<App>(config);
    ASSERT_TRUE(app_->Start());
    TakeNewClient();
  }
  /// One that no answer has told to wait.
  void TakeNewClient() {
    client_ = std::move(*http::Client::Make(
        {.allowed = {Local(app_->port())}, .breaker = {.failures = 1'000}}, clock_));
  }
  /// What a test wants otherwise than by default.
  virtual Config Settings() const { return {}; }
  void TearDown() override {
    app_.reset();
    StopFeed();
  }
  virtual std::vector<grpc::Service*> AuthServices() { return {&auth_, &account_}; }
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
    auto answer = client_->Send(request, std::chrono::seconds{20});
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

  SystemClock clock_;
  FakeAuth auth_;
  FakeAccount account_;
  FakeInstruments instruments_;
  FakeCalendar calendar_;
  FakeOrders orders_;
  FakePortfolio portfolio_;
  std::unique_ptr<FakeFeed> feed_;
  rpc::Server auth_server_;
  rpc::Server instruments_server_;
  rpc::Server orders_server_;
  std::unique_ptr<rpc::Server> feed_server_;
  std::unique_ptr<App> app_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace sauda::gateway
