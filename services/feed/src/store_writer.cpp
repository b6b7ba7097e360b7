#include "services/feed/src/store_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sauda::feed {
namespace {

std::size_t MemoryOfAll(const std::vector<Tick>& ticks) {
  std::size_t bytes = 0;
  for (const Tick& tick : ticks) bytes += MemoryOf(tick);
  return bytes;
}

}  // namespace

StoreWriter::StoreWriter(TickStore& store, Options options, Events events)
    : store_{store},
      options_{options},
      events_{std::move(events)},
      batch_limit_{options.batch_ticks},
      backoff_{options.backoff},
      thread_{[this] { Run(); }} {}

StoreWriter::~StoreWriter() { (void)Stop(std::chrono::milliseconds{0}); }

void StoreWriter::Push(std::vector<Tick> ticks) {
  if (ticks.empty()) return;
  {
    const std::lock_guard lock{mutex_};
    if (queue_.empty()) first_queued_ = std::chrono::steady_clock::now();
    for (Tick& tick : ticks) {
      const std::size_t bytes = MemoryOf(tick);
      if (bytes_ + bytes > options_.queue_bytes) {
        if (!overflow_) {
          overflow_ = Gap{.from_ns = last_queued_ns_ != 0 ? last_queued_ns_ : tick.received_ns,
                          .cause = "STORE_OVERFLOW",
                          .detail = "the database was away or too slow"};
        }
        overflow_->to_ns = tick.received_ns;
        ++overflow_->ticks;
        lost_.fetch_add(1, std::memory_order_relaxed);
        continue;
      }
      if (overflow_) {
        overflow_->to_ns = tick.received_ns;
        AddGap(*std::exchange(overflow_, std::nullopt));
      }
      bytes_ += bytes;
      last_queued_ns_ = tick.received_ns;
      queue_.push_back(std::move(tick));
      waiting_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  changed_.notify_all();
}

void StoreWriter::RecordGap(Gap gap) {
  {
    const std::lock_guard lock{mutex_};
    AddGap(std::move(gap));
  }
  changed_.notify_all();
}

void StoreWriter::AddGap(Gap gap) {
  gap.number = ++last_gap_;
  if (gaps_.size() >= kMaxGaps) {  // the two oldest that wait become one
    gaps_[1].from_ns = std::min(gaps_[0].from_ns, gaps_[1].from_ns);
    gaps_[1].ticks += gaps_[0].ticks;
    gaps_.pop_front();
  }
  gaps_.push_back(std::move(gap));
}

void StoreWriter::Run() {
  while (Fill()) Write();
}

bool StoreWriter::Fill() {
  std::unique_lock lock{mutex_};
  const auto expired = [&] { return stop_by_ && std::chrono::steady_clock::now() >= *stop_by_; };
  if (batch_.empty() && batch_gaps_.empty()) {
    changed_.wait(lock, [&] { return stop_by_ || overflow_ || !queue_.empty() || !gaps_.empty(); });
    if (!queue_.empty()) {
      changed_.wait_until(lock, first_queued_ + options_.linger,
                          [&] { return stop_by_ || queue_.size() >= batch_limit_; });
    } else if (overflow_) {  // all that was kept is in, and nothing newer has come
      AddGap(*std::exchange(overflow_, std::nullopt));
    }
    const auto end =
        queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), batch_limit_));
    batch_.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    if (!queue_.empty()) first_queued_ = std::chrono::steady_clock::now();
    batch_gaps_.assign(gaps_.begin(), gaps_.end());
    gaps_.clear();
  }
  return !expired() && !(stop_by_ && batch_.empty() && batch_gaps_.empty());
}

void StoreWriter::Write() {
  const auto stored = store_.Append(batch_, batch_gaps_);
  if (stored) return Stored();
  const Error& why = stored.error();
  if (events_.on_failure) events_.on_failure(why);
  const bool worth_a_retry = why.code == Code::kUnavailable ||
                             why.code == Code::kDeadlineExceeded || why.code == Code::kAborted;
  if (worth_a_retry) {
    Pause();
  } else {
    Refused(why);
  }
}

void StoreWriter::Stored() {
  backoff_.Reset();
  batch_limit_ = options_.batch_ticks;
  written_.fetch_add(batch_.size(), std::memory_order_relaxed);
  waiting_.fetch_sub(batch_.size(), std::memory_order_relaxed);
  {
    const std::lock_guard lock{mutex_};
    bytes_ -= MemoryOfAll(batch_);
    if (!batch_.empty()) GiveUpRefused();
  }
  if (events_.on_written) events_.on_written(batch_);
  batch_.clear();
  batch_gaps_.clear();
}

// What the store cannot take must not hold up the rest: it is looked for until it stands alone, and
// put aside. What comes after it tells whether it was to blame.
void StoreWriter::Refused(const Error& why) {
  {
    const std::lock_guard lock{mutex_};
    if (batch_.size() > 1 || !(batch_.empty() || batch_gaps_.empty())) return TakeApart();
    refusal_ = why.message;
    std::move(batch_.begin(), batch_.end(), std::back_inserter(refused_));
    std::move(batch_gaps_.begin(), batch_gaps_.end(), std::back_inserter(refused_gaps_));
    batch_.clear();
    batch_gaps_.clear();
    batch_limit_ = 1;
    if (refused_.size() < kMaxRefused && !queue_.empty()) return;
    TakeBackRefused();
  }
  Pause();
}

// First the gaps on their own, then half of the ticks.
void StoreWriter::TakeApart() {
  if (batch_gaps_.empty()) batch_limit_ = batch_.size() / 2;
  const std::size_t stays = batch_gaps_.empty() ? batch_limit_ : 0;
  const auto rest = batch_.begin() + static_cast<std::ptrdiff_t>(stays);
  queue_.insert(queue_.begin(), std::make_move_iterator(rest),
                std::make_move_iterator(batch_.end()));
  batch_.erase(rest, batch_.end());
}

void StoreWriter::GiveUpRefused() {
  for (const Tick& tick : refused_) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    bytes_ -= MemoryOf(tick);
    AddGap({.from_ns = tick.received_ns,
            .to_ns = tick.received_ns,
            .cause = "STORE_REFUSED",
            .ticks = 1,
            .detail = tick.listing->key + ": " + refusal_});
  }
  refused_.clear();
  refused_gaps_.clear();  // nothing can be said about them
}

void StoreWriter::TakeBackRefused() {
  queue_.insert(queue_.begin(), std::make_move_iterator(refused_.begin()),
                std::make_move_iterator(refused_.end()));
  gaps_.insert(gaps_.begin(), std::make_move_iterator(refused_gaps_.begin()),
               std::make_move_iterator(refused_gaps_.end()));
  refused_.clear();
  refused_gaps_.clear();
}

void StoreWriter::Pause() {
  if (backoff_.attempts() == 0) (void)backoff_.Next();  // the first one waits for nothing
  const auto pause = backoff_.Next();
  std::unique_lock lock{mutex_};
  const bool stopping = stop_by_.has_value();  // then the pause is cut short only by the limit
  const auto now = std::chrono::steady_clock::now();
  const auto end = stopping ? std::min(now + pause, *stop_by_) : now + pause;
  changed_.wait_until(lock, end, [&] { return !stopping && stop_by_.has_value(); });
}

std::uint64_t StoreWriter::Stop(std::chrono::milliseconds limit) {
  {
    const std::lock_guard lock{mutex_};
    if (!stop_by_) stop_by_ = std::chrono::steady_clock::now() + limit;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  return waiting_.load(std::memory_order_relaxed);
}

}  // namespace sauda::feed
