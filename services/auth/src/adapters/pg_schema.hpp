#pragma once

#include <atomic>
#include <span>
#include <utility>

#include "libs/base/result.hpp"
#include "libs/storage/migrations.hpp"
#include "libs/storage/pg_options.hpp"

namespace sauda::auth {

/// Whether the service's schema is known to be in place. Until it is, the stores refuse: PostgreSQL
/// has not been reached since the start. Thread-safe.
class PgSchema {
 public:
  /// `migrations` live as long as the program.
  PgSchema(storage::PgOptions options, std::span<const storage::Migration> migrations)
      : options_{std::move(options)}, migrations_{migrations} {}

  /// Brings the schema forward; repeating it changes nothing. Fails as storage::Migrate does.
  Result<void> Prepare();

  bool prepared() const { return prepared_; }

  /// Fails with kUnavailable / DATABASE_DOWN until Prepare has succeeded.
  Result<void> Check() const;

 private:
  const storage::PgOptions options_;
  const std::span<const storage::Migration> migrations_;
  std::atomic<bool> prepared_{false};
};

}  // namespace sauda::auth
