#pragma once

#include <string>

#include "services/feed/src/core/subscription_store.hpp"

namespace sauda::storage {
class PgPool;
}  // namespace sauda::storage

namespace sauda::feed {

class PgSchema;

/// Subscriptions in PostgreSQL, schema `feed`. Thread-safe.
class PgSubscriptionStore final : public SubscriptionStore {
 public:
  /// Whose subscriptions, and which run reads them. `pool` and `schema` outlive it.
  struct Reader {
    std::string account_id;
    std::string instance;
  };
  PgSubscriptionStore(storage::PgPool& pool, PgSchema& schema, Reader reader)
      : pool_{pool}, schema_{schema}, reader_{std::move(reader)} {}

  Result<KeptState> Load() override;
  Result<void> Save(const KeptChanges& changes) override;

 private:
  storage::PgPool& pool_;
  PgSchema& schema_;
  const Reader reader_;
};

}  // namespace sauda::feed
