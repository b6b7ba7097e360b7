#pragma once

#include <memory>
#include <string>

#include "libs/storage/pg_options.hpp"
#include "services/feed/src/core/candle_store.hpp"

namespace sauda::storage {
class CopyConnection;
}  // namespace sauda::storage

namespace sauda::feed {

class PgSchema;

/// Candles in PostgreSQL, schema `feed`, on a connection of its own. Used by one thread.
class PgCandleStore final : public CandleStore {
 public:
  /// `schema` outlives it.
  PgCandleStore(storage::PgOptions options, PgSchema& schema, std::string account_id);
  ~PgCandleStore() override;

  Result<void> Append(std::span<const StoredCandle> bars,
                      const CandleCheckpoint* checkpoint) override;
  Result<std::optional<CandleCheckpoint>> Load() override;

 private:
  PgSchema& schema_;
  const std::string account_id_;
  std::unique_ptr<storage::CopyConnection> connection_;
};

}  // namespace sauda::feed
