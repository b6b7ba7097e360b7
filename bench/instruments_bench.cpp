// The instrument sync on a master of 127 k records: the first against the least that loading it can
// cost, the second, which changes nothing, against the first, and the memory of the whole process.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "bench/bench.hpp"
#include "bench/instruments_floor.hpp"
#include "libs/base/check.hpp"
#include "libs/http/server.hpp"
#include "libs/storage/pg_copy.hpp"
#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/adapters/folder_master_source.hpp"
#include "services/instruments/src/adapters/pg_instrument_store.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/master_sync.hpp"
#include "services/instruments/src/migrations.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/private_stores.hpp"
#include "tests/support/stack.hpp"

namespace sauda::bench {
namespace {

using namespace instruments;  // NOLINT(google-build-using-namespace): one service's bench

constexpr auto kRealMaster = "upstox_complete_2025-11-24.json.gz";
constexpr int kShares = 21'000;
constexpr int kCalls = 106'000;
constexpr std::int64_t kLater = 4'000'000'000'000;

/// The real master where it is, else one of the same size made here. Deletes what it made.
class Master {
 public:
  Master() {
    const char* const data = std::getenv("SAUDA_REAL_DATA");
    const std::string folder =
        (data != nullptr ? data : std::string{"../shared/data"}) + std::string{"/instruments"};
    folder_ = folder;
    name_ = kRealMaster;
    if (std::filesystem::exists(path())) return;
    folder_ = made_.path();
    name_ = "made.json.gz";
    auto records = Shares(kShares);
    for (int i = 0; i < kCalls; ++i) records.push_back(CallJson(i, kLater));
    std::ofstream{path(), std::ios::binary} << Gzipped(Array(records));
  }
  const std::string& folder() const { return folder_; }
  const std::string& name() const { return name_; }
  std::string path() const { return folder_ + "/" + name_; }

 private:
  const test::TempFolder made_;
  std::string folder_;
  std::string name_;
};

/// A database of its own with the service's schema, and syncs into it.
class Syncs {
 public:
  Syncs() {
    (void)postgres_.Sql("postgres", "CREATE DATABASE sauda");
    const auto prepared = store_.Prepare();
    Check(prepared.has_value(), "the schema is made");
  }

  storage::PgOptions database() const {
    return {.url = postgres_.Url("sauda"),
            .statement_timeout = std::chrono::minutes{5},
            .answer_deadline = std::chrono::minutes{5}};
  }
  const Master& master() const { return master_; }

  void Empty() const {
    storage::CopyConnection connection{database()};
    const auto done = connection.Transact([](storage::CopyTransaction& transaction) {
      return transaction.Exec("TRUNCATE instruments.instruments CASCADE");
    });
    Check(done.has_value(), "the master is emptied");
  }

  /// Seconds of one sync; `written` must be what it wrote.
  double Run(bool writes) {
    const auto began = std::chrono::steady_clock::now();
    const auto report = sync_.Run({.file = master_.name()});
    const auto took = std::chrono::steady_clock::now() - began;
    if (!report) std::cerr << report.error().reason << ": " << report.error().message << "\n";
    Check(report.has_value(), "the sync is committed");
    const auto written = report->inserted + report->updated + report->deactivated;
    Check(writes ? report->inserted == report->records : written == 0, "it writes what it should");
    return std::chrono::duration<double>(took).count();
  }

 private:
  const test::TempFolder folder_;
  const test::PrivatePostgres postgres_{folder_.path()};
  const Master master_;
  SystemClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  storage::PgPool pool_{database()};
  PgInstrumentStore store_{pool_, {.database = database(), .migrations = kMigrations}};
  FolderMasterSource source_{master_.folder(), false, market_};
  LocalLock lock_;
  MasterSync sync_{{source_, lock_, store_, clock_, market_,
                    [] { return std::make_unique<SimdjsonRecordParser>(); }},
                   {}};
};

std::vector<Row> FirstSync() {
  Syncs syncs;
  InstrumentsFloor floor{syncs.database(), syncs.master().path()};
  return {Interleave(
      {.name = "instruments.first_sync", .unit = "s", .budget = 1.3, .larger_is_better = false},
      [&] {
        syncs.Empty();
        return syncs.Run(true);
      },
      [&] { return floor.Load(); })};
}

std::vector<Row> SecondSync() {
  Syncs syncs;
  return {Interleave(
      {.name = "instruments.second_sync", .unit = "s", .budget = 0.5, .larger_is_better = false},
      [&] { return syncs.Run(false); },
      [&] {
        syncs.Empty();
        return syncs.Run(true);
      })};
}

/// The most that the whole process ever held, over its first sync.
double PeakMib(const Master& master) {
  const test::TempFolder folder;
  const test::PrivatePostgres postgres{folder.path()};
  const test::PrivateRedis redis{folder.path()};
  (void)postgres.Sql("postgres", "CREATE DATABASE sauda");
  const auto bytes = std::make_shared<const std::string>(test::ReadText(master.path()));
  http::Server files{{}};
  files.Route("GET", "/master", [bytes](const http::Request&, const http::Respond& respond) {
    http::Response answer;
    answer.shared_body = bytes;
    respond(std::move(answer));
  });
  Check(files.Start().has_value(), "the file server starts");
  const std::string log = folder.path() + "/log";
  const test::Process process{
      {.arguments = {test::Stack::Program("sauda-instruments"), "--listen",
                     "127.0.0.1:" + std::to_string(test::FreePort()), "--metrics-listen",
                     "127.0.0.1:" + std::to_string(test::FreePort()), "--sync-on-start",
                     "--master-url", files.url() + "/master"},
       .environment = {{"SAUDA_BROKER", "sim"},
                       {"SAUDA_POSTGRES_URL", postgres.Url("sauda")},
                       {"SAUDA_REDIS_URL", redis.Url()}},
       .output_file = log}};
  const bool synced = test::WaitUntil(
      [&] { return test::ReadText(log).find("sync committed") != std::string::npos; },
      std::chrono::seconds{120});
  if (!synced) std::cerr << test::ReadText(log);
  Check(synced, "the service syncs");
  const std::string status = test::ReadText("/proc/" + std::to_string(process.pid()) + "/status");
  return std::stod(status.substr(status.find("VmHWM:") + 6)) / 1'024;
}

std::vector<Row> Memory() {
  const Master master;
  return {Absolute(
      {.name = "instruments.sync_memory", .unit = "MiB", .budget = 64, .larger_is_better = false},
      [&] { return PeakMib(master); })};
}

}  // namespace

std::vector<Benchmark> InstrumentsBenchmarks() {
  return {{"instruments.first_sync", FirstSync},
          {"instruments.second_sync", SecondSync},
          {"instruments.sync_memory", Memory}};
}

}  // namespace sauda::bench
