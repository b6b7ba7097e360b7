#pragma once

#include <memory>
#include <optional>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "libs/calendar/calendar.hpp"
#include "libs/calendar_client/calendar_follower.hpp"
#include "libs/rpc/calls.hpp"
#include "libs/rpc/server.hpp"
#include "libs/storage/redis.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/metrics.hpp"
#include "libs/telemetry/repeating_task.hpp"
#include "services/auth/src/adapters/random_states.hpp"
#include "services/auth/src/adapters/redis_vault.hpp"
#include "services/auth/src/adapters/upstox_account.hpp"
#include "services/auth/src/adapters/upstox_login.hpp"
#include "services/auth/src/adapters/vault_keyring.hpp"
#include "services/auth/src/admin_part.hpp"
#include "services/auth/src/config.hpp"
#include "services/auth/src/core/accounts.hpp"
#include "services/auth/src/core/approvals.hpp"
#include "services/auth/src/core/logins.hpp"
#include "services/auth/src/core/token_board.hpp"
#include "services/auth/src/core/token_ladder.hpp"
#include "services/auth/src/metrics.hpp"
#include "services/auth/src/rpc/account_service.hpp"
#include "services/auth/src/rpc/auth_service.hpp"
#include "services/auth/src/rpc/vault_service.hpp"

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
  /// VAULT_KEY_MALFORMED, BIND_NEEDS_TLS, TLS_FILES_UNREADABLE or kUnavailable /
  /// VAULT_KEY_UNREADABLE, PORT_TAKEN.
  Result<void> Start();

  /// NOT_SERVING, streams end with SHUTTING_DOWN, calls drain, threads join.
  void Stop();

  int port() const { return server_.port(); }

 private:
  /// What needs the vault key, and so is made by Start.
  struct Serving;

  Result<void> CheckSettings() const;
  void ReadVault();
  /// Counts down to the account's next lack of a token, and says when it is near.
  void WatchToken(const std::string& account_id);
  void AskBroker();

  const Config config_;
  const SystemClock clock_;
  MarketClock market_;
  TokenClock token_clock_;
  calendar::CalendarKeeper calendars_;  ///< as sauda-instruments has it
  telemetry::MetricsExporter exporter_;
  Metrics metrics_;
  telemetry::Dependencies dependencies_;
  rpc::Calls calls_;
  storage::Redis redis_;
  RandomStates states_;
  TokenBoard board_;
  TokenLadder ladder_;  ///< of the thread that reads the vault
  AdminPart admin_;
  std::unique_ptr<Serving> serving_;
  rpc::Server server_;
  std::optional<CalendarFollower> calendar_;
  std::optional<telemetry::RepeatingTask> vault_task_;
  std::optional<telemetry::RepeatingTask> broker_task_;
};

}  // namespace sauda::auth
