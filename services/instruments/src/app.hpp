#pragma once

#include <memory>
#include <optional>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "libs/rpc/calls.hpp"
#include "libs/rpc/server.hpp"
#include "libs/storage/pg_pool.hpp"
#include "libs/storage/redis.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/metrics.hpp"
#include "libs/telemetry/repeating_task.hpp"
#include "services/instruments/src/adapters/folder_master_source.hpp"
#include "services/instruments/src/adapters/http_master_source.hpp"
#include "services/instruments/src/adapters/pg_instrument_store.hpp"
#include "services/instruments/src/adapters/redis_sync_lock.hpp"
#include "services/instruments/src/adapters/sample_master_source.hpp"
#include "services/instruments/src/calendar_part.hpp"
#include "services/instruments/src/config.hpp"
#include "services/instruments/src/core/catalog/catalog_keeper.hpp"
#include "services/instruments/src/dependency_watch.hpp"
#include "services/instruments/src/measured_syncs.hpp"
#include "services/instruments/src/metrics.hpp"
#include "services/instruments/src/rpc/instruments_service.hpp"
#include "services/instruments/src/sync_scheduler.hpp"

namespace sauda::instruments {

/// Builds the service and owns its parts; the only place where adapters meet the core. Members are
/// declared in the order in which they start; they stop and die in reverse.
class App {
 public:
  explicit App(Config config);
  ~App() { Stop(); }
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Serves from here on, whatever is away. Fails with kInvalidArgument / SETTINGS_INVALID,
  /// BIND_NEEDS_TLS, TLS_FILES_UNREADABLE or kUnavailable / PORT_TAKEN.
  Result<void> Start();

  /// NOT_SERVING, calls drain, threads join.
  void Stop();

  int port() const { return server_.port(); }

 private:
  storage::PgOptions Database() const;
  Result<void> AskPostgres();
  Result<void> AskBroker();
  void RefreshCatalog();

  const Config config_;
  const SystemClock clock_;
  MarketClock market_clock_;
  telemetry::MetricsExporter exporter_;
  Metrics metrics_;
  telemetry::Dependencies dependencies_;
  rpc::Calls calls_;
  storage::PgPool pool_;
  storage::Redis redis_;
  PgInstrumentStore store_;
  CatalogKeeper catalogs_;
  ListKeeper lists_;
  RedisSyncLock lock_;
  HttpMasterSource broker_source_;
  FolderMasterSource folder_source_;
  SampleMasterSource sample_source_;
  MasterSources sources_;
  ListSync list_sync_;
  MasterSync sync_;
  MeasuredSyncs syncs_;
  InstrumentsService service_;
  CalendarPart calendar_;
  rpc::Server server_;
  Monotonic broker_asked_{};     // the watch's thread's own
  Result<void> broker_answer_;   // the watch's thread's own
  std::string refresh_failure_;  // the refresh's thread's own: the last reason that was logged
  std::optional<telemetry::RepeatingTask> refresh_;
  std::optional<SyncScheduler> scheduler_;
  std::optional<DependencyWatch> watch_;
};

}  // namespace sauda::instruments
