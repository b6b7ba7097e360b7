#pragma once

#include <chrono>
#include <optional>

#include <prometheus/registry.h>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "libs/base/secret.hpp"
#include "libs/rpc/calls.hpp"
#include "libs/storage/pg_pool.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/repeating_task.hpp"
#include "services/auth/src/adapters/pg_audit_store.hpp"
#include "services/auth/src/adapters/pg_key_store.hpp"
#include "services/auth/src/adapters/pg_schema.hpp"
#include "services/auth/src/adapters/system_random.hpp"
#include "services/auth/src/admin_metrics.hpp"
#include "services/auth/src/core/act_log.hpp"
#include "services/auth/src/core/key_desk.hpp"
#include "services/auth/src/rpc/keys_service.hpp"

namespace sauda::auth {

/// API keys and audit: the part of the app that leans on PostgreSQL. It starts whatever is away; a
/// thread of its own brings the schema forward once PostgreSQL can be reached, then looks for
/// changes of other replicas and writes the acts that wait. Reports as dependency `postgres`.
class AdminPart {
 public:
  static constexpr auto kPostgres = "postgres";

  struct Parts {
    const Clock& clock;
    prometheus::Registry& registry;
    telemetry::Dependencies& dependencies;
    rpc::Calls& calls;
  };

  /// Without an address there are no keys and no audit; everything else works.
  AdminPart(const std::optional<Secret>& postgres_url, std::chrono::milliseconds poll, Parts parts);
  /// Writes the acts that wait still, if it can.
  ~AdminPart();
  AdminPart(const AdminPart&) = delete;
  AdminPart& operator=(const AdminPart&) = delete;

  KeysService& service() { return service_; }
  ActLog& acts() { return acts_; }

  /// After the server has started.
  void Start();

  /// Before the server stops: ends the thread, then every stream.
  void Stop();

 private:
  void KeepUp();
  Result<void> LookOnce();

  const bool configured_;
  const std::chrono::milliseconds poll_;
  const Parts parts_;
  const storage::PgOptions options_;
  AdminMetrics metrics_;
  storage::PgPool pool_;
  PgSchema schema_;
  PgAuditStore audit_;
  PgKeyStore keys_;
  SystemRandom random_;
  KeyBoard board_;
  KeyDesk desk_;
  ActLog acts_;
  KeysService service_;
  Backoff backoff_{{.first = std::chrono::milliseconds{200}, .most = std::chrono::seconds{5}}};
  Monotonic next_try_{};  // both of the thread alone
  std::optional<telemetry::RepeatingTask> task_;
};

}  // namespace sauda::auth
