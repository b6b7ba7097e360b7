#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "libs/base/backoff.hpp"
#include "libs/base/result.hpp"
#include "services/feed/src/core/broker_feed.hpp"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace sauda::feed {

/// Follows the account's token at the auth service, on its own thread, for as long as it lives.
/// While auth is away the token in hand stays; the watch is taken up again with backoff.
class TokenWatcher {
 public:
  struct Events {
    /// A new token, or none and why (TOKEN_MISSING, TOKEN_EXPIRED, LOGGED_OUT).
    std::function<void(std::optional<BrokerToken>, const std::string& why)> on_token;
    /// How auth stands: no error when it answers.
    std::function<void(const Error* failure)> on_state;
  };

  TokenWatcher(std::shared_ptr<grpc::Channel> channel, std::string account_id,
               Backoff::Limits backoff, Events events);
  ~TokenWatcher();
  TokenWatcher(const TokenWatcher&) = delete;
  TokenWatcher& operator=(const TokenWatcher&) = delete;

  /// The broker refused the token: asks auth anew what it is.
  void OnRefused();

  /// Cancels the watch and joins. Idempotent.
  void Stop();

 private:
  struct Stub;

  void Run();
  /// Reads events until the stream ends. True when it brought any.
  bool Watch();

  const std::unique_ptr<Stub> stub_;
  const std::string account_id_;
  const Events events_;
  Backoff backoff_;  // its thread only

  std::mutex mutex_;                        // guards the three below
  grpc::ClientContext* context_ = nullptr;  // of the watch under way
  bool stopping_ = false;
  bool restart_ = false;
  std::condition_variable changed_;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace sauda::feed
