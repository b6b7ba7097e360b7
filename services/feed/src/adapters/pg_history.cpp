#include "services/feed/src/adapters/pg_history.hpp"

#include <limits>
#include <utility>

#include "libs/storage/pg_readers.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_tick_reader.hpp"

namespace sauda::feed {
namespace {

using storage::BinaryRow;

constexpr const char* kSelectTicks =
    "SELECT instance, seq, instrument_key, instrument_id, received_ns, broker_ms, mode,"
    " broker_snapshot, simulated, last_price, last_time_ms, last_quantity, previous_close,"
    " indicative_price, bid_quantities, bid_prices, ask_quantities, ask_prices, delta, theta,"
    " gamma, vega, rho, bar_intervals, bar_opens, bar_highs, bar_lows, bar_closes, bar_volumes,"
    " bar_starts_ms, average_price, volume, open_interest, implied_volatility,"
    " total_buy_quantity, total_sell_quantity, equilibrium_price, reference_price,"
    " equilibrium_quantity, imbalance_quantity, market_imbalance_quantity,"
    " closing_auction_eligible FROM feed.ticks"
    " WHERE account_id = $1 AND received_ns >= $2::bigint AND received_ns < $3::bigint";
constexpr const char* kAfterTick =
    " AND (received_ns, instance, seq) > ($5::bigint, $6, $7::bigint)";
constexpr const char* kInOrder = " ORDER BY received_ns, instance, seq LIMIT $4::bigint";

// A partition without rows, of a day without a session or one that was made ahead, has no pages.
constexpr const char* kSelectStretch =
    "SELECT bounds[1]::bigint, bounds[2]::bigint FROM"
    " (SELECT part.oid, regexp_match(pg_get_expr(part.relpartbound, part.oid),"
    " 'FROM \\(''?(-?[0-9]+)''?\\) TO \\(''?(-?[0-9]+)''?\\)') AS bounds"
    " FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid"
    " WHERE inhparent = 'feed.ticks'::regclass) AS parts"
    " WHERE bounds[2]::bigint > $1::bigint AND pg_relation_size(oid) > 0"
    " ORDER BY bounds[1]::bigint LIMIT 1";

constexpr const char* kSelectGaps =
    "SELECT instance, number, from_ns, to_ns, cause, ticks, detail FROM feed.gaps"
    " WHERE account_id = $1 AND to_ns >= $2::bigint AND from_ns < $3::bigint"
    " AND (from_ns, instance, number) > ($5::bigint, $6, $7::bigint)"
    " ORDER BY from_ns, instance, number LIMIT $4::bigint";

constexpr const char* kSelectMinutes =
    "SELECT start_ms, open, high, low, close, volume, edge_volume, open_interest, trades, revised,"
    " partial, estimated, gap, simulated FROM feed.candles"
    " WHERE account_id = $1 AND instrument_key = $2 AND start_ms >= $3::bigint"
    " AND start_ms < $4::bigint ORDER BY start_ms LIMIT $5::bigint";

using Texts = std::vector<std::optional<std::string>>;

/// The keys as one parameter of type text[].
std::string ArrayOf(const std::vector<std::string>& keys) {
  std::string array = "{";
  for (const std::string& key : keys) {
    array += array.size() > 1 ? ",\"" : "\"";
    for (const char each : key) {
      if (each == '"' || each == '\\') array += '\\';
      array += each;
    }
    array += '"';
  }
  return array + "}";
}

Candle ReadMinute(BinaryRow& row) {
  Candle candle{.interval = Interval::k1m, .start_ms = row.Int8()};
  for (double* const price : {&candle.open, &candle.high, &candle.low, &candle.close}) {
    *price = row.Float8();
  }
  candle.volume = row.Int8();
  candle.edge_volume = row.Int8();
  candle.open_interest = row.Float8();
  candle.trades = static_cast<std::uint32_t>(row.Int8());
  candle.revised = static_cast<std::uint32_t>(row.Int8());
  candle.complete = true;
  for (bool* const mark : {&candle.partial, &candle.estimated, &candle.gap, &candle.simulated}) {
    *mark = row.Bool();
  }
  return candle;
}

}  // namespace

PgHistory::PgHistory(const storage::PgOptions& options, PgSchema& schema, std::string account_id)
    : schema_{schema},
      account_id_{std::move(account_id)},
      readers_{std::make_unique<storage::PgReaders>(options)} {}

PgHistory::~PgHistory() = default;

Result<std::vector<StoredTick>> PgHistory::Ticks(const TickRange& range) {
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  std::string sql = kSelectTicks;
  Texts parameters{account_id_, std::to_string(range.from_ns), std::to_string(range.to_ns),
                   std::to_string(range.limit)};
  if (range.after) {
    sql += kAfterTick;
    parameters.emplace_back(std::to_string(range.after->received_ns));
    parameters.emplace_back(range.after->instance);
    parameters.emplace_back(std::to_string(range.after->seq));
  }
  if (!range.keys.empty()) {
    const bool one = range.keys.size() == 1;  // then an index has the order, and not with ANY
    parameters.emplace_back(one ? range.keys.front() : ArrayOf(range.keys));
    const std::string number = "$" + std::to_string(parameters.size());
    sql += " AND instrument_key = " + (one ? number : "ANY(" + number + "::text[])");
  }
  sql += kInOrder;
  return readers_->Transact(
      [&](storage::CopyTransaction& transaction) -> Result<std::vector<StoredTick>> {
        std::vector<StoredTick> ticks;
        TickReader reader;
        const auto done =
            transaction.QueryBinary(sql, parameters, [&](BinaryRow& row) -> Result<void> {
              auto tick = reader.Read(row);
              if (!tick) return tick.error();
              ticks.push_back(std::move(*tick));
              return {};
            });
        if (!done) return done.error();
        return ticks;
      });
}

Result<std::optional<TimeStretch>> PgHistory::StretchAfter(std::int64_t from_ns) {
  using Found = std::optional<TimeStretch>;
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  const Texts parameters{std::to_string(from_ns)};
  return readers_->Transact([&](storage::CopyTransaction& transaction) -> Result<Found> {
    Found found;
    const auto done =
        transaction.QueryBinary(kSelectStretch, parameters, [&](BinaryRow& row) -> Result<void> {
          found.emplace();
          found->from_ns = row.Int8();
          found->to_ns = row.Int8();
          return {};
        });
    if (!done) return done.error();
    return found;
  });
}

Result<std::vector<StoredGap>> PgHistory::Gaps(const GapRange& range) {
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  constexpr std::int64_t kBeforeAll = std::numeric_limits<std::int64_t>::min();
  const auto after = range.after.value_or(GapRange::Place{.from_ns = kBeforeAll});
  const Texts parameters{account_id_,
                         std::to_string(range.from_ns),
                         std::to_string(range.to_ns),
                         std::to_string(range.limit),
                         std::to_string(after.from_ns),
                         after.instance,
                         std::to_string(after.number)};
  return readers_->Transact(
      [&](storage::CopyTransaction& transaction) -> Result<std::vector<StoredGap>> {
        std::vector<StoredGap> gaps;
        const auto done =
            transaction.QueryBinary(kSelectGaps, parameters, [&](BinaryRow& row) -> Result<void> {
              StoredGap& stored = gaps.emplace_back();
              stored.instance = row.Text();
              stored.gap.number = static_cast<std::uint64_t>(row.Int8());
              stored.gap.from_ns = row.Int8();
              stored.gap.to_ns = row.Int8();
              stored.gap.cause = row.Text();
              stored.gap.ticks = static_cast<std::uint64_t>(row.Int8());
              stored.gap.detail = row.Text();
              return {};
            });
        if (!done) return done.error();
        return gaps;
      });
}

Result<std::vector<Candle>> PgHistory::Minutes(const MinuteRange& range) {
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  const Texts parameters{account_id_, range.key, std::to_string(range.from_ms),
                         std::to_string(range.to_ms), std::to_string(range.limit)};
  return readers_->Transact(
      [&](storage::CopyTransaction& transaction) -> Result<std::vector<Candle>> {
        std::vector<Candle> minutes;
        const auto done = transaction.QueryBinary(kSelectMinutes, parameters,
                                                  [&](BinaryRow& row) -> Result<void> {
                                                    minutes.push_back(ReadMinute(row));
                                                    return {};
                                                  });
        if (!done) return done.error();
        return minutes;
      });
}

}  // namespace sauda::feed
