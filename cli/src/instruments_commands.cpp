#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = instruments::v1alpha1;

constexpr std::chrono::minutes kSyncLimit{10};

void PrintReport(std::ostream& out, const pb::SyncReport& report) {
  out << (report.simulated() ? "SIMULATED " : "") << "sync " << report.sync_id() << ": "
      << report.records() << " records in " << report.duration_ms() << " ms: " << report.inserted()
      << " new, " << report.updated() << " changed (" << report.reactivated() << " came back), "
      << report.unchanged() << " as they were, " << report.deactivated() << " gone\n";
  if (!report.source().empty()) out << "  from " << Printable(report.source()) << '\n';
  if (report.not_modified()) out << "  the source has the same master as before: it was not read\n";
  for (const auto& warning : report.warnings()) {
    out << "  WARNING " << Printable(warning.code()) << ": " << Printable(warning.message())
        << '\n';
  }
  for (const auto& list : report.lists()) {
    if (list.state() == pb::LIST_SYNC_STATE_FAILED) continue;  // among the warnings
    out << "  list " << Printable(list.list()) << ": " << list.rows() << " rows";
    if (list.state() == pb::LIST_SYNC_STATE_NOT_MODIFIED) out << ", as they were";
    if (list.bad_records() > 0) out << ", " << list.bad_records() << " records left out";
    out << '\n';
  }
  for (const auto& bad : report.bad_records()) {
    out << "  bad: " << bad.count() << " " << bad.reason() << ", first: " << Printable(bad.first())
        << '\n';
  }
  Table table{{"segment", "active"}};
  for (const auto& segment : report.segments()) {
    table.Add({segment.segment(), std::to_string(segment.count())});
  }
  table.Print(out);
  const auto& types = report.types();
  out << types.equity() << " shares, " << types.index() << " indices, " << types.future()
      << " futures, " << types.call() << " calls, " << types.put() << " puts, " << types.other()
      << " others\n";
}

/// Draws how far the sync is, on one line, while it lives.
class ProgressBar {
 public:
  ProgressBar(const std::shared_ptr<grpc::Channel>& channel, std::ostream& out)
      : stub_{pb::InstrumentsService::NewStub(channel)},
        out_{out},
        thread_{[this](const std::stop_token& stop) { Run(stop); }} {}

 private:
  static constexpr std::size_t kWidth = 30;
  static constexpr std::chrono::milliseconds kAskAgain{100};

  void Run(const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock{mutex};
    std::condition_variable_any wake;  // only for the stop token's sake
    do {
      // Ends by itself when no sync runs: before it has begun, and once it is over.
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + kSyncLimit);
      const auto stream = stub_->WatchSync(&context, {});
      pb::SyncProgress progress;
      while (stream->Read(&progress)) Draw(progress);
      (void)stream->Finish();  // it is only for the eye
    } while (!wake.wait_for(lock, stop, kAskAgain, [&] { return stop.stop_requested(); }));
    if (drawn_) out_ << '\r' << std::string(kWidth + 40, ' ') << '\r' << std::flush;
  }

  void Draw(const pb::SyncProgress& progress) {
    if (progress.phase() == pb::SYNC_PHASE_IDLE) return;
    const auto full = kWidth * static_cast<std::size_t>(progress.percent()) / 100;
    out_ << "\r[" << std::string(full, '#') << std::string(kWidth - full, '.') << "] "
         << progress.percent() << " %, " << progress.records() << " records" << std::flush;
    drawn_ = true;
  }

  const std::unique_ptr<pb::InstrumentsService::Stub> stub_;
  std::ostream& out_;
  bool drawn_ = false;   // the thread's own
  std::jthread thread_;  // last: it uses the rest
};

/// Waits until no sync runs at that instance; a little when another one runs it.
void AwaitOther(pb::InstrumentsService::Stub& stub) {
  constexpr std::chrono::milliseconds kLookAgain{200};
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kSyncLimit);
  const auto stream = stub.WatchSync(&context, {});
  for (pb::SyncProgress progress; stream->Read(&progress);) {
  }
  (void)stream->Finish();  // whatever ended it, the next call of Sync tells
  std::this_thread::sleep_for(kLookAgain);
}

