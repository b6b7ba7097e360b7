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
    "INSERT INTO feed.candle_progress (account_id, instance, last_seq, segment, state)"
    " VALUES ($1, $2, $3::bigint, $4::bigint, $5::bytea) ON CONFLICT (account_id) DO UPDATE"
    " SET instance = excluded.instance, last_seq = excluded.last_seq, segment = excluded.segment,"
    " state = excluded.state, updated_at = now()";

constexpr const char* kLoadProgress =
    "SELECT instance, last_seq, segment, state FROM feed.candle_progress WHERE account_id = $1";

using Values = std::vector<std::optional<std::string>>;

std::string HexOf(const std::string& bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string hex = "\\x";
  hex.reserve(2 + 2 * bytes.size());
  for (const char each : bytes) {
    const auto byte = static_cast<std::uint8_t>(each);
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 0xfU];
  }
  return hex;
}

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
                        std::to_string(checkpoint->segment), HexOf(checkpoint->state)};
    const auto put = transaction.Query(kPutProgress, values);
    if (!put) return put.error();
    return {};
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
          found->state = row.Bytea();
          return {};
        });
    if (!done) return done.error();
    return found;
  });
}

}  // namespace sauda::feed
