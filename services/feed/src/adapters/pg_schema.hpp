#pragma once

#include <mutex>
#include <span>
#include <string>

#include "libs/base/result.hpp"
#include "libs/storage/migrations.hpp"
#include "libs/storage/pg_options.hpp"

namespace sauda::feed {

/// Brings the schema `feed` forward when it is first needed, since PostgreSQL may come later than
/// this process. Thread-safe.
class PgSchema {
 public:
  PgSchema(storage::PgOptions options, std::span<const storage::Migration> migrations)
      : options_{std::move(options)}, migrations_{migrations} {}

  /// Fails with kUnavailable / DATABASE_DOWN, or kUnavailable / SCHEMA_UNUSABLE when the migrations
  /// cannot be applied: an operator must look, and what waits is worth keeping until then.
  Result<void> Ensure();

 private:
  const storage::PgOptions options_;
  const std::span<const storage::Migration> migrations_;
  std::mutex mutex_;
  bool ready_ = false;  // guarded by mutex_
};

}  // namespace sauda::feed
