#include "services/instruments/src/adapters/pg_sync_transaction.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "libs/base/check.hpp"
#include "libs/storage/pg_copy.hpp"
#include "services/instruments/src/adapters/report_json.hpp"
#include "services/instruments/src/core/lookup.hpp"

namespace sauda::instruments {
namespace {

using storage::BinaryRows;
using storage::CopyTransaction;

constexpr std::size_t kMostSteps = 2;

constexpr auto kDeclareKnown = R"(
  DECLARE known NO SCROLL CURSOR FOR
  SELECT instrument_id, identity, digest, expiry_ms, segment, is_active
  FROM instruments.instruments WHERE is_active OR expiry_ms = 0 OR expiry_ms > )";
constexpr auto kFetchKnown = "FETCH 2000 FROM known";

#define COLUMNS                                                                            \
  "instrument_key, segment, exchange, instrument_type, kind, contract, trading_symbol, "   \
  "name, exchange_token, isin, lot_size, freeze_quantity, tick_nanos, multiplier_nanos, "  \
  "expiry_ms, strike_nanos, underlying_key, underlying_symbol, weekly, simulated, words, " \
  "identity, digest, first_sync, changed_sync"
constexpr std::int16_t kColumns = 25;

constexpr auto kCopyNew = "COPY instruments.instruments (" COLUMNS ") FROM STDIN (FORMAT binary)";
constexpr auto kMakeStaging =
    "CREATE TEMPORARY TABLE IF NOT EXISTS staging ON COMMIT DROP AS SELECT instrument_id, " COLUMNS
    " FROM instruments.instruments WITH NO DATA";
constexpr auto kCopyStaging =
    "COPY pg_temp.staging (instrument_id, " COLUMNS ") FROM STDIN (FORMAT binary)";

// Expired contracts come without an id: the diff does not load them.
constexpr auto kResolve = R"(
  ANALYZE pg_temp.staging;
  UPDATE pg_temp.staging s SET instrument_id = i.instrument_id FROM instruments.instruments i
  WHERE s.instrument_id IS NULL AND i.instrument_key = s.instrument_key
    AND i.expiry_ms = s.expiry_ms AND i.strike_nanos = s.strike_nanos AND i.contract = s.contract)";

constexpr auto kDropUnchanged = R"(
  DELETE FROM pg_temp.staging s USING instruments.instruments i
  WHERE i.instrument_id = s.instrument_id AND i.is_active AND i.digest = s.digest)";

constexpr auto kCountReactivated = R"(
  SELECT count(*) FROM pg_temp.staging s JOIN instruments.instruments i USING (instrument_id)
  WHERE NOT i.is_active)";

constexpr auto kWriteEvents = R"(
  INSERT INTO instruments.instrument_events (instrument_id, sync_id, field, old_value, new_value)
  SELECT s.instrument_id, s.changed_sync, v.field, v.old_value, v.new_value
  FROM pg_temp.staging s JOIN instruments.instruments i USING (instrument_id)
  CROSS JOIN LATERAL (VALUES
    ('lot_size', i.lot_size::text, s.lot_size::text),
    ('freeze_quantity', i.freeze_quantity::text, s.freeze_quantity::text),
    ('tick_nanos', i.tick_nanos::text, s.tick_nanos::text),
    ('trading_symbol', i.trading_symbol, s.trading_symbol),
    ('expiry_ms', i.expiry_ms::text, s.expiry_ms::text),
    ('is_active', i.is_active::text, 'true')) AS v (field, old_value, new_value)
  WHERE v.old_value <> v.new_value)";

constexpr auto kUpdate = R"(
  UPDATE instruments.instruments i SET
    segment = s.segment, exchange = s.exchange, instrument_type = s.instrument_type,
    kind = s.kind, trading_symbol = s.trading_symbol, name = s.name,
    exchange_token = s.exchange_token, isin = s.isin, lot_size = s.lot_size,
    freeze_quantity = s.freeze_quantity, tick_nanos = s.tick_nanos,
    multiplier_nanos = s.multiplier_nanos, expiry_ms = s.expiry_ms,
    underlying_key = s.underlying_key, underlying_symbol = s.underlying_symbol,
    weekly = s.weekly, simulated = s.simulated, words = s.words, digest = s.digest,
    changed_sync = s.changed_sync, gone_sync = NULL, is_active = true, version = i.version + 1
  FROM pg_temp.staging s WHERE i.instrument_id = s.instrument_id)";

