#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "libs/base/market_clock.hpp"
#include "libs/http/client.hpp"
#include "libs/upstox/broker_observer.hpp"
#include "libs/upstox/endpoints.hpp"
#include "services/auth/src/core/broker_account.hpp"

namespace sauda::upstox {
class RestClient;
}  // namespace sauda::upstox

namespace sauda::auth {

/// The account's calls over libs/upstox, for every account: the token says whose it is.
/// Thread-safe.
class UpstoxAccount final : public BrokerAccount {
 public:
  /// As UpstoxLogin::Connect.
  using Connect = std::function<Result<std::unique_ptr<http::Client>>()>;

  /// `market` outlives it.
  UpstoxAccount(Connect connect, MarketClock& market, upstox::Endpoints endpoints,
                std::chrono::milliseconds deadline);
  ~UpstoxAccount() override;

  Result<UserProfile> Profile(const Secret& access_token) override;
  Result<AccountFunds> Funds(const Secret& access_token) override;
  Result<RegisteredIp> StaticIp(const Secret& access_token) override;
  Result<BrokerKillSwitch> KillSwitch(const Secret& access_token) override;

 private:
  Result<upstox::RestClient*> Connected();

  const Connect connect_;
  const upstox::Endpoints endpoints_;
  const std::chrono::milliseconds deadline_;
  upstox::BrokerObserver observer_;
  std::mutex mutex_;
  std::unique_ptr<http::Client> client_;      // guarded by mutex_; once set it stays
  std::unique_ptr<upstox::RestClient> rest_;  // the same
};

}  // namespace sauda::auth
