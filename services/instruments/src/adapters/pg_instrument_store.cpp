#include "services/instruments/src/adapters/pg_instrument_store.hpp"

#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/adapters/pg_sync_transaction.hpp"
#include "services/instruments/src/adapters/report_json.hpp"

namespace sauda::instruments {
namespace {

#define COLUMNS                                                                            \
  "instrument_id, instrument_key, segment, exchange, instrument_type, kind, "              \
  "trading_symbol, name, exchange_token, isin, lot_size, freeze_quantity, tick_nanos, "    \
  "multiplier_nanos, expiry_ms, strike_nanos, underlying_key, underlying_symbol, weekly, " \
  "simulated, is_active, version"

constexpr auto kByKeys = "SELECT " COLUMNS
                         " FROM instruments.instruments WHERE instrument_key = ANY ($1::text[]) "
                         "ORDER BY instrument_id";
constexpr auto kBySymbols = "SELECT " COLUMNS
                            " FROM instruments.instruments WHERE trading_symbol = ANY ($1::text[]) "
                            "AND is_active ORDER BY instrument_id";
constexpr auto kSearch =
    "SELECT " COLUMNS
    " FROM instruments.instruments "
    "WHERE is_active AND array_to_tsvector(string_to_array(words, ' ')) @@ $1::tsquery "
    "AND ($2 = '' OR segment = $2) AND ($3 = '' OR instrument_type = $3) "
    "ORDER BY (lower(trading_symbol) <> $4), NOT starts_with(lower(trading_symbol), $5), "
    "(kind > 2), expiry_ms, trading_symbol COLLATE \"C\", instrument_id "
    "OFFSET $6 LIMIT $7";

// $1 market time, $2 kind, $3 segment, $4 and $5 key and symbol of the underlying, $6 and $7 the
// universe's contracts or what they are written on, without these. What is not asked for is given
// as '' or null, so that the planner drops its condition.
#define LISTED                                                                                \
  " FROM instruments.instruments "                                                            \
  "WHERE is_active AND (expiry_ms = 0 OR expiry_ms > $1) AND ($2 = 0 OR kind = $2) "          \
  "AND ($3 = '' OR segment = $3) AND ($4 = '' OR underlying_key = $4) "                       \
  "AND ($5 = '' OR underlying_symbol = $5) "                                                  \
  "AND ($6::text[] IS NULL OR (segment = 'NSE_FO' AND underlying_symbol <> ALL ($6::text[]) " \
  "AND underlying_key <> ALL ($6::text[]))) "                                                 \
  "AND ($7::text[] IS NULL OR instrument_key IN (SELECT underlying_key "                      \
  "FROM instruments.instruments WHERE is_active AND segment = 'NSE_FO' AND expiry_ms > $1 "   \
  "AND underlying_symbol <> ALL ($7::text[]) AND underlying_key <> ALL ($7::text[])))"
constexpr auto kCountListed = "SELECT count(*)" LISTED;
// The place of the segment as in core/segment.hpp and in the index instruments_list.
constexpr auto kList =
    "SELECT " COLUMNS LISTED
    " ORDER BY array_position(ARRAY['NSE_EQ', 'BSE_EQ', 'NSE_INDEX', 'BSE_INDEX', 'NSE_FO', "
    "'BSE_FO', 'NCD_FO', 'BCD_FO', 'MCX_FO', 'NSE_COM', 'MCX_COM', 'MCX_INDEX', 'GLOBAL_INDEX', "
    "'GLOBAL_INDICATOR'], segment), expiry_ms, underlying_symbol COLLATE \"C\", "
    "CASE WHEN $8::bigint = 0 THEN 0 ELSE abs(strike_nanos - $8::bigint) END, strike_nanos, "
    "contract, (instrument_type <> 'EQ'), trading_symbol COLLATE \"C\", instrument_id "
    "OFFSET $9 LIMIT $10";
#undef LISTED
#undef COLUMNS

constexpr auto kAbandonOlder =
    "UPDATE instruments.sync_runs SET state = 'failed', "
    "failure = 'ABANDONED: it ended without a word, its process may have died' "
    "WHERE state = 'running'";
constexpr auto kStartRun =
    "INSERT INTO instruments.sync_runs (started_ms, source) VALUES ($1, $2) RETURNING sync_id";
constexpr auto kMoveFence = "UPDATE instruments.sync_fence SET newest = $1";
constexpr auto kFailRun =
    "UPDATE instruments.sync_runs SET state = 'failed', failure = $2 "
    "WHERE sync_id = $1 AND state = 'running'";

constexpr auto kTotal = "SELECT count(*) FROM instruments.instruments";
constexpr auto kActive =
    "SELECT segment, count(*) FROM instruments.instruments WHERE is_active GROUP BY segment";
constexpr auto kLastCommitted =
    "SELECT report::text FROM instruments.sync_runs WHERE state = 'committed' "
    "ORDER BY sync_id DESC LIMIT 1";
constexpr auto kNewestFailure =
    "SELECT failure FROM (SELECT state, failure FROM instruments.sync_runs "
    "WHERE state <> 'running' ORDER BY sync_id DESC LIMIT 1) newest WHERE state = 'failed'";

/// A text[] as PostgreSQL reads it.
std::string ArrayText(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    array += array.size() == 1 ? "\"" : ",\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') array.push_back('\\');
      array.push_back(c);
    }
    array.push_back('"');
  }
  return array + "}";
}