constexpr auto kInsertRest = "INSERT INTO instruments.instruments (" COLUMNS ") SELECT " COLUMNS
                             " FROM pg_temp.staging WHERE instrument_id IS NULL";
#undef COLUMNS

constexpr auto kDeactivate = R"(
  WITH gone AS (
    UPDATE instruments.instruments
    SET is_active = false, gone_sync = $1, changed_sync = $1, version = version + 1
    WHERE instrument_id = ANY ($2::bigint[]) AND is_active RETURNING instrument_id)
  INSERT INTO instruments.instrument_events (instrument_id, sync_id, field, old_value, new_value)
  SELECT instrument_id, $1, 'is_active', 'true', 'false' FROM gone)";

constexpr auto kCountSegments =
    "SELECT segment, count(*) FROM instruments.instruments WHERE is_active GROUP BY segment";

// Locked until the commit, so that no other sync can begin between the look and the commit.
constexpr auto kFence = "SELECT newest FROM instruments.sync_fence FOR UPDATE";
constexpr auto kCommitRun =
    "UPDATE instruments.sync_runs SET state = 'committed', report = $2::jsonb WHERE sync_id = $1";

std::int64_t Number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) (void)std::from_chars(text->data(), text->data() + text->size(), number);  // bigint
  return number;
}

std::string Words(const Instrument& instrument) {
  auto words = SearchWords(instrument.symbol + ' ' + instrument.name + ' ' + instrument.key + ' ' +
                           instrument.underlying_symbol);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void Append(BinaryRows& rows, const Instrument& instrument, std::uint64_t digest,
            std::int64_t sync_id) {
  rows.Text(instrument.key);
  rows.Text(kSegments[instrument.segment].name);
  rows.Text(instrument.exchange);
  rows.Text(instrument.type);
  rows.Int2(static_cast<std::int16_t>(instrument.kind));
  rows.Int2(static_cast<std::int16_t>(ContractOf(instrument.kind, instrument.type)));
  rows.Text(instrument.symbol);
  rows.Text(instrument.name);
  rows.Text(instrument.token);
  rows.Text(instrument.isin);
  rows.Int8(instrument.lot_size);
  rows.Int8(instrument.freeze_quantity);
  rows.Int8(instrument.tick_size.nanos());
  rows.Int8(instrument.quantity_multiplier.nanos());
  rows.Int8(instrument.expiry_ms);
  rows.Int8(instrument.strike.nanos());
  rows.Text(instrument.underlying_key);
  rows.Text(instrument.underlying_symbol);
  rows.Bool(instrument.weekly);
  rows.Bool(instrument.simulated);
  rows.Text(Words(instrument));
  rows.Int8(static_cast<std::int64_t>(IdentityHash(instrument)));
  rows.Int8(static_cast<std::int64_t>(digest));
  rows.Int8(sync_id);  // first_sync
  rows.Int8(sync_id);  // changed_sync
}

Result<std::int64_t> CountOf(CopyTransaction& transaction, const char* sql) {
  const auto rows = transaction.Query(sql);
  if (!rows) return rows.error();
  return Number(rows->at(0).at(0));
}

/// Takes `gone` off the list, in pieces so that no statement grows with the master.
Result<void> Deactivate(CopyTransaction& transaction, std::int64_t sync_id,
                        const std::vector<std::int64_t>& gone) {
  constexpr std::size_t kPiece = 10'000;
  for (std::size_t from = 0; from < gone.size(); from += kPiece) {
    std::string ids = "{";
    for (std::size_t i = from; i < std::min(from + kPiece, gone.size()); ++i) {
      ids += (i == from ? "" : ",") + std::to_string(gone[i]);
    }
    const std::array<std::optional<std::string>, 2> parameters{std::to_string(sync_id), ids + "}"};
    const auto done = transaction.Query(kDeactivate, parameters);
    if (!done) return done.error();
  }
  return {};
}

/// Merges the temporary table into the master.
Result<void> Merge(CopyTransaction& transaction, SyncReport& report) {
  const auto staged = CountOf(transaction, "SELECT count(*) FROM pg_temp.staging");
  if (!staged) return staged.error();
  if (const auto done = transaction.Exec(kResolve); !done) return done.error();
  const auto unchanged = transaction.Exec(kDropUnchanged);
  if (!unchanged) return unchanged.error();
  const auto reactivated = CountOf(transaction, kCountReactivated);
  if (!reactivated) return reactivated.error();
  if (const auto done = transaction.Exec(kWriteEvents); !done) return done.error();
  const auto updated = transaction.Exec(kUpdate);
  if (!updated) return updated.error();
  const auto inserted = transaction.Exec(kInsertRest);
  if (!inserted) return inserted.error();
  report.unchanged = static_cast<std::int64_t>(*unchanged);
  report.reactivated = *reactivated;
  report.updated = static_cast<std::int64_t>(*updated);
  report.inserted += static_cast<std::int64_t>(*inserted);
  return {};
}

}  // namespace

