#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "services/auth/src/adapters/pg_schema.hpp"
#include "services/auth/src/core/key_store.hpp"

namespace sauda::storage {
class PgPool;
}  // namespace sauda::storage

namespace sauda::auth {

/// Keys in PostgreSQL: `auth.api_keys`. Every change locks the head of the audit first, so changes
/// have one order, and the head's number is the keys' version. `pool` and `schema` outlive it.
class PgKeyStore final : public KeyStore {
 public:
  PgKeyStore(storage::PgPool& pool, const PgSchema& schema) : pool_{pool}, schema_{schema} {}

  Result<std::int64_t> Version() override;
  Result<std::vector<ApiKey>> ReadAll() override;
  Result<void> Insert(const ApiKey& key, const Act& act) override;
  Result<ApiKey> Revoke(std::string_view key_id, const Act& act) override;
  Result<void> NoteUses(std::span<const KeyUse> uses) override;

 private:
  storage::PgPool& pool_;
  const PgSchema& schema_;
};

}  // namespace sauda::auth
