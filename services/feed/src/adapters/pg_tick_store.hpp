#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "libs/storage/pg_options.hpp"
#include "services/feed/src/core/tick_store.hpp"

namespace sauda::storage {
class CopyConnection;
class CopyTransaction;
}  // namespace sauda::storage

namespace sauda::feed {

class PgSchema;

/// Ticks in PostgreSQL, schema `feed`, by binary COPY on a connection of its own. Partitions are
/// made for the day of each tick, and two days ahead. Used by one thread.
class PgTickStore final : public TickStore {
 public:
  /// Who writes: it goes into every row.
  struct Writer {
    std::string account_id;
    std::string instance;
  };

  /// `schema` outlives it.
  PgTickStore(storage::PgOptions options, PgSchema& schema, Writer writer);
  ~PgTickStore() override;

  Result<void> Append(std::span<const Tick> ticks, std::span<const Gap> gaps) override;

 private:
  using Transaction = storage::CopyTransaction;

  /// Makes the partitions that `ticks` need, each in a transaction of its own.
  Result<void> MakePartitions(std::span<const Tick> ticks);
  Result<void> MakePartition(std::int64_t day);
  /// The ticks that are not stored yet, after the checkpoint was moved to the last of them.
  Result<std::span<const Tick>> MoveCheckpoint(Transaction& transaction,
                                               std::span<const Tick> ticks);
  Result<void> InsertGaps(Transaction& transaction, std::span<const Gap> gaps);

  PgSchema& schema_;
  const Writer writer_;
  std::unique_ptr<storage::CopyConnection> connection_;
  std::set<std::int64_t> days_;  // IST, since 1970-01-01: their partitions are there
};

}  // namespace sauda::feed