PgSyncTransaction::PgSyncTransaction(storage::PgOptions options, std::int64_t sync_id,
                                     std::size_t batch_rows)
    : options_{std::move(options)}, sync_id_{sync_id}, batch_rows_{batch_rows}, worker_{[this] {
        Work();
      }} {
  Check(batch_rows_ > 0, "a batch has rows");
}

PgSyncTransaction::~PgSyncTransaction() {
  const std::lock_guard lock{mutex_};
  if (!closing_) abandoned_ = true;
  closing_ = true;
  changed_.notify_all();
}

void PgSyncTransaction::Work() {
  storage::CopyConnection connection{options_};
  auto result =
      connection.Transact([this](CopyTransaction& transaction) { return DoSteps(transaction); });
  const std::lock_guard lock{mutex_};
  if (!result && !failure_)
    failure_ = result.error();  // it did not even begin, or the commit failed
  outcome_ = std::move(result);
  changed_.notify_all();
}

/// Runs steps until the end is asked for; an error rolls back.
Result<void> PgSyncTransaction::DoSteps(CopyTransaction& transaction) {
  while (true) {
    Step step;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return closing_ || !steps_.empty(); });
      if (abandoned_) return Error{Code::kCancelled, "SYNC_ABANDONED", "rolled back"};
      if (steps_.empty()) return {};
      step = std::move(steps_.front());
      steps_.pop();
      changed_.notify_all();
    }
    if (auto done = step(transaction); !done) {
      const std::lock_guard lock{mutex_};
      failure_ = done.error();
      changed_.notify_all();
      return done;
    }
  }
}

Result<void> PgSyncTransaction::Post(Step step) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return failure_ || steps_.size() < kMostSteps; });
  if (failure_) return *failure_;
  steps_.push(std::move(step));
  changed_.notify_all();
  return {};
}

Result<void> PgSyncTransaction::Do(const Step& step) {
  const auto done = std::make_shared<bool>(false);
  auto posted = Post([this, done, &step](CopyTransaction& transaction) {
    auto result = step(transaction);
    const std::lock_guard lock{mutex_};
    *done = true;
    if (!result) failure_ = result.error();
    changed_.notify_all();
    return result;
  });
  if (!posted) return posted;
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return failure_ || *done; });
  if (failure_) return *failure_;
  return {};
}

Result<void> PgSyncTransaction::ForEachKnown(
    std::int64_t market_now_ms, const std::function<void(const KnownInstrument&)>& tell) {
  return Do([&](CopyTransaction& transaction) -> Result<void> {
    const auto declared = transaction.Exec(kDeclareKnown + std::to_string(market_now_ms));
    if (!declared) return declared.error();
    while (true) {
      const auto rows = transaction.Query(kFetchKnown);
      if (!rows) return rows.error();
      if (rows->empty()) break;
      for (const auto& row : *rows) {
        const auto segment = FindSegment(row[4].value_or(""));
        if (!segment) {
          return Error{Code::kInternal, "DATABASE_ERROR",
                       "the master holds the unknown segment " + row[4].value_or("null")};
        }
        tell({.identity = static_cast<std::uint64_t>(Number(row[1])),
              .digest = static_cast<std::uint64_t>(Number(row[2])),
              .id = Number(row[0]),
              .expiry_ms = Number(row[3]),
              .segment = *segment,
              .listed = row[5] == "t"});
      }
    }
    const auto closed = transaction.Exec("CLOSE known");
    if (!closed) return closed.error();
    return {};
  });
}

