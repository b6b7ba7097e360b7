#pragma once

#include <functional>
#include <utility>

#include "libs/http/server.hpp"
#include "libs/http/worker_pool.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "services/gateway/src/core/hub.hpp"
#include "services/gateway/src/metrics.hpp"
#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/peers.hpp"

namespace sauda::gateway {

/// What the routes work with. All of it outlives the server.
struct Context {
  http::Server& server;
  http::WorkerPool& workers;
  const Peers& peers;
  Hub& hub;
  Metrics& metrics;
  telemetry::Dependencies& dependencies;
};

/// A handler that may block: it runs on the workers. When too many wait it is 503 BUSY.
inline http::Handler OnWorkers(const Context& context,
                               std::function<http::Response(const http::Request&)> handle) {
  return http::Blocking(context.workers, std::move(handle), Busy);
}

/// /api/v1/account/…
void AddAccountRoutes(const Context& context);
/// /api/v1/auth/…, /api/integrations/upstox/callback
void AddAuthRoutes(const Context& context);
/// /api/v1/instruments/…
void AddInstrumentRoutes(const Context& context);
/// /api/v1/market/market-feed/…, /api/v1/websocket/…
void AddMarketRoutes(const Context& context);
/// /api/v1/market/stream
void AddStreamRoutes(const Context& context);
/// /api/v1/orders/…
void AddOrderRoutes(const Context& context);
/// /healthz, /readyz, the page
void AddStatusRoutes(const Context& context);

}  // namespace sauda::gateway
