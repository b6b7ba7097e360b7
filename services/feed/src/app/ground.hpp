#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "libs/base/result.hpp"
#include "libs/calendar/calendar.hpp"
#include "libs/rpc/calls.hpp"
#include "libs/storage/pg_pool.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/metrics.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/config.hpp"
#include "services/feed/src/core/listings.hpp"
#include "services/feed/src/metrics.hpp"

namespace sauda::feed {

/// How what the service leans on is tried again.
inline constexpr Backoff::Limits kDependencyBackoff{std::chrono::milliseconds{200},
                                                    std::chrono::milliseconds{5'000}};

/// What every part of the service stands on: settings, clocks, metrics, the state of what it leans
/// on, the instruments in use, and the way to PostgreSQL.
struct Ground {
  explicit Ground(Config the_config);

  /// Serves the metrics and makes `schema` and `pool`; PostgreSQL is not waited for. Fails with
  /// kUnavailable / PORT_TAKEN or kInvalidArgument / POSTGRES_URL_MISSING.
  Result<void> Start();

  bool simulator() const { return config.broker.broker == Broker::kSimulator; }
  MarketClock::Source clock_source() const;
  storage::PgOptions Postgres(std::size_t connections) const;
  /// Absent: the simulator has not said it yet.
  std::optional<std::int64_t> MarketMs() const;
  /// How `dependency` stands; no error: it can be used. Thread-safe.
  void Tell(const std::string& dependency, const Error* failure);

  const Config config;
  const std::string instance;  ///< of this run
  const SystemClock clock;
  MarketClock market;
  calendar::CalendarKeeper calendars;  ///< as sauda-instruments has it
  telemetry::MetricsExporter exporter;
  Metrics metrics;
  rpc::Calls calls;
  telemetry::Dependencies dependencies;
  Listings listings;
  std::unique_ptr<PgSchema> schema;
  std::unique_ptr<storage::PgPool> pool;  ///< of the keepers of subscriptions and of alerts
};

}  // namespace sauda::feed
