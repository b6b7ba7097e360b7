#include "libs/journal/intake.hpp"

#include <utility>

namespace sauda::journal {
namespace {

constexpr std::int64_t kNsPerDay = 86'400'000'000'000;
constexpr std::int64_t kIstOffsetNs = 19'800'000'000'000;  // UTC+05:30 all year

/// Counts the days in India; instants before 1970 are of no market.
std::int64_t IstDay(std::int64_t ns) { return (ns + kIstOffsetNs) / kNsPerDay; }

}  // namespace

Intake::Intake(Limits limits) : limits_{limits} { queue_.reserve(limits.ring_records); }

bool Intake::HasHalfItsRoom() const {
  return bytes_ <= limits_.ring_bytes / 2 && records_ <= limits_.ring_records / 2;
}

bool Intake::MayBegin(Monotonic now) const {
  return !closed_ && !head_waits_ && now >= retry_at_ && HasHalfItsRoom();
}

bool Intake::WantsHead(std::int64_t received_ns, Monotonic now) const {
  const std::lock_guard lock{mutex_};
  const bool wanted =
      !headed_ || segment_bytes_ >= limits_.segment_bytes || IstDay(received_ns) != segment_day_;
  return wanted && MayBegin(now);
}

Result<void> Intake::PushHead(Head head, Monotonic now) {
  std::size_t bytes = 0;
  for (Record& record : head.state) {
    record.kind = Kind::kState;
    if (record.payload.size() > kMaxPayloadBytes) bytes = limits_.state_bytes;
    bytes += BytesOf(record);
  }
  if (bytes > limits_.state_bytes) {
    return Error{Code::kInvalidArgument, "STATE_TOO_LARGE",
                 "a state of " + std::to_string(bytes) +
                     " bytes cannot begin a segment: split it into records of 16 MiB, or raise "
                     "the journal's limit of the state"};
  }
  {
    const std::lock_guard lock{mutex_};
    if (!MayBegin(now)) {
      return Error{Code::kUnavailable, "JOURNAL_BUSY",
                   "no segment can begin yet: ask whether state is wanted first"};
    }
    if (queue_.empty()) oldest_ = std::chrono::steady_clock::now();
    headed_ = true;
    head_waits_ = true;
    segment_bytes_ = 0;
    segment_day_ = IstDay(head.at_ns);
    head.lost = std::exchange(lost_, std::nullopt);
    queue_.emplace_back(std::make_unique<Head>(std::move(head)));
  }
  changed_.notify_one();
  return {};
}

// A segment is bounded even for an owner who never gives a state.
const char* Intake::Refusal(std::size_t bytes) const {
  if (closed_) return "CLOSED";
  if (!headed_) return why_not_.c_str();
  if (bytes > kMaxRecordBytes) return "RECORD_TOO_LARGE";
  if (bytes_ + bytes > limits_.ring_bytes || records_ >= limits_.ring_records) return "RING_FULL";
  const std::uint64_t most = 2 * limits_.segment_bytes + limits_.ring_bytes;
  return segment_bytes_ + bytes > most ? "STATE_MISSING" : nullptr;
}

void Intake::Push(Record record) {
  const std::size_t bytes = BytesOf(record);
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (const char* const refusal = Refusal(bytes)) {
      if (!lost_) lost_ = Stretch{.cause = refusal};
      lost_->Add(View(record));
      lost_records_.fetch_add(1, std::memory_order_relaxed);
      if (std::exchange(headed_, false)) why_not_ = "STATE_MISSING";
      return;
    }
    wake = queue_.empty();
    if (wake) oldest_ = std::chrono::steady_clock::now();
    bytes_ += bytes;
    ++records_;
    segment_bytes_ += bytes;
    queue_.emplace_back(std::move(record));
  }
  if (wake) changed_.notify_one();
}

void Intake::Close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  changed_.notify_one();
}

bool Intake::Take(std::vector<Entry>& batch, std::optional<Monotonic> until) {
  std::unique_lock lock{mutex_};
  const auto ready = [&] { return closed_ || !queue_.empty(); };
  if (until) {
    changed_.wait_until(lock, *until, ready);
  } else {
    changed_.wait(lock, ready);
  }
  batch.swap(queue_);
  oldest_taken_ = oldest_;
  return !closed_ || !batch.empty();
}

void Intake::Done(std::size_t bytes, std::size_t records) {
  const std::lock_guard lock{mutex_};
  bytes_ -= bytes;
  records_ -= records;
}

void Intake::HeadDone() {
  const std::lock_guard lock{mutex_};
  head_waits_ = false;
}

std::vector<Entry> Intake::Break(std::string reason) {
  std::vector<Entry> taken;
  taken.reserve(limits_.ring_records);
  const std::lock_guard lock{mutex_};
  headed_ = false;
  head_waits_ = false;
  why_not_ = std::move(reason);
  retry_at_ = Monotonic::max();
  taken.swap(queue_);
  return taken;
}

void Intake::Reopen(Stretch lost, std::uint64_t newly_lost, Monotonic retry_at) {
  lost_records_.fetch_add(newly_lost, std::memory_order_relaxed);
  const std::lock_guard lock{mutex_};
  if (lost.records > 0) {
    if (lost_) lost.Add(*lost_);  // pushed after the Break
    lost_ = std::move(lost);
  }
  bytes_ = 0;
  records_ = 0;
  retry_at_ = retry_at;
}

std::optional<Stretch> Intake::TakeLost() {
  const std::lock_guard lock{mutex_};
  return std::exchange(lost_, std::nullopt);
}

std::uint64_t Intake::waiting_records() const {
  const std::lock_guard lock{mutex_};
  return records_;
}

}  // namespace sauda::journal
