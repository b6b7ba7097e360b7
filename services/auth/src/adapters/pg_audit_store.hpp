#pragma once

#include <vector>

#include <pqxx/pqxx>

#include "services/auth/src/adapters/pg_schema.hpp"
#include "services/auth/src/core/audit.hpp"

namespace sauda::storage {
class PgPool;
}  // namespace sauda::storage

namespace sauda::auth {

/// Appends inside a transaction of the caller. Whoever does waits here for others who append, until
/// they have committed: so this comes first in a transaction. Fails with kFailedPrecondition /
/// AUDIT_HEAD_MISSING; libpqxx's exceptions pass.
Result<AuditRow> AppendRow(pqxx::work& work, const Act& act);

/// The audit in PostgreSQL: `auth.audit` and `auth.audit_head`. `pool` and `schema` outlive it.
class PgAuditStore final : public AuditStore {
 public:
  PgAuditStore(storage::PgPool& pool, const PgSchema& schema) : pool_{pool}, schema_{schema} {}

  Result<AuditRow> Append(const Act& act) override;
  Result<End> FindEnd() override;
  Result<std::vector<AuditRow>> ReadUp(std::int64_t after, std::size_t limit) override;
  Result<std::vector<AuditRow>> ReadDown(std::int64_t before, std::size_t limit) override;

 private:
  storage::PgPool& pool_;
  const PgSchema& schema_;
};

}  // namespace sauda::auth