std::string_view View(const pqxx::field& field) { return {field.c_str(), field.size()}; }

StoredInstrument FromRow(const pqxx::row& row) {
  StoredInstrument stored;
  Instrument& it = stored.instrument;
  int column = 0;
  const auto number = [&] { return row[column++].as<std::int64_t>(); };
  const auto text = [&] { return std::string{View(row[column++])}; };
  const auto flag = [&] { return View(row[column++]) == "t"; };
  const auto decimal = [&] { return Decimal::FromNanos(number()); };
  stored.id = number();
  it.key = text();
  it.segment = FindSegment(text()).value_or(0);
  it.exchange = text();
  it.type = text();
  it.kind = static_cast<Kind>(number());
  it.symbol = text();
  it.name = text();
  it.token = text();
  it.isin = text();
  it.lot_size = number();
  it.freeze_quantity = number();
  it.tick_size = decimal();
  it.quantity_multiplier = decimal();
  it.expiry_ms = number();
  it.strike = decimal();
  it.underlying_key = text();
  it.underlying_symbol = text();
  it.weekly = flag();
  it.simulated = flag();
  stored.listed = flag();
  stored.version = number();
  return stored;
}

std::vector<StoredInstrument> FromRows(const pqxx::result& rows) {
  std::vector<StoredInstrument> stored;
  stored.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows) stored.push_back(FromRow(row));
  return stored;
}

/// Every word as the beginning of one: 'nifty':* & '222':*. Words hold letters, digits and points
/// only, so that nothing needs escaping.
std::string TsQuery(const std::vector<std::string>& words) {
  std::string query;
  for (const std::string& word : words) query += (query.empty() ? "'" : " & '") + word + "':*";
  return query;
}

Error NotPrepared() {
  return {
      Code::kUnavailable, "DATABASE_DOWN",
      "the database has not been reached since the start: its tables are not known to be there"};
}

/// A sync's connection waits longer than a reader's: its statements merge whole masters.
storage::PgOptions ForSyncs(storage::PgOptions options) {
  options.statement_timeout = std::chrono::minutes{5};
  options.answer_deadline = std::chrono::minutes{5};
  return options;
}

}  // namespace

PgInstrumentStore::PgInstrumentStore(storage::PgPool& pool, Settings settings)
    : pool_{pool}, settings_{std::move(settings)} {}

Result<void> PgInstrumentStore::Prepare() {
  const auto done = storage::Migrate(settings_.database, "instruments", settings_.migrations);
  if (!done) return done.error();
  prepared_ = true;
  return {};
}

Result<std::int64_t> PgInstrumentStore::StartRun(std::int64_t started_ms,
                                                 const std::string& source) {
  if (!prepared_) return NotPrepared();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::int64_t> {
    work.exec0(kAbandonOlder);
    const auto sync_id = work.exec_params1(kStartRun, started_ms, source)[0].as<std::int64_t>();
    work.exec_params0(kMoveFence, sync_id);
    return sync_id;
  });
}

