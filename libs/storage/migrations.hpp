#pragma once

#include <span>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"
#include "libs/storage/pg_options.hpp"

namespace sauda::storage {

/// One step of a schema: services/<service>/migrations/NNNN_name.sql, built into the program by
/// sauda_embed_migrations (cmake/migrations.cmake). Its statements run in one transaction and name
/// their schema (`CREATE TABLE feed.ticks ...`); the schema itself exists by then.
struct Migration {
  int number = 0;  ///< from 1, without gaps
  std::string_view name;
  std::string_view sql;
};

/// What Migrate found and did.
struct MigrationReport {
  int from = 0;  ///< newest migration recorded before; 0 for an empty schema
  int to = 0;    ///< newest migration recorded now
};

/// Brings `schema` forward to the last of `migrations`, each in a transaction of its own, recorded
/// in `<schema>.schema_migrations` (number, name, SHA-256 of the text, when). Creates the schema
/// when it is missing. One process at a time, by an advisory lock of the schema; others wait up to
/// five minutes. Repeating it changes nothing. Fails with
///
///   kFailedPrecondition  MIGRATION_CHANGED     one that was applied has another text or name now
///   kFailedPrecondition  MIGRATION_MISSING     numbers do not run 1, 2, 3, ...
///   kFailedPrecondition  SCHEMA_TOO_NEW        the database knows migrations this program does not
///   and as PgPool::Transact, whose message then names the migration
Result<MigrationReport> Migrate(const PgOptions& options, const std::string& schema,
                                std::span<const Migration> migrations);

}  // namespace sauda::storage
