// Ticks into PostgreSQL against a plain COPY, what is read back of them, and what a tick waits for
// its commit.

#include <chrono>
#include <iostream>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench.hpp"
#include "bench/ticks.hpp"
#include "libs/base/check.hpp"
#include "libs/journal/names.hpp"
#include "libs/storage/pg_copy.hpp"
#include "services/feed/src/adapters/file_journal.hpp"
#include "services/feed/src/adapters/file_journal_reader.hpp"
#include "services/feed/src/adapters/pg_history.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/adapters/upstox_encoder.hpp"
#include "services/feed/src/core/history_pager.hpp"
#include "services/feed/src/migrations.hpp"
#include "services/feed/src/store_follower.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/private_stores.hpp"

namespace sauda::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A PostgreSQL with the feed's schema.
class Database {
 public:
  Database() { (void)postgres_.Sql("postgres", "CREATE DATABASE sauda"); }
  storage::PgOptions options() const { return {.url = postgres_.Url("sauda")}; }
  feed::PgSchema& schema() { return schema_; }
  const test::PrivatePostgres& postgres() const { return postgres_; }
  const std::string& folder() const { return folder_.path(); }

 private:
  const test::TempFolder folder_;
  const test::PrivatePostgres postgres_{folder_.path()};
  feed::PgSchema schema_{options(), feed::kMigrations};
};

std::vector<Row> Store() {
  constexpr std::size_t kTicks = 40'960;
  constexpr std::size_t kBatch = 4'096;
  Database database;
  std::vector<feed::Tick> ticks;
  for (std::uint64_t seq = 1; seq <= kTicks; ++seq) ticks.push_back(FullTick(seq));
  int run = 0;
  const auto append = [&] {
    feed::PgTickStore store{database.options(), database.schema(), "main"};
    const std::string instance = "run" + std::to_string(++run);
    const auto began = Clock::now();
    for (std::size_t at = 0; at < kTicks; at += kBatch) {
      const auto done =
          store.Append({.instance = instance, .ticks = std::span{ticks}.subspan(at, kBatch)});
      Check(done.has_value(), "the batch is stored");
    }
    return kTicks / SecondsSince(began);
  };
  (void)append();  // makes the partitions, and the rows to copy
  const std::string file = database.folder() + "/rows";
  (void)database.postgres().Sql(
      "sauda", "\\copy (SELECT * FROM feed.ticks) TO '" + file + "' (FORMAT binary)");
  (void)database.postgres().Sql(
      "sauda",
      "CREATE TABLE feed.floor (LIKE feed.ticks INCLUDING ALL) PARTITION BY RANGE (received_ns);"
      "CREATE TABLE feed.floor_all PARTITION OF feed.floor DEFAULT");
  std::size_t copies = 0;
  const auto copy = [&] {
    const auto began = Clock::now();
    (void)database.postgres().Sql("sauda",
                                  "\\copy feed.floor FROM '" + file + "' WITH (FORMAT binary)");
    const double rate = kTicks / SecondsSince(began);
    const auto rows = database.postgres().Sql("sauda", "SELECT count(*) FROM feed.floor");
    Check(std::stoull("0" + rows) == ++copies * kTicks, "the copy holds the rows");
    return rate;
  };
  return {Interleave({.name = "feed.store", .unit = "ticks/s", .budget = 0.8}, append, copy)};
}

/// A day of a liquid option among other instruments, 80 ticks a second, stored as they come.
constexpr std::size_t kDayTicks = 200'000;
constexpr std::size_t kLiquidTicks = 45'000;                      // 9 of 40
constexpr std::int64_t kDayBeginsNs = 1'765'770'300'000'000'000;  // 2025-12-15 09:15 IST
constexpr std::int64_t kTickEveryNs = 12'500'000;

void StoreDay(Database& database) {
  constexpr std::size_t kBatch = 4'000;
  feed::PgTickStore store{database.options(), database.schema(), "main"};
  std::vector<feed::Tick> ticks;
  for (std::uint64_t seq = 1; seq <= kDayTicks; ++seq) {
    ticks.push_back(FullTick(seq));
    if (seq % 40 < 9) ticks.back().listing = feed::ListingOf("NSE_FO|51510");
    ticks.back().received_ns = kDayBeginsNs + static_cast<std::int64_t>(seq) * kTickEveryNs;
    if (ticks.size() < kBatch) continue;
    Check(store.Append({.instance = "day", .ticks = ticks}).has_value(), "the batch is stored");
    ticks.clear();
  }
  (void)database.postgres().Sql("sauda", "VACUUM ANALYZE feed.ticks");  // as autovacuum does
}

