// The two real masters, one after the other, against a count that PostgreSQL makes by itself from
// the raw files. Nothing of the service's reading, comparing or merging is in the oracle.
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/adapters/folder_master_source.hpp"
#include "services/instruments/src/adapters/pg_instrument_store.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/master_sync.hpp"
#include "services/instruments/src/migrations.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::instruments {
namespace {

constexpr auto kCsv = "upstox_complete_2025-08-14.csv.gz";
constexpr auto kJson = "upstox_complete_2025-11-24.json.gz";
constexpr std::int64_t kCsvNoon = 1'755'152'700'000;   // 2025-08-14 11:55 IST
constexpr std::int64_t kJsonNoon = 1'763'965'800'000;  // 2025-11-24 12:00 IST
constexpr std::size_t kRowsAtOnce = 1'000;

// Both files in the same columns, each as the broker's formats define them (upstox-api 3.3, 3.5).
constexpr auto kSchema = R"(
  CREATE SCHEMA oracle;
  CREATE TABLE oracle.json (key text, segment text, type text, symbol text, name text, short text,
    token text, isin text, lot text, most text, tick text, multiplier text, expiry text,
    strike text, underlying_key text, underlying_symbol text, weekly text);
  CREATE TABLE oracle.csv (key text, token text, symbol text, name text, price text, expiry text,
    strike text, tick text, lot text, type text, option text, segment text);
  CREATE VIEW oracle.new AS SELECT key,
    CASE WHEN segment IN ('NSE_EQ', 'BSE_EQ') THEN 0 WHEN type = 'FUT' THEN 1 WHEN type = 'CE' THEN 2
      WHEN type = 'PE' THEN 3 ELSE 0 END AS contract,
    coalesce(nullif(strike, ''), '0')::numeric AS strike,
    CASE WHEN expiry = '' THEN NULL ELSE
      (to_timestamp(expiry::bigint / 1000) AT TIME ZONE 'Asia/Kolkata')::date END AS expiry,
    concat_ws('|', type, symbol, name, short, token, isin, trim_scale(coalesce(nullif(lot, ''), '0')::numeric),
      trim_scale(coalesce(nullif(most, ''), '0')::numeric), trim_scale(coalesce(nullif(tick, ''), '0')::numeric / 100),
      trim_scale(coalesce(nullif(multiplier, ''), '0')::numeric), underlying_key, underlying_symbol,
      coalesce(nullif(weekly, ''), 'false')) AS facts
    FROM oracle.json;
  CREATE VIEW oracle.old AS SELECT key,
    CASE WHEN segment IN ('NSE_EQ', 'BSE_EQ') THEN 0 WHEN type LIKE 'FUT%' THEN 1 WHEN option = 'CE' THEN 2
      WHEN option = 'PE' THEN 3 ELSE 0 END AS contract,
    coalesce(nullif(strike, ''), '0')::numeric AS strike,
    nullif(expiry, '')::date AS expiry,
    concat_ws('|', CASE WHEN option IN ('CE', 'PE', 'COM') THEN option WHEN type LIKE 'FUT%' THEN 'FUT'
        WHEN type = 'EQUITY' THEN 'EQ' ELSE type END, symbol, name, '', token,
      CASE WHEN segment IN ('NSE_EQ', 'BSE_EQ') THEN split_part(key, '|', 2) ELSE '' END,
      trim_scale(coalesce(nullif(lot, ''), '0')::numeric), '0',
      trim_scale(coalesce(nullif(tick, ''), '0')::numeric /
        CASE WHEN segment IN ('NSE_EQ', 'BSE_EQ', 'NSE_FO', 'BSE_FO') THEN 1 ELSE 100 END),
      '0', '', '', 'false') AS facts
    FROM oracle.csv;)";

// What is the same contract: the same key, kind and strike, and the same day of expiry; or, alive
// on both sides on 2025-11-24, one that moved by no more than a week (design 6).
constexpr auto kMatch = R"(
  CREATE TABLE oracle.same AS
  SELECT o.key, o.contract, o.strike, o.expiry AS old_expiry, n.expiry AS new_expiry,
         o.facts <> n.facts OR o.expiry IS DISTINCT FROM n.expiry AS changed
  FROM oracle.old o JOIN oracle.new n ON o.key = n.key AND o.contract = n.contract AND o.strike = n.strike
  WHERE o.expiry IS NOT DISTINCT FROM n.expiry
     OR (o.expiry >= '2025-11-24' AND n.expiry >= '2025-11-24' AND abs(o.expiry - n.expiry) <= 7))";

/// The file, inflated.
std::string Inflated(const std::string& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  std::string piece(1'048'576, '\0');
  int got = 0;
  while (file != nullptr &&
         (got = gzread(file, piece.data(), static_cast<unsigned>(piece.size()))) > 0) {
    text.append(piece, 0, static_cast<std::size_t>(got));
  }
  if (file != nullptr) gzclose(file);
  return text;
}

std::string Folder() {
  const char* const data = std::getenv("SAUDA_REAL_DATA");
  return std::string{data != nullptr ? data : SAUDA_REAL_DATA_DEFAULT} + "/instruments";
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string{c};
  return quoted + "'";
}

/// Puts rows of texts into a table, many at a time.
class Loader {
 public:
  Loader(const TestDatabase& database, std::string table)
      : database_{database}, table_{std::move(table)} {}
  ~Loader() { Flush(); }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  void Add(const std::vector<std::string>& row) {
    values_ += values_.empty() ? "(" : ",(";
    for (std::size_t i = 0; i < row.size(); ++i) values_ += (i == 0 ? "" : ",") + Quoted(row[i]);
    values_ += ")";
    if (++rows_ % kRowsAtOnce == 0) Flush();
  }

