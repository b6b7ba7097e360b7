#include "services/feed/src/adapters/pg_candle_store.hpp"

#include <utility>

#include "libs/storage/pg_copy.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"

namespace sauda::feed {
namespace {

using storage::BinaryRow;
using storage::BinaryRows;
using storage::CopyTransaction;

// COPY knows no conflicts, hence by way of a table that is empty between two transactions.
constexpr const char* kMakeIncoming =
    "CREATE TEMP TABLE IF NOT EXISTS incoming_candles (LIKE feed.candles) ON COMMIT DELETE ROWS";

constexpr const char* kCopyCandles =
    "COPY incoming_candles (account_id, instrument_key, start_ms, open, high, low, close, volume,"
    " edge_volume, open_interest, trades, revised, partial, estimated, gap, simulated)"
    " FROM STDIN (FORMAT binary)";
constexpr std::int16_t kCandleColumns = 16;

constexpr const char* kMergeCandles =
    "INSERT INTO feed.candles SELECT * FROM incoming_candles"
    " ON CONFLICT (account_id, instrument_key, start_ms) DO UPDATE SET open = excluded.open,"
    " high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume,"
    " edge_volume = excluded.edge_volume, open_interest = excluded.open_interest,"
    " trades = excluded.trades, revised = excluded.revised, partial = excluded.partial,"
    " estimated = excluded.estimated, gap = excluded.gap, simulated = excluded.simulated";

constexpr const char* kPutProgress =
    "INSERT INTO feed.candle_progress (account_id, instance, last_seq, segment)"
    " VALUES ($1, $2, $3::bigint, $4::bigint) ON CONFLICT (account_id) DO UPDATE"
    " SET instance = excluded.instance, last_seq = excluded.last_seq, segment = excluded.segment,"
    " updated_at = now()";

constexpr const char* kRemoveState = "DELETE FROM feed.candle_state WHERE account_id = $1";

constexpr const char* kCopyState =
    "COPY feed.candle_state (account_id, part, bytes) FROM STDIN (FORMAT binary)";

constexpr const char* kLoadProgress =
    "SELECT instance, last_seq, segment FROM feed.candle_progress WHERE account_id = $1";

constexpr const char* kLoadState =
    "SELECT bytes FROM feed.candle_state WHERE account_id = $1 ORDER BY part";

using Values = std::vector<std::optional<std::string>>;

void WriteCandle(BinaryRows& rows, const std::string& account_id, const StoredCandle& bar) {
  const Candle& candle = bar.candle;
  rows.Row(kCandleColumns);
  rows.Text(account_id);
  rows.Text(bar.key);
  rows.Int8(candle.start_ms);
  for (const double price : {candle.open, candle.high, candle.low, candle.close}) {
    rows.Float8(price);
  }
  rows.Int8(candle.volume);
  rows.Int8(candle.edge_volume);
  rows.Float8(candle.open_interest);
  rows.Int8(candle.trades);
  rows.Int8(candle.revised);
  for (const bool mark : {candle.partial, candle.estimated, candle.gap, candle.simulated}) {
    rows.Bool(mark);
  }
}

Result<void> Merge(CopyTransaction& transaction, const std::string& account_id,
                   std::span<const StoredCandle> bars) {
  if (bars.empty()) return {};
  if (const auto made = transaction.Exec(kMakeIncoming); !made) return made.error();
  const auto copied = transaction.CopyIn(kCopyCandles, [&](BinaryRows& rows) -> Result<void> {
    for (const StoredCandle& bar : bars) WriteCandle(rows, account_id, bar);
    return {};
  });
  if (!copied) return copied.error();
  const auto merged = transaction.Exec(kMergeCandles);
  if (!merged) return merged.error();
  return {};
}

/// In pieces, so that a state of megabytes is not held a second time on its way.
Result<void> PutState(CopyTransaction& transaction, const std::string& account_id,
                      std::string_view state) {
  const Values account{account_id};
  if (const auto removed = transaction.Query(kRemoveState, account); !removed) {
    return removed.error();
  }
  const auto copied = transaction.CopyIn(kCopyState, [&](BinaryRows& rows) -> Result<void> {
    for (std::int32_t part = 0; !state.empty(); ++part) {
      const std::string_view piece = state.substr(0, BinaryRows::kChunkBytes);
      rows.Row(3);
      rows.Text(account_id);
      rows.Int4(part);
      rows.Bytea(piece);
      state.remove_prefix(piece.size());
    }
    return {};
  });
  if (!copied) return copied.error();
  return {};
}

}  // namespace

PgCandleStore::PgCandleStore(storage::PgOptions options, PgSchema& schema, std::string account_id)
    : schema_{schema},
      account_id_{std::move(account_id)},
      connection_{std::make_unique<storage::CopyConnection>(std::move(options))} {}

PgCandleStore::~PgCandleStore() = default;

Result<void> PgCandleStore::Append(std::span<const StoredCandle> bars,
                                   const CandleCheckpoint* checkpoint) {
  if (auto ready = schema_.Ensure(); !ready) return ready;
  return connection_->Transact([&](CopyTransaction& transaction) -> Result<void> {
    if (auto merged = Merge(transaction, account_id_, bars); !merged) return merged;
    if (checkpoint == nullptr) return {};
    const Values values{account_id_, checkpoint->instance, std::to_string(checkpoint->seq),
                        std::to_string(checkpoint->segment)};
    const auto put = transaction.Query(kPutProgress, values);
    if (!put) return put.error();
    return PutState(transaction, account_id_, checkpoint->state);
  });
}

Result<std::optional<CandleCheckpoint>> PgCandleStore::Load() {
  using Found = std::optional<CandleCheckpoint>;
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  return connection_->Transact([&](CopyTransaction& transaction) -> Result<Found> {
    Found found;
    const Values values{account_id_};
    const auto done =
        transaction.QueryBinary(kLoadProgress, values, [&](BinaryRow& row) -> Result<void> {
          found.emplace();
          found->instance = row.Text();
          found->seq = static_cast<std::uint64_t>(row.Int8());
          found->segment = static_cast<std::uint64_t>(row.Int8());
          return {};
        });
    if (!done) return done.error();
    if (!found) return found;
    const auto loaded =
        transaction.QueryBinary(kLoadState, values, [&](BinaryRow& row) -> Result<void> {
          found->state += row.Bytea();
          return {};
        });
    if (!loaded) return loaded.error();
    return found;
  });
}

}  // namespace sauda::feed
