#include "services/feed/src/adapters/pg_history.hpp"

#include <limits>
#include <unordered_map>
#include <utility>

#include "libs/storage/pg_readers.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"

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

Error Unreadable(const char* what) {
  return {Code::kInternal, "DATABASE_ERROR", std::string{"feed.ticks holds an unknown "} + what};
}

/// Reads rows of kSelectTicks; its vectors are used again for each.
class TickReader {
 public:
  Result<StoredTick> Read(BinaryRow& row) {
    StoredTick stored;
    Tick& tick = stored.tick;
    stored.instance = row.Text();
    if (auto head = ReadHead(row, tick); !head) return head.error();
    ReadLast(row, tick.last);
    if (auto depth = ReadDepth(row, tick.depth); !depth) return depth.error();
    ReadGreeks(row, tick.greeks);
    if (auto bars = ReadBars(row, tick.bars); !bars) return bars.error();
    ReadTotals(row, tick.totals);
    ReadAuction(row, tick.auction);
    return stored;
  }

 private:
  Result<void> ReadHead(BinaryRow& row, Tick& tick) {
    tick.seq = static_cast<std::uint64_t>(row.Int8());
    const std::string_view key = row.Text();
    const std::int64_t instrument_id = row.Int8();
    auto& listing = listings_[std::string{key}];
    if (!listing || listing->instrument_id != instrument_id) {
      listing = std::make_shared<const Listing>(
          Listing{.key = std::string{key}, .instrument_id = instrument_id});
    }
    tick.listing = listing;
    tick.received_ns = row.Int8();
    tick.broker_ms = row.Int8();
    const std::int16_t mode = row.Int2();
    if (row.good() && (mode < 1 || mode > 4)) return Unreadable("mode");
    tick.mode = static_cast<Mode>(mode);
    tick.broker_snapshot = row.Bool();
    tick.simulated = row.Bool();
    return {};
  }

  static void ReadLast(BinaryRow& row, std::optional<LastTrade>& last) {
    if (row.is_null()) return row.Skip(5);
    last.emplace();
    last->price = row.Float8();
    last->time_ms = row.Int8();
    last->quantity = row.Int8();
    last->previous_close = row.Float8();
    last->indicative_price = row.Maybe(&BinaryRow::Float8);
  }

  Result<void> ReadDepth(BinaryRow& row, std::vector<DepthLevel>& depth) {
    row.Int8Array(integers_[0]);
    row.Float8Array(reals_[0]);
    row.Int8Array(integers_[1]);
    row.Float8Array(reals_[1]);
    const std::size_t levels = integers_[0].size();
    if (reals_[0].size() != levels || integers_[1].size() != levels || reals_[1].size() != levels) {
      return Unreadable("depth");
    }
    for (std::size_t i = 0; i < levels; ++i) {
      depth.push_back({integers_[0][i], reals_[0][i], integers_[1][i], reals_[1][i]});
    }
    return {};
  }

  static void ReadGreeks(BinaryRow& row, std::optional<Greeks>& greeks) {
    if (row.is_null()) return row.Skip(5);
    greeks.emplace();
    for (const auto field :
         {&Greeks::delta, &Greeks::theta, &Greeks::gamma, &Greeks::vega, &Greeks::rho}) {
      (*greeks).*field = row.Float8();
    }
  }

  Result<void> ReadBars(BinaryRow& row, std::vector<Bar>& bars) {
    row.TextArray(texts_);
    for (auto& column : reals_) row.Float8Array(column);
    for (auto& column : integers_) row.Int8Array(column);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      for (const auto& column : reals_) {
        if (column.size() != texts_.size()) return Unreadable("bar");
      }
      for (const auto& column : integers_) {
        if (column.size() != texts_.size()) return Unreadable("bar");
      }
      bars.push_back({texts_[i], reals_[0][i], reals_[1][i], reals_[2][i], reals_[3][i],
                      integers_[0][i], integers_[1][i]});
    }
    return {};
  }

  static void ReadTotals(BinaryRow& row, Totals& totals) {
    totals.average_price = row.Float8();
    totals.volume = row.Int8();
    totals.open_interest = row.Float8();
    totals.implied_volatility = row.Float8();
    totals.total_buy_quantity = row.Float8();
    totals.total_sell_quantity = row.Float8();
  }

  static void ReadAuction(BinaryRow& row, std::optional<Auction>& auction) {
    if (row.is_null()) return row.Skip(6);
    auction.emplace();
    auction->equilibrium_price = row.Float8();
    auction->reference_price = row.Float8();
    auction->equilibrium_quantity = row.Int8();
    auction->imbalance_quantity = row.Int8();
    auction->market_imbalance_quantity = row.Int8();
    auction->closing_auction_eligible = row.Bool();
  }

  std::unordered_map<std::string, std::shared_ptr<const Listing>> listings_;
  std::vector<std::int64_t> integers_[2];
  std::vector<double> reals_[4];
  std::vector<std::string> texts_;
};

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
