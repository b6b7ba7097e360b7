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
  /// `schema` outlives it.
  PgTickStore(storage::PgOptions options, PgSchema& schema, std::string account_id);
  ~PgTickStore() override;

  Result<void> Append(const StoreBatch& batch) override;
  Result<std::map<std::string, StoreProgress>> Progress() override;

 private:
  using Transaction = storage::CopyTransaction;

  /// Makes the partitions that `ticks` need, each in a transaction of its own.
  Result<void> MakePartitions(std::span<const Tick> ticks);
  Result<void> MakePartition(std::int64_t day);
  /// The ticks that are not stored yet, after the checkpoint was moved to the last of them.
  Result<std::span<const Tick>> MoveCheckpoint(Transaction& transaction, const StoreBatch& batch);
  Result<void> CopyTicks(Transaction& transaction, const std::string& instance,
                         std::span<const Tick> ticks);
  Result<void> Complete(Transaction& transaction, const std::string& instance);
  Result<void> InsertGaps(Transaction& transaction, const StoreBatch& batch);

  PgSchema& schema_;
  const std::string account_id_;
  std::unique_ptr<storage::CopyConnection> connection_;
  std::set<std::int64_t> days_;  // IST, since 1970-01-01: their partitions are there
};

}  // namespace sauda::feed
