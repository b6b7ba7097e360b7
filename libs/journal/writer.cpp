#include "libs/journal/writer.hpp"

#include <system_error>
#include <utility>

#include "libs/journal/names.hpp"

namespace sauda::journal {
namespace {

constexpr std::size_t kPieceBytes = 1UL << 20U;  // of one write: room comes back while it goes on
constexpr std::size_t kLeastRingBytes = 64UL << 10U;

Result<void> CheckOptions(const Writer::Options& options) {
  if (auto checked = CheckId(options.instance, "the journal's instance"); !checked) return checked;
  if (auto checked = CheckId(options.account, "the journal's account"); !checked) return checked;
  const Intake::Limits& limits = options.limits;
  const bool good = limits.ring_bytes >= kLeastRingBytes && limits.ring_records >= 2 &&
                    limits.segment_bytes > 0 && limits.state_bytes > 0 &&
                    options.sync_interval.count() > 0 && options.backoff.first.count() > 0 &&
                    options.backoff.most >= options.backoff.first;
  if (good) return {};
  return Error{Code::kInvalidArgument, "LIMIT_INVALID",
               "the journal's ring needs 64 KiB and two records at least, its segments, states, "
               "sync interval and back-off more than nothing"};
}

Result<void> PrepareDirectory(const std::filesystem::path& directory, const std::string& instance) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return FileError(directory, "making the directory", failed.value());
  std::filesystem::directory_iterator files{directory, failed};
  for (; !failed && files != std::filesystem::directory_iterator{}; files.increment(failed)) {
    const auto name = ParseFileName(files->path().filename().string());
    if (name && name->instance == instance) {
      return Error{Code::kAlreadyExists, "INSTANCE_REUSED",
                   files->path().string() +
                       " was written under this instance id already: start "
                       "each process with an id of its own"};
    }
  }
  if (failed) return FileError(directory, "listing", failed.value());
  return {};
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::Start(Options options, const Clock& clock, Events events) {
  if (const auto checked = CheckOptions(options); !checked) return checked.error();
  const auto directory = AccountDirectory(options.root, options.account);
  if (const auto ready = PrepareDirectory(directory, options.instance); !ready) {
    return ready.error();
  }
  return std::unique_ptr<Writer>{new Writer{std::move(options), clock, std::move(events)}};
}

Writer::Writer(Options options, const Clock& clock, Events events)
    : options_{std::move(options)},
      clock_{clock},
      events_{std::move(events)},
      intake_{options_.limits},
      segments_{{.directory = AccountDirectory(options_.root, options_.account),
                 .instance = options_.instance,
                 .account = options_.account,
                 .clock = options_.clock,
                 .sync = options_.sync}},
      backoff_{options_.backoff},
      thread_{[this] { Run(); }} {}

Writer::~Writer() { Stop(); }

Result<void> Writer::PushState(State state) {
  return intake_.PushHead(
      {.simulated = state.simulated, .at_ns = state.received_ns, .state = std::move(state.records)},
      clock_.Now());
}

void Writer::Stop() {
  intake_.Close();
  if (thread_.joinable()) thread_.join();
}

std::optional<Error> Writer::stopped() const {
  const std::lock_guard lock{mutex_};
  return stopped_;
}

std::chrono::nanoseconds Writer::TakeLongestWait() {
  return std::chrono::nanoseconds{longest_wait_ns_.exchange(0, std::memory_order_relaxed)};
}

void Writer::Run() {
  batch_.reserve(options_.limits.ring_records);
  while (intake_.Take(batch_, sync_at_)) Write();
  End();
}

void Writer::Write() {
  kept_ = 0;
  Result<void> done;
  for (std::size_t i = 0; i < batch_.size() && done; ++i) {
    if (const auto* const head = std::get_if<std::unique_ptr<Head>>(&batch_[i])) {
      done = Flush();
      if (done) done = Begin(**head);
    } else {
      segments_.Add(View(std::get<Record>(batch_[i])));
      if (segments_.buffered_bytes() >= kPieceBytes) done = Flush();
    }
  }
  if (done) done = Flush();
  if (done) done = SyncIfDue();
  if (!done) Fail(done.error());
  batch_.clear();
}

Result<void> Writer::Flush() {
  const auto flushed = segments_.Flush();
  if (flushed.records > 0) {
    for (std::size_t i = 0; i < flushed.records; ++i) {  // the ring's bound is of memory too
      std::string{}.swap(std::get<Record>(batch_[kept_++]).payload);
    }
    written_records_.fetch_add(flushed.records, std::memory_order_relaxed);
    written_bytes_.fetch_add(flushed.bytes, std::memory_order_relaxed);
    intake_.Done(flushed.bytes, flushed.records);
    const std::int64_t waited_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                                       std::chrono::steady_clock::now() - intake_.oldest())
                                       .count();
    if (waited_ns > longest_wait_ns_.load(std::memory_order_relaxed)) {
      longest_wait_ns_.store(waited_ns, std::memory_order_relaxed);
    }
    if (options_.sync == Sync::kInterval && !sync_at_) {
      sync_at_ = std::chrono::steady_clock::now() + options_.sync_interval;
    }
    if (events_.on_written) events_.on_written();
  }
  if (flushed.error) return *flushed.error;
  return {};
}

Result<void> Writer::Begin(const Head& head) {
  if (auto begun = segments_.Begin(head); !begun) return begun;
  ++kept_;
  intake_.HeadDone();
  backoff_.Reset();
  bool resumed = false;
  {
    const std::lock_guard lock{mutex_};
    resumed = stopped_.has_value();
    stopped_.reset();
  }
  if (events_.on_segment) events_.on_segment(segments_.number());
  if (resumed && events_.on_resumed) events_.on_resumed();
  if (head.lost && events_.on_lost) events_.on_lost(*head.lost, true);
  if (events_.on_written) events_.on_written();
  return {};
}

Result<void> Writer::SyncIfDue() {
  if (!sync_at_ || std::chrono::steady_clock::now() < *sync_at_) return {};
  sync_at_.reset();
  return segments_.SyncNow();
}

// What waits behind the failure goes with it: its segment has ended, and heads that wait were made
// for a journal without this hole.
void Writer::Fail(const Error& why) {
  sync_at_.reset();
  Stretch lost;
  std::uint64_t newly_lost = 0;
  const auto lose = [&](const Entry& entry) {
    if (const auto* const record = std::get_if<Record>(&entry)) {
      if (lost.cause.empty()) lost.cause = why.reason;
      lost.Add(View(*record));
      ++newly_lost;
    } else if (const auto& before = std::get<std::unique_ptr<Head>>(entry)->lost) {
      lost.Add(*before);
    }
  };
  const auto waiting = intake_.Break(why.reason);
  for (std::size_t i = kept_; i < batch_.size(); ++i) lose(batch_[i]);
  for (const Entry& entry : waiting) lose(entry);
  {
    const std::lock_guard lock{mutex_};
    stopped_ = why;
  }
  intake_.Reopen(std::move(lost), newly_lost, clock_.Now() + backoff_.Next());
  if (events_.on_stopped) events_.on_stopped(why);
}

void Writer::End() {
  auto lost = intake_.TakeLost();
  const std::int64_t now_ns = clock_.UtcNs();
  const bool in_journal = lost && segments_.open();
  if (in_journal) {
    segments_.Add({.kind = Kind::kGap, .received_ns = now_ns, .payload = Encode(*lost)});
  }
  Result<void> done;
  if (auto flushed = segments_.Flush(); flushed.error) done = *flushed.error;
  if (done) done = segments_.Finish(true, now_ns);
  if (!done) {
    const std::lock_guard lock{mutex_};
    stopped_ = done.error();
  }
  if (!done && events_.on_stopped) events_.on_stopped(done.error());
  if (lost && events_.on_lost) events_.on_lost(*lost, in_journal && done);
}

}  // namespace sauda::journal
