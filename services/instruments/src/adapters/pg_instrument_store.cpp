#include "services/instruments/src/adapters/pg_instrument_store.hpp"

#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/adapters/pg_rows.hpp"
#include "services/instruments/src/adapters/pg_sync_transaction.hpp"
#include "services/instruments/src/adapters/report_json.hpp"

namespace sauda::instruments {
namespace {

constexpr auto kByKeys = "SELECT " INSTRUMENT_COLUMNS
                         " FROM instruments.instruments WHERE instrument_key = ANY ($1::text[]) "
                         "ORDER BY instrument_id";
constexpr auto kDeclareListed = "DECLARE listed NO SCROLL CURSOR FOR SELECT " INSTRUMENT_COLUMNS
                                " FROM instruments.instruments WHERE is_active";
constexpr auto kFetchListed = "FETCH 2000 FROM listed";
constexpr auto kRevision =
    "SELECT coalesce(max(sync_id), 0) FROM instruments.sync_runs WHERE state = 'committed' AND "
    "(report->>'inserted')::bigint + (report->>'updated')::bigint + "
    "(report->>'deactivated')::bigint > 0";
constexpr auto kKeptTag =
    "SELECT coalesce(report->>'tag', '') FROM instruments.sync_runs WHERE state = 'committed' "
    "ORDER BY sync_id DESC LIMIT 1";
constexpr auto kAbandonOlder =
    "UPDATE instruments.sync_runs SET state = 'failed', "
    "failure = 'ABANDONED: it ended without a word, its process may have died' "
    "WHERE state = 'running'";
constexpr auto kStartRun =
    "INSERT INTO instruments.sync_runs (started_ms, source) VALUES ($1, $2) RETURNING sync_id";
constexpr auto kMoveFence = "UPDATE instruments.sync_fence SET newest = $1";
constexpr auto kAmendReport =
    "UPDATE instruments.sync_runs SET report = $2::jsonb WHERE sync_id = $1 AND state = "
    "'committed'";
constexpr auto kFailRun =
    "UPDATE instruments.sync_runs SET state = 'failed', failure = $2 "
    "WHERE sync_id = $1 AND state = 'running'";

constexpr auto kTotal = "SELECT count(*) FROM instruments.instruments";
constexpr auto kActive =
    "SELECT segment, kind, contract, count(*) FROM instruments.instruments WHERE is_active "
    "GROUP BY segment, kind, contract";
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

Result<void> PgInstrumentStore::CheckPrepared() const {
  if (prepared_) return {};
  return Error{
      Code::kUnavailable, "DATABASE_DOWN",
      "the database has not been reached since the start: its tables are not known to be there"};
}

Result<std::int64_t> PgInstrumentStore::StartRun(std::int64_t started_ms,
                                                 const std::string& source) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::int64_t> {
    work.exec0(kAbandonOlder);
    const auto sync_id = work.exec_params1(kStartRun, started_ms, source)[0].as<std::int64_t>();
    work.exec_params0(kMoveFence, sync_id);
    return sync_id;
  });
}

Result<std::unique_ptr<SyncTransaction>> PgInstrumentStore::Begin(std::int64_t sync_id) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return std::unique_ptr<SyncTransaction>{std::make_unique<PgSyncTransaction>(
      ForSyncs(settings_.database), sync_id, settings_.batch_rows)};
}

Result<void> PgInstrumentStore::AmendReport(const SyncReport& report) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    work.exec_params0(kAmendReport, report.sync_id, ReportToJson(report));
    return {};
  });
}

Result<void> PgInstrumentStore::FailRun(std::int64_t sync_id, const Error& error) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    work.exec_params0(kFailRun, sync_id, error.reason + ": " + error.message);
    return {};
  });
}

Result<std::vector<StoredInstrument>> PgInstrumentStore::FindByKeys(
    const std::vector<std::string>& keys) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<StoredInstrument>> {
    return FromRows(work.exec_params(kByKeys, ArrayText(keys)));
  });
}

Result<void> PgInstrumentStore::ForEachListed(
    const std::function<Result<void>(const StoredInstrument&)>& tell) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    work.exec0(kDeclareListed);
    while (true) {
      const pqxx::result rows = work.exec(kFetchListed);
      if (rows.empty()) return {};
      for (const auto& row : rows) {
        if (auto told = tell(FromRow(row)); !told) return told;
      }
    }
  });
}

Result<std::int64_t> PgInstrumentStore::Revision() {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::int64_t> {
    return work.exec1(kRevision)[0].as<std::int64_t>();
  });
}

Result<std::string> PgInstrumentStore::KeptTag() {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::string> {
    const pqxx::result newest = work.exec(kKeptTag);
    return newest.empty() ? std::string{} : std::string{View(newest[0][0])};
  });
}

Result<MasterStatus> PgInstrumentStore::Status() {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<MasterStatus> {
    MasterStatus status;
    status.total = work.exec1(kTotal)[0].as<std::int64_t>();
    for (const auto& row : work.exec(kActive)) {
      const auto count = row[3].as<std::int64_t>();
      status.active += count;
      if (const auto segment = FindSegment(View(row[0]))) status.segments[*segment] += count;
      CountOf(status.types, static_cast<Kind>(row[1].as<int>()),
              static_cast<Contract>(row[2].as<int>())) += count;
    }
    const pqxx::result failure = work.exec(kNewestFailure);
    if (!failure.empty()) status.last_failure = failure[0][0].c_str();
    const pqxx::result committed = work.exec(kLastCommitted);
    if (committed.empty()) return status;
    auto report = ReportFromJson(committed[0][0].c_str());
    if (!report) return report.error();
    status.last_sync = std::move(*report);
    return status;
  });
}

}  // namespace sauda::instruments
