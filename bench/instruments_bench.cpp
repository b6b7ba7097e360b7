// The instrument sync on a master of 127 k records: the first against the least that loading it can
// cost, the second, which changes nothing, against the first, the memory of the whole process, and
// how fast it answers.

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "bench/bench.hpp"
#include "bench/instruments_floor.hpp"
#include "libs/base/check.hpp"
#include "libs/http/server.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/storage/pg_copy.hpp"
#include "libs/storage/pg_pool.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
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
namespace pb = instruments::v1alpha1;

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

/// The service as a process of its own, with a master that it has synced.
class SyncedService {
 public:
  explicit SyncedService(const Master& master)
      : bytes_{std::make_shared<const std::string>(test::ReadText(master.path()))} {
    (void)postgres_.Sql("postgres", "CREATE DATABASE sauda");
    files_.Route("GET", "/master", [this](const http::Request&, const http::Respond& respond) {
      http::Response answer;
      answer.shared_body = bytes_;
      respond(std::move(answer));
    });
    Check(files_.Start().has_value(), "the file server starts");
    process_.emplace(test::Process::Command{
        .arguments = {test::Stack::Program("sauda-instruments"), "--listen", address_,
                      "--metrics-listen", "127.0.0.1:" + std::to_string(test::FreePort()),
                      "--sync-on-start", "--master-url", files_.url() + "/master"},
        .environment = {{"SAUDA_BROKER", "sim"},
                        {"SAUDA_POSTGRES_URL", postgres_.Url("sauda")},
                        {"SAUDA_REDIS_URL", redis_.Url()}},
        .output_file = folder_.path() + "/log"});
    Await("instruments read into memory revision=1", 1);
  }

  /// Syncs again, with a master of which every instrument has changed since: it is read into memory
  /// beside the one that is there.
  void SyncChanged() {
    (void)postgres_.Sql("sauda", "UPDATE instruments.instruments SET digest = digest + 1");
    pb::SyncReport report;
    grpc::ClientContext context;
    const auto status = Stub()->Sync(&context, {}, &report);
    Check(status.ok() && report.updated() == report.records(), "every row is written again");
    Await("instruments read into memory", 2);
  }

  std::unique_ptr<pb::InstrumentsService::Stub> Stub() const {
    return pb::InstrumentsService::NewStub(*rpc::Connect(address_, {}));
  }
  /// The most that the process ever held.
  double PeakMib() const {
    const std::string status =
        test::ReadText("/proc/" + std::to_string(process_->pid()) + "/status");
    return std::stod(status.substr(status.find("VmHWM:") + 6)) / 1'024;
  }

 private:
  /// Waits until the log has a text that often.
  void Await(const std::string& text, int times) const {
    const bool there = test::WaitUntil(
        [&] {
          const std::string log = test::ReadText(folder_.path() + "/log");
          int found = 0;
          for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) {
            ++found;
          }
          return found >= times;
        },
        std::chrono::seconds{120});
    if (!there) std::cerr << test::ReadText(folder_.path() + "/log");
    Check(there, "the service syncs");
  }

  const test::TempFolder folder_;
  const test::PrivatePostgres postgres_{folder_.path()};
  const test::PrivateRedis redis_{folder_.path()};
  const std::shared_ptr<const std::string> bytes_;
  const std::string address_ = "127.0.0.1:" + std::to_string(test::FreePort());
  http::Server files_{{}};
  std::optional<test::Process> process_;
};

/// Milliseconds that 99 of 100 calls take at most, of `calls` of them.
template <typename Call>
double SlowestMs(int calls, const Call& call) {
  std::vector<double> took;
  for (int i = 0; i < calls; ++i) {
    const auto began = std::chrono::steady_clock::now();
    Check(call(i), "the service answers");
    took.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
            .count());
  }
  return Percentile(took, 0.99);
}

/// Questions over gRPC from another process, one after the other.
std::vector<Row> Questions() {
  constexpr int kLookups = 2'000;
  constexpr int kSearches = 500;
  constexpr std::array kNames{"NSE_INDEX|Nifty 50", "RELIANCE", "NSE_EQ|INE009A01021", "BSE:TCS",
                              "NIFTY"};
  // From what one word finds to what nothing finds until every word has been compared.
  constexpr std::array kQueries{"nifty",     "n",          "nifty 24000 ce",
                                "hdfc bank", "relianse",   "usdinr 89 ce",
                                "gold fut",  "qwertyuiop", "26000 pe nifty 2 dec"};
  const Master master;
  const SyncedService service{master};
  const auto stub = service.Stub();
  const auto get = [&](int i) {
    pb::GetInstrumentRequest request;
    request.set_name(kNames[static_cast<std::size_t>(i) % kNames.size()]);
    pb::Instrument found;
    grpc::ClientContext context;
    const auto code = stub->GetInstrument(&context, request, &found).error_code();
    return code == grpc::OK || code == grpc::NOT_FOUND;  // a made master has other shares
  };
  const auto search = [&](int i) {
    pb::SearchInstrumentsRequest request;
    request.set_query(kQueries[static_cast<std::size_t>(i) % kQueries.size()]);
    pb::SearchInstrumentsResponse found;
    grpc::ClientContext context;
    return stub->SearchInstruments(&context, request, &found).ok();
  };
  return {
      Absolute(
          {.name = "instruments.lookup.p99", .unit = "ms", .budget = 1, .larger_is_better = false},
          [&] { return SlowestMs(kLookups, get); }),
      Absolute(
          {.name = "instruments.search.p99", .unit = "ms", .budget = 10, .larger_is_better = false},
          [&] { return SlowestMs(kSearches, search); })};
}

/// The whole process, over its first sync, and then over one that changes every row.
std::vector<Row> Memory() {
  const Master master;
  std::vector<double> changed;
  const auto row = [](const char* name) {
    return Against{.name = name, .unit = "MiB", .budget = 64, .larger_is_better = false};
  };
  const Row first = Absolute(row("instruments.sync_memory"), [&] {
    SyncedService service{master};
    const double mib = service.PeakMib();
    service.SyncChanged();
    changed.push_back(service.PeakMib());
    return mib;
  });
  return {first, Absolute(row("instruments.resync_memory"), [&] { return Median(changed); })};
}

}  // namespace

std::vector<Benchmark> InstrumentsBenchmarks() {
  return {{"instruments.first_sync", FirstSync},
          {"instruments.second_sync", SecondSync},
          {"instruments.sync_memory", Memory},
          {"instruments.questions", Questions}};
}

}  // namespace sauda::bench
