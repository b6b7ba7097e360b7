#include <atomic>
#include <csignal>
#include <ctime>
#include <functional>
#include <memory>
#include <ostream>
#include <thread>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/feed_words.hpp"
#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "cli/src/tick_table.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = feed::v1alpha1;
using std::chrono::steady_clock;

struct TailOptions {
  std::vector<std::string> keys;
  bool all = false;
  std::int64_t count = 0;    // 0: no end
  std::int64_t seconds = 0;  // 0: no end
  pb::Mode mode = pb::MODE_UNSPECIFIED;
  std::vector<pb::Kind> types;
  std::vector<std::string> underlyings;
  pb::Universe universe = pb::UNIVERSE_UNSPECIFIED;

  bool Empty() const {
    return keys.empty() && types.empty() && underlyings.empty() &&
           universe == pb::UNIVERSE_UNSPECIFIED && !all;
  }
};

/// Ends a stream for Ctrl-C, for its time limit, or when the feed says nothing at first. Until then
/// it calls `on_look`, on its own thread, twenty times a second.
class Watchdog {
 public:
  enum class Why : std::uint8_t { kNone, kSignal, kTime, kSilence };

  Watchdog(grpc::ClientContext& context, std::int64_t seconds, std::chrono::milliseconds first_word,
           std::function<void()> on_look)
      : context_{context},
        on_look_{std::move(on_look)},
        end_{seconds > 0 ? steady_clock::now() + std::chrono::seconds{seconds}
                         : steady_clock::time_point::max()},
        silence_end_{steady_clock::now() + first_word} {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    thread_ = std::thread{[this] { Watch(); }};
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() {
    done_ = true;
    thread_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  void HeardIt() { heard_ = true; }
  Why why() const { return why_; }

 private:
  void Watch() {
    constexpr std::timespec kLook{.tv_sec = 0, .tv_nsec = 50'000'000};
    while (!done_) {
      const bool signalled = sigtimedwait(&signals_, nullptr, &kLook) > 0;
      on_look_();
      const auto now = steady_clock::now();
      const Why why = signalled                        ? Why::kSignal
                      : now >= end_                    ? Why::kTime
                      : !heard_ && now >= silence_end_ ? Why::kSilence
                                                       : Why::kNone;
      if (why == Why::kNone) continue;
      why_ = why;
      context_.TryCancel();
      return;
    }
  }

  grpc::ClientContext& context_;
  const std::function<void()> on_look_;
  const steady_clock::time_point end_;
  const steady_clock::time_point silence_end_;
  sigset_t signals_{};
  sigset_t before_{};
  std::atomic<bool> done_{false};
  std::atomic<bool> heard_{false};
  std::atomic<Why> why_{Why::kNone};
  std::thread thread_;
};

/// Shows batches as a table, as lines or as JSON.
class Tail {
 public:
  Tail(const Session& session, const TailOptions& options)
      : session_{session}, options_{options}, table_{session.io.out} {}

  int Run() {
    const auto channel = session_.Connect(session_.addresses.feed);
    if (!channel) return session_.Fail("feed tail", channel.error());
    grpc::ClientContext context;
    rpc::SetRequestId(context, rpc::NewRequestId());
    // A market that is closed sends one batch and no more: what it holds is drawn all the same.
    Watchdog watchdog{context, options_.seconds, session_.timeout(),
                      [this] { table_.DrawIfDue(steady_clock::now()); }};
    const auto stub = pb::FeedService::NewStub(*channel);
    const auto stream = stub->StreamTicks(&context);
    (void)stream->Write(Opening());  // a failure shows in Read and Finish
    pb::TickBatch batch;
    bool enough = false;
    while (!enough && stream->Read(&batch)) {
      watchdog.HeardIt();
      enough = Show(batch);
    }
    if (enough) context.TryCancel();
    const grpc::Status status = stream->Finish();
    table_.DrawRest();
    using Why = Watchdog::Why;
    if (enough || watchdog.why() == Why::kSignal || watchdog.why() == Why::kTime) return kOk;
    if (watchdog.why() == Why::kSilence) {
      return session_.Fail("feed tail", {Code::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                                         "the feed service said nothing"});
    }
    if (status.ok()) return kOk;
    return session_.Fail("feed tail", rpc::FromStatus(status));
  }

 private:
  pb::StreamTicksRequest Opening() const {
    pb::StreamTicksRequest request;
    request.set_account_id(session_.account);
    for (const std::string& key : options_.keys) request.add_add(key);
    request.set_mode(options_.mode);
    request.set_follow_all(options_.all);
    for (const pb::Kind type : options_.types) request.add_follow_kinds(type);
    for (const std::string& each : options_.underlyings) request.add_follow_underlyings(each);
    request.set_follow_universe(options_.universe);
    // A table shows only the newest; lines and JSON keep every tick as long as the buffer does.
    const bool table = session_.io.out_is_terminal && !session_.json;
    request.set_policy(table ? pb::OVERFLOW_POLICY_CONFLATE : pb::OVERFLOW_POLICY_DROP_OLDEST);
    request.set_buffer_ticks(table ? 0 : 65'536);
    return request;
  }

  /// True when as many ticks as asked for were shown.
  bool Show(const pb::TickBatch& batch) {
    if (!session_.json && session_.io.out_is_terminal) {
      table_.Take(batch);
      table_.DrawIfDue(steady_clock::now());
      shown_ += batch.ticks_size();
      return Enough();
    }
    for (const pb::Tick& tick : batch.ticks()) {
      session_.io.out << (session_.json ? Dump(ToJson(tick)) : TickLine(tick)) << '\n';
      ++shown_;
      if (Enough()) break;
    }
    session_.io.out.flush();
    if (batch.dropped() > 0) {
      session_.io.err << "missed " << batch.dropped() << " ticks: this reader is too slow\n";
    }
    if (batch.has_connection() && !session_.json) {
      session_.io.err << "feed " << ConnectionName(batch.connection()) << '\n';
    }
    return Enough() || !session_.io.out;  // the reader of a pipe went away
  }

  bool Enough() const { return options_.count > 0 && shown_ >= options_.count; }

  const Session& session_;
  const TailOptions& options_;
  TickTable table_;
  std::int64_t shown_ = 0;
};

}  // namespace

void AddFeedCommands(CLI::App& app, Session& session) {
  auto* const group = app.add_subcommand("feed", "live market data");
  group->require_subcommand(1);

  const auto tail = std::make_shared<TailOptions>();
  auto* const tail_command = group->add_subcommand(
      "tail", "follow ticks: a table on a terminal, else a line each; Ctrl-C ends it");
  tail_command->add_option("keys", tail->keys, "keys or symbols, such as 'NSE_INDEX|Nifty 50'");
  tail_command->add_option("--mode", tail->mode, "how much of each; default full")
      ->transform(CLI::CheckedTransformer(kModes, CLI::ignore_case));
  tail_command
      ->add_option("--type", tail->types,
                   "every subscribed key of a type, now and later; narrows the next two")
      ->transform(CLI::CheckedTransformer(kTypes, CLI::ignore_case))
      ->allow_extra_args(false);
  tail_command
      ->add_option("--underlying", tail->underlyings,
                   "this key or symbol and what is written on it, as far as it is subscribed")
      ->allow_extra_args(false);
  tail_command
      ->add_option("--universe", tail->universe,
                   "fo: NSE's futures and options and what they are written on, likewise")
      ->transform(CLI::CheckedTransformer(kUniverses, CLI::ignore_case));
  tail_command->add_flag("--all", tail->all, "every subscribed key, now and later");
  tail_command->add_option("--count", tail->count, "end after so many ticks")
      ->check(CLI::PositiveNumber);
  tail_command->add_option("--seconds", tail->seconds, "end after so long")
      ->check(CLI::PositiveNumber);
  tail_command->callback([&session, tail] {
    if (tail->Empty()) {
      throw CLI::ValidationError("feed tail", "keys, --type, --underlying, --universe or --all");
    }
    session.action = [&session, tail] { return Tail{session, *tail}.Run(); };
  });

  AddSubscribeCommands(*group, session);
}

}  // namespace sauda::cli
