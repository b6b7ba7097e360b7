#pragma once

#include <functional>
#include <utility>

#include "libs/http/worker_pool.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "services/gateway/src/core/hub.hpp"
#include "services/gateway/src/metrics.hpp"
#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/guard.hpp"
#include "services/gateway/src/rpc/peers.hpp"

namespace sauda::gateway {

/// What the routes work with. All of it outlives the server.
struct Context {
  const Routes& routes;
  KeyRing& ring;
  const Clock& clock;
  http::WorkerPool& workers;
  const Peers& peers;
  Hub& hub;
  Metrics& metrics;
  telemetry::Dependencies& dependencies;
  bool https = false;  ///< the server itself speaks it
};

/// A handler that may block: it runs on the workers. When too many wait it is 503 BUSY.
inline AskedHandler OnWorkers(const Context& context,
                              std::function<http::Response(const Asked&)> handle) {
  return [&workers = context.workers, handle = std::move(handle)](Asked asked,
                                                                  const http::Respond& respond) {
    const auto shared = std::make_shared<const Asked>(std::move(asked));
    const bool taken = workers.TryRun([handle, respond, shared] { respond(handle(*shared)); });
    if (!taken) respond(Busy(*shared));
  };
}

/// /api/v1/account/…
void AddAccountRoutes(const Context& context);
/// /api/v1/auth/…, /api/integrations/upstox/callback
void AddAuthRoutes(const Context& context);
/// /api/v1/instruments/…
void AddInstrumentRoutes(const Context& context);
/// Of those the lists.
void AddInstrumentListRoutes(const Context& context);
/// /api/v1/market/status, holidays, timings, calendar
void AddCalendarRoutes(const Context& context);
/// /api/v1/market/market-feed/…, /api/v1/websocket/…
void AddMarketRoutes(const Context& context);
/// /api/v1/market/stream
void AddStreamRoutes(const Context& context);
/// /api/v1/keys/…
void AddKeyRoutes(const Context& context);
/// /api/v1/audit/…
void AddAuditRoutes(const Context& context);
/// /api/v1/session
void AddSessionRoutes(const Context& context);
/// /api/v1/orders/…
void AddOrderRoutes(const Context& context);
/// /api/v1/kill/…
void AddKillRoutes(const Context& context);
/// /api/v1/portfolio/…
void AddPortfolioRoutes(const Context& context);
/// /healthz, /readyz, the page
void AddStatusRoutes(const Context& context);

}  // namespace sauda::gateway