Result<void> PgSyncTransaction::Insert(const Instrument& instrument, std::uint64_t digest) {
  new_rows_.push_back({std::nullopt, instrument, digest});
  ++inserted_;
  if (new_rows_.size() < batch_rows_) return {};
  return PostNew();
}

Result<void> PgSyncTransaction::Update(std::int64_t id, const Instrument& instrument,
                                       std::uint64_t digest) {
  return Stage(id, instrument, digest);
}

Result<void> PgSyncTransaction::Upsert(const Instrument& instrument, std::uint64_t digest) {
  return Stage(std::nullopt, instrument, digest);
}

Result<void> PgSyncTransaction::Stage(std::optional<std::int64_t> id, const Instrument& instrument,
                                      std::uint64_t digest) {
  staged_rows_.push_back({id, instrument, digest});
  if (staged_rows_.size() < batch_rows_) return {};
  return PostStaged();
}

Result<void> PgSyncTransaction::PostNew() {
  if (new_rows_.empty()) return {};
  // Shared, for a std::function must be copyable.
  const auto batch = std::make_shared<Rows>(std::move(new_rows_));
  new_rows_ = {};
  new_rows_.reserve(batch_rows_);
  return Post([this, batch](CopyTransaction& transaction) -> Result<void> {
    const auto copied = transaction.CopyIn(kCopyNew, [&](BinaryRows& rows) -> Result<void> {
      for (const Row& row : *batch) {
        rows.Row(kColumns);
        Append(rows, row.instrument, row.digest, sync_id_);
      }
      return {};
    });
    if (!copied) return copied.error();
    return {};
  });
}

Result<void> PgSyncTransaction::PostStaged() {
  if (staged_rows_.empty()) return {};
  const auto batch = std::make_shared<Rows>(std::move(staged_rows_));
  staged_rows_ = {};
  const bool first = !staging_used_;
  staging_used_ = true;
  return Post([this, batch, first](CopyTransaction& transaction) -> Result<void> {
    if (first) {
      if (const auto made = transaction.Exec(kMakeStaging); !made) return made.error();
    }
    const auto copied = transaction.CopyIn(kCopyStaging, [&](BinaryRows& rows) -> Result<void> {
      for (const Row& row : *batch) {
        rows.Row(kColumns + 1);
        rows.Maybe(row.id, &BinaryRows::Int8);
        Append(rows, row.instrument, row.digest, sync_id_);
      }
      return {};
    });
    if (!copied) return copied.error();
    return {};
  });
}

Result<SyncReport> PgSyncTransaction::Apply(const std::vector<std::int64_t>& gone) {
  if (auto posted = PostNew(); !posted) return posted.error();
  if (auto posted = PostStaged(); !posted) return posted.error();
  SyncReport report;
  report.inserted = inserted_;
  const auto done = Do([&](CopyTransaction& transaction) -> Result<void> {
    if (staging_used_) {
      if (auto merged = Merge(transaction, report); !merged) return merged;
    }
    if (auto gone_off = Deactivate(transaction, sync_id_, gone); !gone_off) return gone_off;
    const auto counts = transaction.Query(kCountSegments);
    if (!counts) return counts.error();
    for (const auto& row : *counts) {
      const auto segment = FindSegment(row[0].value_or(""));
      if (segment) report.segments[*segment] = Number(row[1]);
    }
    return {};
  });
  if (!done) return done.error();
  return report;
}

Result<void> PgSyncTransaction::Commit(const SyncReport& report) {
  const std::string json = ReportToJson(report);
  const auto written = Do([&](CopyTransaction& transaction) -> Result<void> {
    const auto newest = CountOf(transaction, kFence);
    if (!newest) return newest.error();
    if (*newest != sync_id_) {
      return Error{Code::kFailedPrecondition, "LOCK_LOST",
                   "sync " + std::to_string(*newest) + " has begun since; this one was " +
                       std::to_string(sync_id_)};
    }
    const std::array<std::optional<std::string>, 2> parameters{std::to_string(sync_id_), json};
    const auto noted = transaction.Query(kCommitRun, parameters);
    if (!noted) return noted.error();
    return {};
  });
  if (!written) return written;
  std::unique_lock lock{mutex_};
  closing_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return outcome_.has_value(); });
  return *outcome_;
}

}  // namespace sauda::instruments
