#pragma once

#include <chrono>
#include <memory>

#include "libs/storage/pg_options.hpp"
#include "services/feed/src/core/tick_retirement.hpp"

namespace sauda::storage {
class CopyConnection;
}  // namespace sauda::storage

namespace sauda::feed {

class PgSchema;

/// Drops partitions of feed.ticks, one a call, on a connection of its own. Processes take turns by
/// an advisory lock.
class PgTickRetirement final : public TickRetirement {
 public:
  /// What holds up a COPY or a reader: it queues behind us while we wait for another.
  static constexpr std::chrono::milliseconds kLockTimeout{250};

  /// `schema` outlives it.
  PgTickRetirement(storage::PgOptions options, PgSchema& schema);
  ~PgTickRetirement() override;

  Result<std::optional<std::string>> RetireOldest(std::int64_t before_ns) override;

 private:
  PgSchema& schema_;
  std::unique_ptr<storage::CopyConnection> connection_;
};

}  // namespace sauda::feed
