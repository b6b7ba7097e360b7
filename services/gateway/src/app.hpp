#pragma once

#include <memory>

#include "libs/http/server.hpp"
#include "libs/http/worker_pool.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/metrics.hpp"
#include "services/gateway/src/adapters/feed_stream.hpp"
#include "services/gateway/src/adapters/key_stream.hpp"
#include "services/gateway/src/config.hpp"
#include "services/gateway/src/core/hub.hpp"
#include "services/gateway/src/core/key_ring.hpp"
#include "services/gateway/src/metrics.hpp"
#include "services/gateway/src/rpc/guard.hpp"
#include "services/gateway/src/rpc/peers.hpp"

namespace sauda::gateway {

/// Builds the service and owns its parts. Members are declared in the order in which they start.
class App {
 public:
  explicit App(Config config);
  ~App();

  /// Fails with kUnavailable / PORT_TAKEN, BIND_FAILED, or kInvalidArgument / BIND_NEEDS_TLS,
  /// TLS_FILES_UNREADABLE, TLS_INVALID, ADDRESS_INVALID.
  Result<void> Start();
  void Stop();

  /// The port in use, when `listen` had port 0; valid after Start.
  int port() const { return server_->port(); }

 private:
  Result<void> ConnectPeers();
  Result<http::ServerOptions> ServerOptionsOf();

  const Config config_;
  const SystemClock clock_;
  telemetry::MetricsExporter exporter_;
  Metrics metrics_;
  telemetry::Dependencies dependencies_;
  Hub hub_;
  KeyRing ring_;
  RateLimiter login_limiter_;
  RateLimiter callback_limiter_;
  RateLimiter keys_limiter_;
  const Guard guard_;
  Peers peers_;
  std::shared_ptr<grpc::Channel> auth_channel_;
  std::shared_ptr<grpc::Channel> feed_channel_;
  std::unique_ptr<http::WorkerPool> workers_;
  std::unique_ptr<FeedStream> feed_;
  std::unique_ptr<KeyStream> keys_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Routes> routes_;
};

}  // namespace sauda::gateway