/// `wait`: another sync that runs is waited for, and then this one is asked for again.
int RunSync(const Session& session, const pb::SyncRequest& request, bool wait) {
  const std::string subject = request.file().empty() ? "master" : request.file();
  if (const auto recorded = session.Record("instruments.sync", subject); !recorded) {
    return session.Fail("instruments sync: the audit", recorded.error());
  }
  const auto channel = session.Connect(session.addresses.instruments);
  if (!channel) return session.Fail("instruments sync", channel.error());
  pb::SyncReport report;
  std::optional<ProgressBar> bar;
  if (session.io.out_is_terminal && !session.json) bar.emplace(*channel, session.io.err);
  const auto stub = pb::InstrumentsService::NewStub(*channel);
  const auto ask = [&] {
    return session.Call(kSyncLimit, [&](grpc::ClientContext& context) {
      return stub->Sync(&context, request, &report);
    });
  };
  const auto until = std::chrono::steady_clock::now() + kSyncLimit;
  auto asked = ask();
  while (wait && !asked && asked.error().reason == "SYNC_RUNNING" &&
         std::chrono::steady_clock::now() < until) {
    AwaitOther(*stub);
    asked = ask();
  }
  bar.reset();
  if (!asked) return session.Fail("instruments sync", asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(report), true) << '\n';
  } else {
    PrintReport(session.io.out, report);
  }
  return kOk;
}

int RunFind(const Session& session, const pb::SearchInstrumentsRequest& request) {
  const auto channel = session.Connect(session.addresses.instruments);
  if (!channel) return session.Fail("instruments find", channel.error());
  pb::SearchInstrumentsResponse found;
  const auto asked = session.Call(session.timeout(), [&](grpc::ClientContext& context) {
    return pb::InstrumentsService::NewStub(*channel)->SearchInstruments(&context, request, &found);
  });
  if (!asked) return session.Fail("instruments find", asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(found), true) << '\n';
  } else {
    Table table{{"key", "symbol", "name", "type", "lot", "tick", ""}};
    for (const pb::Instrument& one : found.instruments()) {
      table.Add({Printable(one.instrument_key()), Printable(one.trading_symbol()),
                 Printable(one.name()), Printable(one.instrument_type()),
                 std::to_string(one.lot_size()), one.tick_size(),
                 one.simulated() ? "SIMULATED" : ""});
    }
    table.Print(session.io.out);
    if (!found.next_page_token().empty()) session.io.err << "there are more; --limit shows them\n";
  }
  if (!found.instruments().empty()) return kOk;
  session.io.err << "nothing matches\n";
  return kRefused;
}

}  // namespace

void AddInstrumentsCommands(CLI::App& app, Session& session) {
  auto* const group = app.add_subcommand("instruments", "the instrument master");
  group->require_subcommand(1);

  const auto sync = std::make_shared<pb::SyncRequest>();
  auto* const sync_command = group->add_subcommand("sync", "download the master and merge it");
  sync_command->add_option_function<std::string>(
      "--file", [sync](const std::string& name) { sync->set_file(name); },
      "a file of the service's import folder instead of the broker's");
  sync_command->add_flag_callback(
      "--sample", [sync] { sync->set_sample(true); },
      "the small built-in master, to work without the broker");
  sync_command->add_flag_callback(
      "--allow-mass-deactivation", [sync] { sync->set_allow_mass_deactivation(true); },
      "let a file through that lacks much of a segment");
  const auto wait = std::make_shared<bool>(false);
  sync_command->add_flag("--wait", *wait, "when another sync runs, wait for its end and sync then");
  sync_command->callback([&session, sync, wait] {
    session.action = [&session, sync, wait] { return RunSync(session, *sync, *wait); };
  });

  const auto search = std::make_shared<pb::SearchInstrumentsRequest>();
  auto* const find = group->add_subcommand("find", "search by symbol, name or key");
  find->add_option_function<std::vector<std::string>>(
          "words",
          [search](const std::vector<std::string>& words) {
            std::string query;
            for (const std::string& word : words) query += (query.empty() ? "" : " ") + word;
            search->set_query(query);
          },
          "all must match")
      ->required();
  find->add_option_function<std::string>(
      "--segment", [search](const std::string& segment) { search->set_segment(segment); },
      "only this one, such as NSE_FO");
  find->add_option_function<std::string>(
      "--type", [search](const std::string& type) { search->set_instrument_type(type); },
      "only this one: EQ, FUT, CE, PE, INDEX, ...");
  find->add_option_function<std::int32_t>(
          "--limit", [search](std::int32_t limit) { search->set_page_size(limit); },
          "at most so many; default 50")
      ->check(CLI::Range(1, 500));
  find->callback([&session, search] {
    session.action = [&session, search] { return RunFind(session, *search); };
  });
  AddInstrumentQueries(*group, session);
}

}  // namespace sauda::cli
