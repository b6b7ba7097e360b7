#pragma once

#include <memory>
#include <string>

#include "libs/storage/pg_options.hpp"
#include "services/feed/src/core/candle_store.hpp"
#include "services/feed/src/core/history.hpp"

namespace sauda::storage {
class PgReaders;
}  // namespace sauda::storage

namespace sauda::feed {

class PgSchema;

/// Reads what PgTickStore and PgCandleStore wrote. Each call is one statement in a transaction of
/// its own, on one of `options.size` connections that nobody else uses.
class PgHistory final : public History, public CandleHistory {
 public:
  /// `schema` outlives it.
  PgHistory(const storage::PgOptions& options, PgSchema& schema, std::string account_id);
  ~PgHistory() override;

  Result<std::vector<StoredTick>> Ticks(const TickRange& range) override;
  /// A partition of ticks that is not empty.
  Result<std::optional<TimeStretch>> StretchAfter(std::int64_t from_ns) override;
  Result<std::vector<StoredGap>> Gaps(const GapRange& range) override;
  Result<std::vector<Candle>> Minutes(const MinuteRange& range) override;

 private:
  PgSchema& schema_;
  const std::string account_id_;
  std::unique_ptr<storage::PgReaders> readers_;
};

}  // namespace sauda::feed
