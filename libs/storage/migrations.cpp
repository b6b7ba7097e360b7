#include "libs/storage/migrations.hpp"

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include <openssl/sha.h>

#include "libs/storage/pg_copy.hpp"

namespace sauda::storage {
namespace {

/// Building an index on a large table may take its time; waiting for another replica's, too.
constexpr std::chrono::minutes kStatementTimeout{5};

constexpr auto kLock = "SELECT pg_advisory_xact_lock(hashtextextended('sauda.schema.' || $1, 0))";
constexpr auto kSchemaExists = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
constexpr auto kTable =
    ".schema_migrations (number int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now())";

std::string Sha256(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 0xFU];
  }
  return hex;
}

std::string Title(const Migration& migration) {
  return "migration " + std::to_string(migration.number) + " (" + std::string{migration.name} + ")";
}

Result<void> CheckNumbers(std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].number != static_cast<int>(i) + 1) {
      return Error{
          Code::kFailedPrecondition, "MIGRATION_MISSING",
          Title(migrations[i]) + " stands where number " + std::to_string(i + 1) + " should"};
    }
  }
  return {};
}

/// Compares what was applied with what this program holds; gives the newest applied number.
Result<int> CheckApplied(const TextRows& applied, const std::string& schema,
                         std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const std::string number = applied[i][0].value_or("");
    if (i >= migrations.size()) {
      std::string message = "schema " + schema + " has migration ";
      message += number + ", which this program does not know: run a newer one";
      return Error{Code::kFailedPrecondition, "SCHEMA_TOO_NEW", std::move(message)};
    }
    if (number != std::to_string(i + 1)) {
      return Error{Code::kFailedPrecondition, "MIGRATION_MISSING",
                   "schema " + schema + " has no record of " + Title(migrations[i])};
    }
    if (applied[i][1] != migrations[i].name || applied[i][2] != Sha256(migrations[i].sql)) {
      return Error{Code::kFailedPrecondition, "MIGRATION_CHANGED",
                   Title(migrations[i]) + " of schema " + schema +
                       " is not the one that was applied: add a new migration instead"};
    }
  }
  return static_cast<int>(applied.size());
}

/// One migrator at work on one schema. Each step is a transaction that takes the schema's lock and
/// looks again, so that processes started together take turns.
class Migrator {
 public:
  Migrator(CopyConnection& connection, const std::string& schema,
           std::span<const Migration> migrations)
      : connection_{connection}, schema_{schema}, migrations_{migrations} {
    quoted_ = "\"";
    for (const char c : schema) quoted_.append(c == '"' ? 2 : 1, c);
    quoted_ += '"';
  }

  /// Applies the next migration, if any; gives the newest number applied before.
  Result<int> Step() {
    return connection_.Transact([&](CopyTransaction& transaction) -> Result<int> {
      auto newest = Newest(transaction);
      if (!newest || *newest == static_cast<int>(migrations_.size())) return newest;
      const Migration& next = migrations_[static_cast<std::size_t>(*newest)];
      if (const auto ran = transaction.Exec(std::string{next.sql}); !ran) {
        return Error{ran.error().code, ran.error().reason,
                     Title(next) + " of schema " + schema_ + ": " + ran.error().message};
      }
      const std::array<std::optional<std::string>, 3> row{std::to_string(next.number),
                                                          std::string{next.name}, Sha256(next.sql)};
      const auto recorded =
          transaction.Query("INSERT INTO " + quoted_ +
                                ".schema_migrations (number, name, sha256) VALUES ($1, $2, $3)",
                            row);
      if (!recorded) return recorded.error();
      return newest;
    });
  }

 private:
  /// Takes the lock, makes schema and table if need be, and reads what was applied.
  Result<int> Newest(CopyTransaction& transaction) {
    const std::array<std::optional<std::string>, 1> name{schema_};
    if (const auto locked = transaction.Query(kLock, name); !locked) return locked.error();
    const auto exists = transaction.Query(kSchemaExists, name);
    if (!exists) return exists.error();
    if (exists->empty()) {  // asked first: IF NOT EXISTS needs the right to create even if it does
      if (const auto made = transaction.Exec("CREATE SCHEMA " + quoted_); !made)
        return made.error();
    }
    if (const auto made = transaction.Exec("CREATE TABLE IF NOT EXISTS " + quoted_ + kTable);
        !made) {
      return made.error();
    }
    const auto applied = transaction.Query("SELECT number, name, sha256 FROM " + quoted_ +
                                           ".schema_migrations ORDER BY number");
    if (!applied) return applied.error();
    return CheckApplied(*applied, schema_, migrations_);
  }

  CopyConnection& connection_;
  const std::string& schema_;
  const std::span<const Migration> migrations_;
  std::string quoted_;
};

}  // namespace

Result<MigrationReport> Migrate(const PgOptions& options, const std::string& schema,
                                std::span<const Migration> migrations) {
  if (const auto checked = CheckNumbers(migrations); !checked) return checked.error();
  PgOptions patient = options;
  patient.statement_timeout = kStatementTimeout;
  patient.answer_deadline = kStatementTimeout + std::chrono::seconds{30};
  CopyConnection connection{patient};
  Migrator migrator{connection, schema, migrations};
  MigrationReport report;
  for (bool first = true;; first = false) {
    const auto before = migrator.Step();
    if (!before) return before.error();
    if (first) report.from = *before;
    report.to = static_cast<int>(migrations.size());
    if (*before == report.to) return report;
  }
}

}  // namespace sauda::storage
