#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/feed/src/core/alerts/alert_store.hpp"

namespace sauda::storage {
class PgPool;
}  // namespace sauda::storage

namespace sauda::feed {

class PgSchema;

/// Alerts in PostgreSQL, schema `feed`. The secrets of webhooks stand there as they are.
/// Thread-safe.
class PgAlertStore final : public AlertStore {
 public:
  /// Whose alerts, and which run they are of. `pool` and `schema` outlive the store.
  struct Owner {
    std::string account_id;
    std::string instance;
  };
  PgAlertStore(storage::PgPool& pool, PgSchema& schema, Owner owner)
      : pool_{pool}, schema_{schema}, owner_{std::move(owner)} {}

  Result<KeptAlerts> Load() override;
  Result<void> Save(const AlertChanges& changes) override;

 private:
  storage::PgPool& pool_;
  PgSchema& schema_;
  const Owner owner_;
};

}  // namespace sauda::feed
