#include "services/feed/src/adapters/pg_tick_store.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "libs/storage/pg_copy.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_tick_days.hpp"

namespace sauda::feed {
namespace {

using storage::BinaryRows;

constexpr std::int64_t kDaysAhead = 2;
constexpr std::int16_t kColumns = 43;

constexpr const char* kCopyTicks =
    "COPY feed.ticks (account_id, instance, seq, instrument_key, instrument_id, received_ns,"
    " broker_ms, mode, broker_snapshot, simulated, last_price, last_time_ms, last_quantity,"
    " previous_close, indicative_price, bid_quantities, bid_prices, ask_quantities, ask_prices,"
    " delta, theta, gamma, vega, rho, bar_intervals, bar_opens, bar_highs, bar_lows, bar_closes,"
    " bar_volumes, bar_starts_ms, average_price, volume, open_interest, implied_volatility,"
    " total_buy_quantity, total_sell_quantity, equilibrium_price, reference_price,"
    " equilibrium_quantity, imbalance_quantity, market_imbalance_quantity,"
    " closing_auction_eligible) FROM STDIN (FORMAT binary)";

// Nothing is returned when the run is already past the first of the batch.
constexpr const char* kMoveCheckpoint =
    "INSERT INTO feed.progress AS kept (instance, account_id, last_seq, covered_ns, segment)"
    " VALUES ($1, $2, $3::bigint, $4::bigint, $6::bigint)"
    " ON CONFLICT (instance) DO UPDATE SET last_seq = excluded.last_seq,"
    " covered_ns = excluded.covered_ns, segment = excluded.segment, updated_at = now()"
    " WHERE kept.last_seq < $5::bigint RETURNING last_seq";

constexpr const char* kComplete =
    "INSERT INTO feed.progress (instance, account_id, last_seq, covered_ns, complete)"
    " VALUES ($1, $2, 0, 0, true)"
    " ON CONFLICT (instance) DO UPDATE SET complete = true, updated_at = now()";

constexpr const char* kReadProgress =
    "SELECT instance, last_seq, segment, complete FROM feed.progress WHERE account_id = $1";

constexpr const char* kReadCheckpoint = "SELECT last_seq FROM feed.progress WHERE instance = $1";

constexpr const char* kInsertGap =
    "INSERT INTO feed.gaps (account_id, instance, number, from_ns, to_ns, cause, ticks, detail)"
    " VALUES ($1, $2, $3::bigint, $4::bigint, $5::bigint, $6, $7::bigint, $8)"
    " ON CONFLICT (instance, number) DO NOTHING";

// Rows are only added; reading an index alone needs pages that are known to be visible to all.
constexpr const char* kPartitionOptions = " WITH (autovacuum_vacuum_insert_scale_factor = 0.05)";

using Parameters = std::vector<std::optional<std::string>>;

Result<std::int64_t> Number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) {
    const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
    if (read.ec == std::errc{}) return number;
  }
  return Error{Code::kInternal, "DATABASE_ERROR", "a number was expected"};
}

template <typename T, typename Row, typename Get>
void Array(BinaryRows& rows, std::vector<T>& scratch, const std::vector<Row>& from,
           void (BinaryRows::*append)(std::span<const T>), Get get) {
  scratch.clear();
  for (const Row& each : from) scratch.push_back(get(each));
  (rows.*append)(scratch);
}

/// Writes rows; its vectors are used again for each.
class RowWriter {
 public:
  RowWriter(BinaryRows& rows, const std::string& account_id, const std::string& instance)
      : rows_{rows}, account_id_{account_id}, instance_{instance} {}

  void Write(const Tick& tick) {
    rows_.Row(kColumns);
    WriteHead(tick);
    WriteLast(tick.last);
    WriteDepth(tick.depth);
    WriteGreeks(tick.greeks);
    WriteBars(tick.bars);
    WriteTotals(tick.totals);
    WriteAuction(tick.auction);
  }

 private:
  void WriteHead(const Tick& tick) {
    rows_.Text(account_id_);
    rows_.Text(instance_);
    rows_.Int8(static_cast<std::int64_t>(tick.seq));
    rows_.Text(tick.listing->key);
    rows_.Int8(tick.listing->instrument_id);
    rows_.Int8(tick.received_ns);
    rows_.Int8(tick.broker_ms);
    rows_.Int2(static_cast<std::int16_t>(tick.mode));
    rows_.Bool(tick.broker_snapshot);
    rows_.Bool(tick.simulated);
  }