Result<std::unique_ptr<SyncTransaction>> PgInstrumentStore::Begin(std::int64_t sync_id) {
  if (!prepared_) return NotPrepared();
  return std::unique_ptr<SyncTransaction>{std::make_unique<PgSyncTransaction>(
      ForSyncs(settings_.database), sync_id, settings_.batch_rows)};
}

Result<void> PgInstrumentStore::FailRun(std::int64_t sync_id, const Error& error) {
  if (!prepared_) return NotPrepared();
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    work.exec_params0(kFailRun, sync_id, error.reason + ": " + error.message);
    return {};
  });
}

Result<std::vector<StoredInstrument>> PgInstrumentStore::FindByKeys(
    const std::vector<std::string>& keys) {
  if (!prepared_) return NotPrepared();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<StoredInstrument>> {
    return FromRows(work.exec_params(kByKeys, ArrayText(keys)));
  });
}

Result<std::vector<StoredInstrument>> PgInstrumentStore::FindBySymbols(
    const std::vector<std::string>& symbols) {
  if (!prepared_) return NotPrepared();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<StoredInstrument>> {
    return FromRows(work.exec_params(kBySymbols, ArrayText(symbols)));
  });
}

Result<std::vector<StoredInstrument>> PgInstrumentStore::Search(const SearchQuery& query) {
  if (!prepared_) return NotPrepared();
  const std::string segment{query.segment ? kSegments[*query.segment].name : ""};
  std::string whole;
  for (const std::string& word : query.words) whole += (whole.empty() ? "" : " ") + word;
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<StoredInstrument>> {
    return FromRows(work.exec_params(kSearch, TsQuery(query.words), segment, query.type, whole,
                                     query.words.front(), query.offset, query.limit));
  });
}

Result<InstrumentList> PgInstrumentStore::List(const ListQuery& query) {
  if (!prepared_) return NotPrepared();
  const int kind = query.kind ? static_cast<int>(*query.kind) : 0;
  const std::string segment{query.segment ? kSegments[*query.segment].name : ""};
  const bool contracts = query.kind == Kind::kFuture || query.kind == Kind::kOption;
  std::optional<std::string> universe;
  if (query.universe_without) universe = ArrayText(*query.universe_without);
  const std::optional<std::string> none;
  const auto& of_contracts = contracts ? universe : none;
  const auto& of_underlyings = contracts ? none : universe;
  return pool_.Transact([&](pqxx::work& work) -> Result<InstrumentList> {
    InstrumentList list;
    list.total =
        work.exec_params1(kCountListed, query.market_now_ms, kind, segment, query.underlying_key,
                          query.underlying_symbol, of_contracts, of_underlyings)[0]
            .as<std::int64_t>();
    list.rows = FromRows(work.exec_params(
        kList, query.market_now_ms, kind, segment, query.underlying_key, query.underlying_symbol,
        of_contracts, of_underlyings, query.near.nanos(), query.offset, query.limit));
    return list;
  });
}

Result<MasterStatus> PgInstrumentStore::Status() {
  if (!prepared_) return NotPrepared();
  return pool_.Transact([&](pqxx::work& work) -> Result<MasterStatus> {
    MasterStatus status;
    status.total = work.exec1(kTotal)[0].as<std::int64_t>();
    for (const auto& row : work.exec(kActive)) {
      const auto count = row[1].as<std::int64_t>();
      status.active += count;
      if (const auto segment = FindSegment(View(row[0]))) status.segments[*segment] = count;
    }
    const pqxx::result failure = work.exec(kNewestFailure);
    if (!failure.empty()) status.last_failure = failure[0][0].c_str();
    const pqxx::result committed = work.exec(kLastCommitted);
    if (committed.empty()) return status;
    auto report = ReportFromJson(View(committed[0][0]));
    if (!report) return report.error();
    status.last_sync = std::move(*report);
    return status;
  });
}

}  // namespace sauda::instruments
