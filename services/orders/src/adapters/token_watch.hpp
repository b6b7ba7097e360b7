#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "libs/base/market_clock.hpp"
#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc
namespace sauda::telemetry {
class Dependencies;
}  // namespace sauda::telemetry

namespace sauda::orders {

/// Follows the account's access token at the auth service, from Start until it dies. While auth is
/// there it says when the token is over; while it is away the token in hand is used until it
/// expires by the market clock. (Not sooner: the market clock is learnt from the broker's answers,
/// and without a token nobody asks the broker.) Thread-safe.
class TokenWatch {
 public:
  /// The references outlive it. `dependencies` hears under the name `auth`.
  TokenWatch(std::shared_ptr<grpc::Channel> channel, std::string account_id,
             const MarketClock& market_clock, telemetry::Dependencies& dependencies);
  ~TokenWatch();
  TokenWatch(const TokenWatch&) = delete;
  TokenWatch& operator=(const TokenWatch&) = delete;

  void Start();

  /// Fails with kUnavailable / TOKEN_MISSING.
  Result<Secret> Token() const;

  /// Waits until the token changes, but at most so long.
  void WaitForChange(std::chrono::milliseconds limit) const;

 private:
  void Run(const std::stop_token& stop);
  void Follow(const std::stop_token& stop);

  const std::shared_ptr<grpc::Channel> channel_;
  const std::string account_id_;
  const MarketClock& market_clock_;
  telemetry::Dependencies& dependencies_;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable_any changed_;
  bool followed_ = false;  // auth has spoken on the stream in progress
  std::optional<Secret> token_;
  std::int64_t expires_ms_ = 0;
  std::string why_not_ = "auth has not answered yet";
  std::uint64_t changes_ = 0;
  grpc::ClientContext* context_ = nullptr;  // of the call in progress
  std::jthread thread_;                     // last: it uses the rest
};

}  // namespace sauda::orders
