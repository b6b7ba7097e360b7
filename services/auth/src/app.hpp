#pragma once

#include <memory>
#include <optional>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "libs/rpc/calls.hpp"
#include "libs/rpc/server.hpp"
#include "libs/storage/redis.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/metrics.hpp"
#include "libs/telemetry/repeating_task.hpp"
#include "services/auth/src/adapters/random_states.hpp"
#include "services/auth/src/adapters/redis_vault.hpp"
#include "services/auth/src/adapters/upstox_login.hpp"
#include "services/auth/src/adapters/vault_cipher.hpp"
#include "services/auth/src/admin_part.hpp"
#include "services/auth/src/config.hpp"
#include "services/auth/src/core/logins.hpp"
#include "services/auth/src/core/token_board.hpp"
#include "services/auth/src/metrics.hpp"
#include "services/auth/src/rpc/auth_service.hpp"

namespace sauda::auth {

/// Builds the service and owns its parts; the only place where adapters meet the core. Members are
/// declared in the order in which they start; they stop and die in reverse.
class App {
 public:
  explicit App(Config config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Serves from here on, whatever is away. Fails with kInvalidArgument / SETTINGS_INVALID,
  /// VAULT_KEY_MALFORMED, BIND_NEEDS_TLS, TLS_FILES_UNREADABLE or kUnavailable / PORT_TAKEN.
  Result<void> Start();

  /// NOT_SERVING, streams end with SHUTTING_DOWN, calls drain, threads join.
  void Stop();

  int port() const { return server_.port(); }

 private:
  /// What needs the vault key, and so is made by Start.
  struct Serving;

  Result<void> CheckSettings() const;
  void ReadVault();
  void AskBroker();

  const Config config_;
  const SystemClock clock_;
  MarketClock market_;
  TokenClock token_clock_;
  telemetry::MetricsExporter exporter_;
  Metrics metrics_;
  telemetry::Dependencies dependencies_;
  rpc::Calls calls_;
  storage::Redis redis_;
  RandomStates states_;
  TokenBoard board_;
  AdminPart admin_;
  std::unique_ptr<Serving> serving_;
  rpc::Server server_;
  std::optional<telemetry::RepeatingTask> vault_task_;
  std::optional<telemetry::RepeatingTask> broker_task_;
};

}  // namespace sauda::auth
