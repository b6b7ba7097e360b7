#include "services/instruments/src/adapters/pg_merge.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "libs/storage/pg_copy.hpp"

namespace sauda::instruments {
namespace {

using storage::BinaryRows;
using storage::CopyTransaction;

#define COLUMNS                                                                            \
  "instrument_key, segment, exchange, instrument_type, kind, contract, trading_symbol, "   \
  "name, short_name, exchange_token, isin, lot_size, freeze_quantity, tick_nanos, "        \
  "multiplier_nanos, expiry_ms, strike_nanos, underlying_key, underlying_symbol, weekly, " \
  "simulated, identity, digest, first_sync, changed_sync"
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

constexpr auto kKeepVersions = R"(
  INSERT INTO instruments.instrument_versions
  SELECT s.changed_sync, i.* FROM instruments.instruments i
  JOIN pg_temp.staging s USING (instrument_id))";

constexpr auto kUpdate = R"(
  UPDATE instruments.instruments i SET
    segment = s.segment, exchange = s.exchange, instrument_type = s.instrument_type,
    kind = s.kind, trading_symbol = s.trading_symbol, name = s.name, short_name = s.short_name,
    exchange_token = s.exchange_token, isin = s.isin, lot_size = s.lot_size,
    freeze_quantity = s.freeze_quantity, tick_nanos = s.tick_nanos,
    multiplier_nanos = s.multiplier_nanos, expiry_ms = s.expiry_ms,
    underlying_key = s.underlying_key, underlying_symbol = s.underlying_symbol,
    weekly = s.weekly, simulated = s.simulated, digest = s.digest,
    changed_sync = s.changed_sync, gone_sync = NULL, is_active = true, version = i.version + 1
  FROM pg_temp.staging s WHERE i.instrument_id = s.instrument_id)";

constexpr auto kInsertRest = "INSERT INTO instruments.instruments (" COLUMNS ") SELECT " COLUMNS
                             " FROM pg_temp.staging WHERE instrument_id IS NULL";
#undef COLUMNS

constexpr auto kWriteListed = R"(
  INSERT INTO instruments.instrument_events (instrument_id, sync_id, field, old_value, new_value)
  SELECT instrument_id, $1, 'listed', '', 'true' FROM instruments.instruments
  WHERE first_sync = $1 AND is_active
    AND EXISTS (SELECT 1 FROM instruments.instruments WHERE first_sync < $1)
  ORDER BY instrument_id)";

constexpr auto kDeactivate = R"(
  WITH kept AS (
    INSERT INTO instruments.instrument_versions
    SELECT $1, i.* FROM instruments.instruments i
    WHERE instrument_id = ANY ($2::bigint[]) AND is_active),
  gone AS (
    UPDATE instruments.instruments
    SET is_active = false, gone_sync = $1, changed_sync = $1, version = version + 1
    WHERE instrument_id = ANY ($2::bigint[]) AND is_active RETURNING instrument_id)
  INSERT INTO instruments.instrument_events (instrument_id, sync_id, field, old_value, new_value)
  SELECT instrument_id, $1, 'is_active', 'true', 'false' FROM gone)";

}  // namespace

const char* CopySql(CopyTarget target) {
  return target == CopyTarget::kMaster ? kCopyNew : kCopyStaging;
}

void AppendRow(BinaryRows& rows, CopyTarget target, const MasterRow& row, std::int64_t sync_id) {
  const Instrument& instrument = row.instrument;
  const bool staging = target == CopyTarget::kStaging;
  rows.Row(staging ? kColumns + 1 : kColumns);
  if (staging) rows.Maybe(row.id, &BinaryRows::Int8);
  rows.Text(instrument.key);
  rows.Text(kSegments[instrument.segment].name);
  rows.Text(instrument.exchange);
  rows.Text(instrument.type);
  rows.Int2(static_cast<std::int16_t>(instrument.kind));
  rows.Int2(static_cast<std::int16_t>(ContractOf(instrument.kind, instrument.type)));
  rows.Text(instrument.symbol);
  rows.Text(instrument.name);
  rows.Text(instrument.short_name);
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
  rows.Int8(static_cast<std::int64_t>(IdentityHash(instrument)));
  rows.Int8(static_cast<std::int64_t>(row.digest));
  rows.Int8(sync_id);  // first_sync
  rows.Int8(sync_id);  // changed_sync
}

std::int64_t Number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) (void)std::from_chars(text->data(), text->data() + text->size(), number);  // bigint
  return number;
}

Result<std::int64_t> NumberOf(CopyTransaction& transaction, const char* sql) {
  const auto rows = transaction.Query(sql);
  if (!rows) return rows.error();
  return Number(rows->at(0).at(0));
}

Result<void> MakeStaging(CopyTransaction& transaction) {
  const auto made = transaction.Exec(kMakeStaging);
  if (!made) return made.error();
  return {};
}

Result<void> Deactivate(CopyTransaction& transaction, std::int64_t sync_id,
                        const std::vector<std::int64_t>& gone) {
  constexpr std::size_t kPiece = 10'000;  // so that no statement grows with the master
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

Result<void> WriteListed(CopyTransaction& transaction, std::int64_t sync_id) {
  const std::array<std::optional<std::string>, 1> parameters{std::to_string(sync_id)};
  const auto written = transaction.Query(kWriteListed, parameters);
  if (!written) return written.error();
  return {};
}

Result<void> MergeStaging(CopyTransaction& transaction, SyncReport& report) {
  const auto staged = NumberOf(transaction, "SELECT count(*) FROM pg_temp.staging");
  if (!staged) return staged.error();
  if (const auto done = transaction.Exec(kResolve); !done) return done.error();
  const auto unchanged = transaction.Exec(kDropUnchanged);
  if (!unchanged) return unchanged.error();
  const auto reactivated = NumberOf(transaction, kCountReactivated);
  if (!reactivated) return reactivated.error();
  if (const auto done = transaction.Exec(kWriteEvents); !done) return done.error();
  if (const auto done = transaction.Exec(kKeepVersions); !done) return done.error();
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

}  // namespace sauda::instruments