  void WriteLast(const std::optional<LastTrade>& last) {
    if (!last) return Nulls(5);
    rows_.Float8(last->price);
    rows_.Int8(last->time_ms);
    rows_.Int8(last->quantity);
    rows_.Float8(last->previous_close);
    rows_.Maybe(last->indicative_price, &BinaryRows::Float8);
  }

  void WriteDepth(const std::vector<DepthLevel>& depth) {
    Array(rows_, integers_, depth, &BinaryRows::Int8Array,
          [](const DepthLevel& each) { return each.bid_quantity; });
    Array(rows_, reals_, depth, &BinaryRows::Float8Array,
          [](const DepthLevel& each) { return each.bid_price; });
    Array(rows_, integers_, depth, &BinaryRows::Int8Array,
          [](const DepthLevel& each) { return each.ask_quantity; });
    Array(rows_, reals_, depth, &BinaryRows::Float8Array,
          [](const DepthLevel& each) { return each.ask_price; });
  }

  void WriteGreeks(const std::optional<Greeks>& greeks) {
    if (!greeks) return Nulls(5);
    rows_.Float8(greeks->delta);
    rows_.Float8(greeks->theta);
    rows_.Float8(greeks->gamma);
    rows_.Float8(greeks->vega);
    rows_.Float8(greeks->rho);
  }

  void WriteBars(const std::vector<Bar>& bars) {
    Array(rows_, texts_, bars, &BinaryRows::TextArray,
          [](const Bar& each) { return each.interval; });
    for (const auto field : {&Bar::open, &Bar::high, &Bar::low, &Bar::close}) {
      Array(rows_, reals_, bars, &BinaryRows::Float8Array,
            [field](const Bar& each) { return each.*field; });
    }
    for (const auto field : {&Bar::volume, &Bar::start_ms}) {
      Array(rows_, integers_, bars, &BinaryRows::Int8Array,
            [field](const Bar& each) { return each.*field; });
    }
  }

  void WriteTotals(const Totals& totals) {
    rows_.Float8(totals.average_price);
    rows_.Int8(totals.volume);
    rows_.Float8(totals.open_interest);
    rows_.Float8(totals.implied_volatility);
    rows_.Float8(totals.total_buy_quantity);
    rows_.Float8(totals.total_sell_quantity);
  }

  void WriteAuction(const std::optional<Auction>& auction) {
    if (!auction) return Nulls(6);
    rows_.Float8(auction->equilibrium_price);
    rows_.Float8(auction->reference_price);
    rows_.Int8(auction->equilibrium_quantity);
    rows_.Int8(auction->imbalance_quantity);
    rows_.Int8(auction->market_imbalance_quantity);
    rows_.Bool(auction->closing_auction_eligible);
  }

  void Nulls(int count) {
    for (int i = 0; i < count; ++i) rows_.Null();
  }

  BinaryRows& rows_;
  const std::string& account_id_;
  const std::string& instance_;
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
  std::vector<std::string> texts_;
};

}  // namespace

PgTickStore::PgTickStore(storage::PgOptions options, PgSchema& schema, std::string account_id)
    : schema_{schema},
      account_id_{std::move(account_id)},
      connection_{std::make_unique<storage::CopyConnection>(std::move(options))} {}

PgTickStore::~PgTickStore() = default;

Result<void> PgTickStore::Append(const StoreBatch& batch) {
  if (auto ready = schema_.Ensure(); !ready) return ready;
  if (auto made = MakePartitions(batch.ticks); !made) return made;
  auto stored = connection_->Transact([&](Transaction& transaction) -> Result<void> {
    if (!batch.ticks.empty()) {
      const auto fresh = MoveCheckpoint(transaction, batch);
      if (!fresh) return fresh.error();
      if (auto copied = CopyTicks(transaction, batch.instance, *fresh); !copied) return copied;
    }
    if (batch.complete) {
      if (auto done = Complete(transaction, batch.instance); !done) return done;
    }
    return InsertGaps(transaction, batch);
  });
  if (!stored) days_.clear();  // a day that was retired meanwhile is made again by the next try
  return stored;
}

