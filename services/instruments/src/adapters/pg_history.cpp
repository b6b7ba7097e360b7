// What instruments were, what changed, and how syncs went.

#include "libs/calendar/ist.hpp"
#include "services/instruments/src/adapters/pg_instrument_store.hpp"
#include "services/instruments/src/adapters/pg_rows.hpp"
#include "services/instruments/src/adapters/report_json.hpp"

namespace sauda::instruments {
namespace {

constexpr auto kSyncAsOf =
    "SELECT max(sync_id) FROM instruments.sync_runs WHERE state = 'committed' AND market_ms <= $1";

// Of each row that ever went by that name the state that was the last one by that sync; of those
// the ones that went by it then.
#define AS_OF(NAME)                                                                      \
  "WITH ids AS (SELECT instrument_id FROM instruments.instruments WHERE " NAME           \
  " = $1 UNION SELECT instrument_id FROM instruments.instrument_versions WHERE " NAME    \
  " = $1), states AS ("                                                                  \
  "SELECT 9223372036854775807 AS until_sync, first_sync, " INSTRUMENT_COLUMNS            \
  " FROM instruments.instruments JOIN ids USING (instrument_id) UNION ALL "              \
  "SELECT until_sync, first_sync, " INSTRUMENT_COLUMNS                                   \
  " FROM instruments.instrument_versions JOIN ids USING (instrument_id)), then_was AS (" \
  "SELECT DISTINCT ON (instrument_id) * FROM states "                                    \
  "WHERE until_sync > $2 AND first_sync <= $2 ORDER BY instrument_id, until_sync) "      \
  "SELECT " INSTRUMENT_COLUMNS " FROM then_was WHERE " NAME " = $1 ORDER BY instrument_id"
constexpr auto kKeyAsOf = AS_OF("instrument_key");
constexpr auto kSymbolAsOf = AS_OF("trading_symbol");
#undef AS_OF

// Two statements: a name with a bar is a key, and each has an index of its own.
#define EXPIRED(NAME)                                                           \
  "SELECT " INSTRUMENT_COLUMNS                                                  \
  " FROM instruments.instruments WHERE NOT is_active AND "                      \
  "expiry_ms > 0 AND " NAME                                                     \
  " = $1 AND expiry_ms >= $2 AND expiry_ms < $3 AND "                           \
  "($4::smallint IS NULL OR kind = $4) AND ($5::text IS NULL OR segment = $5) " \
  "ORDER BY expiry_ms DESC, strike_nanos, contract, instrument_id LIMIT $6 OFFSET $7"
constexpr auto kExpiredByKey = EXPIRED("underlying_key");
constexpr auto kExpiredBySymbol = EXPIRED("underlying_symbol");
#undef EXPIRED

constexpr auto kChanges =
    "SELECT e.event_id, e.sync_id, r.market_ms, e.instrument_id, i.instrument_key, "
    "i.trading_symbol, e.field, e.old_value, e.new_value "
    "FROM instruments.instrument_events e JOIN instruments.sync_runs r USING (sync_id) "
    "JOIN instruments.instruments i USING (instrument_id) "
    "WHERE e.event_id > $1 AND ($2 = '' OR i.instrument_key = $2) ORDER BY e.event_id LIMIT $3";

constexpr auto kRuns =
    "SELECT sync_id, source, state, started_ms, coalesce(report::text, ''), "
    "coalesce(failure, '') FROM instruments.sync_runs WHERE $1 = 0 OR sync_id < $1 "
    "ORDER BY sync_id DESC LIMIT $2";

struct ChangeField {
  std::string_view field;
  Change change;
};
constexpr ChangeField kFields[] = {{"listed", Change::kListed},
                                   {"lot_size", Change::kLotSize},
                                   {"freeze_quantity", Change::kFreezeQuantity},
                                   {"tick_nanos", Change::kTickSize},
                                   {"trading_symbol", Change::kSymbol},
                                   {"expiry_ms", Change::kExpiry}};

/// A value as people read it.
std::string Readable(Change change, const pqxx::field& value) {
  switch (change) {
    case Change::kListed:
    case Change::kDelisted:
    case Change::kReactivated:
      return "";
    case Change::kTickSize:
      return Decimal::FromNanos(value.as<std::int64_t>()).ToString();
    case Change::kExpiry:
      return calendar::IstDate::Of(value.as<std::int64_t>()).ToString();
    default:
      return std::string{View(value)};
  }
}

Result<Change> ChangeOf(std::string_view field, std::string_view after) {
  if (field == "is_active") return after == "true" ? Change::kReactivated : Change::kDelisted;
  for (const ChangeField& each : kFields) {
    if (each.field == field) return each.change;
  }
  return Error{Code::kInternal, "DATABASE_ERROR",
               "an event is of the unknown field " + std::string{field}};
}

Result<InstrumentChange> ChangeFromRow(const pqxx::row& row) {
  const auto change = ChangeOf(View(row[6]), View(row[8]));
  if (!change) return change.error();
  return InstrumentChange{.sequence = row[0].as<std::int64_t>(),
                          .sync_id = row[1].as<std::int64_t>(),
                          .market_ms = row[2].as<std::int64_t>(),
                          .instrument_id = row[3].as<std::int64_t>(),
                          .key = std::string{View(row[4])},
                          .symbol = std::string{View(row[5])},
                          .change = *change,
                          .before = Readable(*change, row[7]),
                          .after = Readable(*change, row[8])};
}

Result<SyncRun> RunFromRow(const pqxx::row& row) {
  const std::string_view state = View(row[2]);
  SyncRun run{.sync_id = row[0].as<std::int64_t>(),
              .source = std::string{View(row[1])},
              .state = state == "committed" ? SyncRun::State::kCommitted
                       : state == "failed"  ? SyncRun::State::kFailed
                                            : SyncRun::State::kRunning,
              .started_ms = row[3].as<std::int64_t>(),
              .failure = std::string{View(row[5])}};
  if (run.state != SyncRun::State::kCommitted) return run;
  auto report = ReportFromJson(View(row[4]));
  if (!report) return report.error();
  run.report = std::move(*report);
  return run;
}

/// Every row by `read`; the first failure of that ends it.
template <typename T>
Result<std::vector<T>> ReadAll(const pqxx::result& rows, Result<T> (*read)(const pqxx::row&)) {
  std::vector<T> all;
  for (const auto& row : rows) {
    auto one = read(row);
    if (!one) return one.error();
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace

Result<std::optional<std::vector<StoredInstrument>>> PgInstrumentStore::FindAsOf(
    const std::string& name, std::int64_t market_ms) {
  using Found = std::optional<std::vector<StoredInstrument>>;
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  const bool by_key = name.find('|') != std::string::npos;
  return pool_.Transact([&](pqxx::work& work) -> Result<Found> {
    const auto sync = work.exec_params1(kSyncAsOf, market_ms)[0];
    if (sync.is_null()) return Found{};
    return Found{
        FromRows(work.exec_params(by_key ? kKeyAsOf : kSymbolAsOf, name, sync.as<std::int64_t>()))};
  });
}

Result<std::vector<StoredInstrument>> PgInstrumentStore::Expired(const ExpiredQuery& query) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  const bool by_key = query.underlying.find('|') != std::string::npos;
  std::optional<int> kind;
  if (query.kind) kind = static_cast<int>(*query.kind);
  std::optional<std::string> segment;
  if (query.segment) segment = std::string{kSegments[*query.segment].name};
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<StoredInstrument>> {
    return FromRows(work.exec_params(by_key ? kExpiredByKey : kExpiredBySymbol, query.underlying,
                                     query.from_ms, query.until_ms, kind, segment, query.limit,
                                     query.offset));
  });
}

Result<std::vector<InstrumentChange>> PgInstrumentStore::Changes(const ChangeQuery& query) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<InstrumentChange>> {
    return ReadAll(work.exec_params(kChanges, query.after, query.key, query.limit), ChangeFromRow);
  });
}

Result<std::vector<SyncRun>> PgInstrumentStore::Runs(std::int64_t before, std::int64_t limit) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<SyncRun>> {
    return ReadAll(work.exec_params(kRuns, before, limit), RunFromRow);
  });
}

}  // namespace sauda::instruments