 private:
  void Flush() {
    if (values_.empty()) return;
    (void)database_.Query("INSERT INTO " + table_ + " VALUES " + values_);
    values_.clear();
  }
  const TestDatabase& database_;
  const std::string table_;
  std::string values_;
  std::size_t rows_ = 0;
};

void LoadJson(const TestDatabase& database) {
  Loader loader{database, "oracle.json"};
  const auto text_of = [](const nlohmann::json& record, const char* name) -> std::string {
    const auto found = record.find(name);
    if (found == record.end() || found->is_null()) return "";
    return found->is_string() ? found->get<std::string>() : found->dump();
  };
  for (const auto& record : nlohmann::json::parse(Inflated(Folder() + "/" + kJson))) {
    std::vector<std::string> row;
    for (const char* name :
         {"instrument_key", "segment", "instrument_type", "trading_symbol", "name", "short_name",
          "exchange_token", "isin", "lot_size", "freeze_quantity", "tick_size", "qty_multiplier",
          "expiry", "strike_price", "underlying_key", "underlying_symbol", "weekly"}) {
      row.push_back(text_of(record, name));
    }
    loader.Add(row);
  }
}

/// Every value of the file is in quotes and none has one inside.
void LoadCsv(const TestDatabase& database) {
  Loader loader{database, "oracle.csv"};
  const std::string text = Inflated(Folder() + "/" + kCsv);
  std::size_t from = text.find('\n') + 1;  // after the header
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    std::vector<std::string> row;
    std::size_t at = from;
    while (at < end && text[at] != '\r') {
      const bool quoted = text[at] == '"';
      const std::size_t begin = quoted ? at + 1 : at;
      const std::size_t stop =
          std::min(quoted ? text.find('"', begin) : text.find(',', begin), end);
      row.push_back(text.substr(begin, stop - begin));
      at = stop + (quoted ? 2 : 1);
    }
    row.resize(12);
    loader.Add(row);
    from = end + 1;
  }
}

class OracleTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    if (!database_) GTEST_SKIP() << kNoStores;
    if (!std::ifstream{Folder() + "/" + kJson} || !std::ifstream{Folder() + "/" + kCsv}) {
      GTEST_SKIP() << Folder() << " is not there (SAUDA_REAL_DATA)";
    }
    pool_ = std::make_unique<storage::PgPool>(database_->options());
    store_ = std::make_unique<PgInstrumentStore>(
        *pool_,
        PgInstrumentStore::Settings{.database = database_->options(), .migrations = kMigrations});
    ASSERT_TRUE(store_->Prepare());
  }

  Result<SyncReport> Sync(const std::string& file, std::int64_t market_ms) {
    market_.Observe(market_ms);
    FolderMasterSource source{Folder(), false, market_};
    MasterSync sync{{source, lock_, *store_, clock_, market_,
                     [] { return std::make_unique<SimdjsonRecordParser>(); }},
                    {}};
    return sync.Run({.file = file, .allow_mass_deactivation = true});
  }

  std::int64_t Count(const std::string& sql) {
    const auto rows = database_->Query("SELECT count(*) FROM " + sql);
    return rows.empty() ? -1 : std::stoll(*rows[0][0]);
  }

  SystemClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kBroker};
  LocalLock lock_;
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<storage::PgPool> pool_;
  std::unique_ptr<PgInstrumentStore> store_;
};

/// What the database holds, whoever wrote it.
constexpr auto kWritten =
    "(SELECT 1 FROM instruments.instruments i, generate_series(1, i.version)) written";

TEST_F(OracleTest, TheReportIsWhatPostgresCounts) {
  const auto first = Sync(kCsv, kCsvNoon);
  ASSERT_TRUE(first) << first.error().message;
  const auto second = Sync(kJson, kJsonNoon);
  ASSERT_TRUE(second) << second.error().message;

  storage::CopyConnection connection{database_->options()};
  const auto run = [&](const char* sql) {
    const auto done = connection.Transact(
        [&](storage::CopyTransaction& transaction) { return transaction.Exec(sql); });
    return done ? "" : done.error().message;
  };
  ASSERT_EQ(run(kSchema), "");
  LoadCsv(*database_);
  LoadJson(*database_);
  ASSERT_EQ(run(kMatch), "");
  const std::int64_t old = Count("oracle.csv");
  const std::int64_t now = Count("oracle.json");
  const std::int64_t same = Count("oracle.same");
  const std::int64_t changed = Count("oracle.same WHERE changed");
  std::cout << "old " << old << ", new " << now << ", the same contract " << same
            << ", of them changed " << changed << ", moved "
            << Count("oracle.same WHERE old_expiry <> new_expiry") << "\n";
  EXPECT_EQ(first->inserted, old);
  EXPECT_EQ(second->inserted, now - same);
  EXPECT_EQ(second->updated, changed);
  EXPECT_EQ(second->unchanged, same - changed);
  EXPECT_EQ(second->deactivated, old - same);
  EXPECT_EQ(second->reactivated, 0);
  EXPECT_EQ(Count("instruments.instruments WHERE is_active"), now);
  EXPECT_EQ(Count("instruments.instruments"), old + now - same);

  const std::int64_t written = Count(kWritten);
  const auto again = Sync(kJson, kJsonNoon);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->unchanged, now);
  EXPECT_EQ(Count(kWritten), written) << "running it again writes no row";

  const auto back = Sync(kCsv, kJsonNoon);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->inserted, 0);
  EXPECT_EQ(back->reactivated, old - same);
  EXPECT_EQ(back->updated, changed + (old - same));
  EXPECT_EQ(back->deactivated, now - same);
}

}  // namespace
}  // namespace sauda::instruments
