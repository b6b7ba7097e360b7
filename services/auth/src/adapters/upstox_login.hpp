#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "libs/base/market_clock.hpp"
#include "libs/base/secret.hpp"
#include "libs/http/client.hpp"
#include "libs/upstox/broker_observer.hpp"
#include "libs/upstox/endpoints.hpp"
#include "services/auth/src/core/ports.hpp"

namespace sauda::upstox {
class RestClient;
}  // namespace sauda::upstox

namespace sauda::auth {

/// The login over libs/upstox, at the broker or the simulator. Every answer tells the market clock
/// the time. Thread-safe.
class UpstoxLogin final : public BrokerLogin {
 public:
  /// Makes the HTTPS client; asked again until it succeeds, since the simulator's certificate may
  /// not be there yet.
  using Connect = std::function<Result<std::unique_ptr<http::Client>>()>;

  struct Options {
    upstox::Endpoints endpoints;
    std::string api_key;  ///< empty: no code login
    Secret api_secret;    ///< the same
    std::string redirect_uri;
    std::chrono::milliseconds deadline{10'000};
  };

  /// `market` outlives it.
  UpstoxLogin(Connect connect, MarketClock& market, Options options);
  ~UpstoxLogin() override;

  Result<std::string> DialogUrl(const std::string& state) override;
  Result<BrokerSession> Exchange(const Secret& code) override;
  Result<ApprovalAnswer> RequestApproval() override;
  Result<BrokerProfile> Prove(const Secret& token, TokenKind kind) override;
  Result<void> Logout(const Secret& access_token) override;
  Result<void> Ping() override;

 private:
  /// The client, and the calls over it.
  struct Line {
    std::unique_ptr<http::Client> client;
    std::unique_ptr<upstox::RestClient> rest;
  };

  Result<Line*> Connected();
  Result<void> CheckCredentials() const;

  const Connect connect_;
  const Options options_;
  upstox::BrokerObserver observer_;
  std::mutex mutex_;
  std::unique_ptr<Line> line_;  // guarded by mutex_; once set it stays
};

}  // namespace sauda::auth
