#pragma once

#include "libs/http/server.hpp"
#include "libs/http/worker_pool.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "services/gateway/src/core/hub.hpp"
#include "services/gateway/src/metrics.hpp"
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