/// The trades of one instrument's day, from SQL to numbers; and every tick of a minute, as
/// StreamHistory reads it.
std::vector<Row> History() {
  Database database;
  StoreDay(database);
  storage::CopyConnection connection{database.options()};
  const auto day = [&] {
    std::size_t rows = 0;
    const auto began = Clock::now();
    const auto read = connection.Transact([&](storage::CopyTransaction& transaction) {
      return transaction.QueryBinary(
          "SELECT received_ns, last_price, last_quantity, volume FROM feed.ticks"
          " WHERE instrument_key = 'NSE_FO|51510' AND received_ns >= 1765770300000000000"
          " AND received_ns < 1765792800000000000 ORDER BY received_ns",
          {}, [&](storage::BinaryRow& row) -> Result<void> {
            (void)row.Int8();
            (void)row.Float8();
            (void)row.Int8();
            (void)row.Int8();
            ++rows;
            return {};
          });
    });
    const double ms = SecondsSince(began) * 1e3;
    Check(read.has_value() && rows == kLiquidTicks, "every trade is read");
    return ms;
  };
  feed::PgHistory history{database.options(), database.schema(), "main"};
  const auto minute = [&] {
    const std::int64_t from_ns = kDayBeginsNs + 20 * 60'000'000'000;
    feed::HistoryPager pager{{.from_ns = from_ns, .to_ns = from_ns + 60'000'000'000}};
    std::size_t rows = 0;
    const auto began = Clock::now();
    while (!pager.done()) {
      const auto page = pager.Read(history);
      Check(page.has_value(), "the page is read");
      rows += page->size();
    }
    const double ms = SecondsSince(began) * 1e3;
    Check(rows == 60'000'000'000 / kTickEveryNs, "every tick is read");
    return ms;
  };
  return {
      Absolute({.name = "feed.history_day", .unit = "ms", .budget = 50, .larger_is_better = false},
               day),
      Absolute(
          {.name = "feed.history_minute", .unit = "ms", .budget = 200, .larger_is_better = false},
          minute)};
}

/// From the read of a tick to its commit, through the journal, at 1 000 ticks a second.
std::vector<Row> Commit() {
  constexpr int kTicks = 3'000;
  Database database;
  const SystemClock clock;
  feed::PgTickStore store{database.options(), database.schema(), "main"};
  const feed::Tick tick = FullTick(1);
  const feed::Tick* const entries[] = {&tick};
  const std::string frame = feed::EncodeSnapshot(entries);
  const std::int64_t instruments[] = {tick.listing->instrument_id};
  int run = 0;
  return {Absolute(
      {.name = "feed.commit.p99", .unit = "ms", .budget = 20, .larger_is_better = false}, [&] {
        std::vector<double> waits;
        const std::string root = database.folder() + "/journal" + std::to_string(++run);
        auto journal = feed::FileJournal::Start(
            {.root = root, .instance = "run" + std::to_string(run), .account = "main"}, clock, {});
        Check(journal.has_value(), "the journal starts");
        feed::FileJournalReader reader{{.directory = journal::AccountDirectory(root, "main")},
                                       clock};
        feed::UpstoxDecoder decoder;
        feed::StoreFollower follower{
            store,
            reader,
            decoder,
            {.instance = "run" + std::to_string(run)},
            {.on_written =
                 [&](std::span<const feed::Tick> written) {
                   const auto now = Clock::now();
                   for (const auto& each : written) {
                     waits.push_back(
                         std::chrono::duration<double, std::milli>(now - each.received_at).count());
                   }
                 },
             .on_failure = [](const Error& why) { std::cerr << why.message << "\n"; },
             .on_gap = [](const std::string&, const feed::Gap& gap) { std::cerr << gap.cause; },
             .on_journal_failure = [](const Error& why) { std::cerr << why.message << "\n"; }}};
        const auto began = Clock::now();
        for (int i = 0; i < kTicks; ++i) {
          std::this_thread::sleep_until(began + i * 1ms);
          const std::int64_t now_ns = clock.UtcNs();
          if ((*journal)->WantsState(now_ns)) (*journal)->PushState({.received_ns = now_ns});
          (*journal)->PushFrame({.bytes = frame,
                                 .received_ns = now_ns,
                                 .received_at = Clock::now(),
                                 .first_seq = static_cast<std::uint64_t>(i) + 1,
                                 .instruments = instruments});
        }
        (*journal)->Stop();
        Check(follower.Stop(30s) && waits.size() == kTicks, "everything is stored");
        waits.erase(waits.begin(), waits.begin() + kTicks / 10);  // the first one makes partitions
        return Percentile(waits, 0.99);
      })};
}

}  // namespace

std::vector<Benchmark> StoreBenchmarks() {
  return {{"feed.store", Store}, {"feed.history", History}, {"feed.commit", Commit}};
}

}  // namespace sauda::bench