Result<std::map<std::string, StoreProgress>> PgTickStore::Progress() {
  using Answer = std::map<std::string, StoreProgress>;
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  Answer answer;
  const auto done = connection_->Transact([&](Transaction& transaction) -> Result<void> {
    answer.clear();
    const auto rows = transaction.Query(kReadProgress, Parameters{account_id_});
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
      const auto last_seq = Number(row[1]);
      const auto segment = Number(row[2]);
      if (!last_seq || !segment) return last_seq ? segment.error() : last_seq.error();
      answer[row[0].value_or("")] = {.last_seq = static_cast<std::uint64_t>(*last_seq),
                                     .segment = static_cast<std::uint64_t>(*segment),
                                     .complete = row[3] == "t"};
    }
    return {};
  });
  if (!done) return done.error();
  return answer;
}

Result<void> PgTickStore::CopyTicks(Transaction& transaction, const std::string& instance,
                                    std::span<const Tick> ticks) {
  if (ticks.empty()) return {};
  const auto copied = transaction.CopyIn(kCopyTicks, [&](BinaryRows& rows) -> Result<void> {
    RowWriter writer{rows, account_id_, instance};
    for (const Tick& tick : ticks) writer.Write(tick);
    return {};
  });
  if (!copied) return copied.error();
  return {};
}

Result<void> PgTickStore::Complete(Transaction& transaction, const std::string& instance) {
  const auto done = transaction.Query(kComplete, Parameters{instance, account_id_});
  if (!done) return done.error();
  return {};
}

Result<std::span<const Tick>> PgTickStore::MoveCheckpoint(Transaction& transaction,
                                                          const StoreBatch& batch) {
  const auto move = [&](std::span<const Tick> fresh) {
    const Parameters parameters{batch.instance,
                                account_id_,
                                std::to_string(fresh.back().seq),
                                std::to_string(fresh.back().received_ns),
                                std::to_string(fresh.front().seq),
                                std::to_string(batch.segment)};
    return transaction.Query(kMoveCheckpoint, parameters);
  };
  const std::span<const Tick> ticks = batch.ticks;
  const auto moved = move(ticks);
  if (!moved) return moved.error();
  if (!moved->empty()) return ticks;
  // An earlier try got through although it seemed to fail, in whole or up to some tick.
  const auto kept = transaction.Query(kReadCheckpoint, Parameters{batch.instance});
  if (!kept) return kept.error();
  if (kept->empty()) return Error{Code::kInternal, "DATABASE_ERROR", "the checkpoint is gone"};
  const auto last = Number(kept->front().front());
  if (!last) return last.error();
  const auto first = std::find_if(ticks.begin(), ticks.end(), [&](const Tick& tick) {
    return tick.seq > static_cast<std::uint64_t>(*last);
  });
  const std::span<const Tick> fresh{first, ticks.end()};
  if (fresh.empty()) return fresh;
  const auto again = move(fresh);
  if (!again) return again.error();
  return fresh;
}

Result<void> PgTickStore::InsertGaps(Transaction& transaction, const StoreBatch& batch) {
  for (const Gap& gap : batch.gaps) {
    const Parameters parameters{account_id_,
                                batch.instance,
                                std::to_string(gap.number),
                                std::to_string(gap.from_ns),
                                std::to_string(gap.to_ns),
                                gap.cause,
                                std::to_string(gap.ticks),
                                gap.detail};
    if (auto inserted = transaction.Query(kInsertGap, parameters); !inserted) {
      return inserted.error();
    }
  }
  return {};
}

Result<void> PgTickStore::MakePartitions(std::span<const Tick> ticks) {
  std::int64_t seen = -1;
  for (const Tick& tick : ticks) {
    const std::int64_t day = TickDayOf(tick.received_ns);
    if (day == seen) continue;
    seen = day;
    for (std::int64_t each = day; each <= day + kDaysAhead; ++each) {
      if (days_.contains(each)) continue;
      if (auto made = MakePartition(each); !made) return made;
      days_.insert(each);
    }
  }
  return {};
}

Result<void> PgTickStore::MakePartition(std::int64_t day) {
  return connection_->Transact([&](Transaction& transaction) -> Result<void> {
    const auto made = transaction.Exec(
        "CREATE TABLE IF NOT EXISTS feed." + NameOfTickDay(day) +
        " PARTITION OF feed.ticks FOR VALUES FROM (" + std::to_string(StartOfTickDay(day)) +
        ") TO (" + std::to_string(StartOfTickDay(day + 1)) + ")" + kPartitionOptions);
    if (!made) return made.error();
    return {};
  });
}

}  // namespace sauda::feed
