#include "services/feed/src/store_follower.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {
namespace {

constexpr std::chrono::milliseconds kLookForStop{
    100};  // at the longest between two looks for a stop
// What the candles alone read again is written in such pieces, lest it waits until all is read.
constexpr std::size_t kFramesUnwritten = 1'000;
constexpr std::size_t kBarsUnwritten = 4'096;
constexpr std::uint64_t kRefusedNumbers = 1ULL << 62U;  // above all places in a journal

bool WorthARetry(const Error& why) {
  return why.code == Code::kUnavailable || why.code == Code::kDeadlineExceeded ||
         why.code == Code::kAborted;
}

}  // namespace

StoreFollower::StoreFollower(TickStore& store, JournalReader& journal, FrameDecoder& decoder,
                             Options options, Events events, CandleKeeper* candles)
    : store_{store},
      journal_{journal},
      options_{std::move(options)},
      events_{std::move(events)},
      candles_{candles},
      rebuilder_{decoder},
      retain_at_{std::chrono::steady_clock::now() + options_.retain_every},
      backoff_{options_.backoff},
      thread_{[this] { Run(); }} {}

StoreFollower::~StoreFollower() { (void)Stop(std::chrono::milliseconds{0}); }

void StoreFollower::Run() {
  if (!ReadProgress()) return;
  auto instances = journal_.Instances(options_.instance);
  while (!instances) {
    events_.on_journal_failure(instances.error());
    if (!Pause()) return;
    instances = journal_.Instances(options_.instance);
  }
  for (const std::string& instance : *instances) {
    if (progress_[instance].complete) continue;
    if (!Follow(instance)) return;
  }
  stored_all_ = true;
}

bool StoreFollower::ReadProgress() {
  const auto read = [this]() -> Result<void> {
    auto progress = store_.Progress();
    if (!progress) return progress.error();
    progress_ = std::move(*progress);
    return candles_ == nullptr ? Result<void>{} : candles_->Load();
  };
  for (;;) {
    const auto done = read();
    if (done) {
      backoff_.Reset();
      return true;
    }
    events_.on_failure(done.error());
    if (!Pause()) return false;
  }
}

std::uint64_t StoreFollower::SegmentToReadFrom(const std::string& instance) const {
  const auto found = progress_.find(instance);
  const std::uint64_t store = found == progress_.end() ? 0 : found->second.segment;
  return candles_ == nullptr ? store : std::min(store, candles_->SegmentOf(instance));
}

bool StoreFollower::Follow(const std::string& instance) {
  instance_ = instance;
  segment_ = 0;
  rebuilder_.Forget();
  journal_.Open(instance, SegmentToReadFrom(instance));
  return FollowOn();
}

bool StoreFollower::FollowOn() {
  while (!Expired()) {
    RetainIfDue();
    const auto since = std::chrono::steady_clock::now() - first_at_;
    const auto linger = std::chrono::ceil<std::chrono::milliseconds>(options_.linger - since);
    const auto wait =
        pending() ? std::clamp(linger, std::chrono::milliseconds{0}, kLookForStop) : kLookForStop;
    const auto item = journal_.Next(wait);
    if (!item) {
      events_.on_journal_failure(item.error());
      if (!Pause()) return false;
      continue;
    }
    if (item->what == JournalItem::What::kEnd) return Finish();
    if (item->what == JournalItem::What::kNothing && !pending()) {
      WriteCandles(true);
      // An earlier run that has no end: its process lives. The next start sees to what it leaves.
      if (instance_ != options_.instance) return true;
      continue;
    }
    if (!pending()) first_at_ = std::chrono::steady_clock::now();
    Take(*item);
    if (!pending()) {
      if (!CatchUpCandles()) return false;
      continue;
    }
    const bool due = std::chrono::steady_clock::now() >= first_at_ + options_.linger;
    if (due || batch_.size() >= options_.batch_ticks) {
      if (!Write()) return false;
      WriteCandles(false);
    }
  }
  return false;
}

void StoreFollower::WriteCandles(bool idle) {
  if (candles_ == nullptr) return;
  if (idle && instance_ == options_.instance) candles_->CloseIdle();
  (void)candles_->Write();  // it tells, and tries again
}

/// Called for what is stored but for its candles. The journal keeps the rest, so while the store is
/// away nothing more is read; a store that takes no candles for another reason holds up no ticks.
bool StoreFollower::CatchUpCandles() {
  if (candles_ == nullptr) return true;
  if (++unwritten_frames_ < kFramesUnwritten && candles_->waiting() < kBarsUnwritten) return true;
  unwritten_frames_ = 0;
  for (;;) {
    const auto written = candles_->Write();
    if (written) backoff_.Reset();
    if (written || written.error().code != Code::kUnavailable) return true;
    if (!Pause()) return false;
    RetainIfDue();
  }
}

/// Writes what is left of a run, and that this was all.
bool StoreFollower::Finish() {
  for (std::size_t tries = 0; pending() && tries < kMaxRefused; ++tries) {
    if (!Write()) return false;
  }
  while (candles_ != nullptr && !candles_->Write(true)) {
    if (!Pause()) return false;
    RetainIfDue();
  }
  std::vector<Gap> gaps = std::exchange(gaps_, {});  // no later tick will tell what was to blame
  for (const Tick& tick : batch_) gaps.push_back(RefusalOf(tick));
  batch_.clear();
  auto outcome = WriteSome({}, gaps, true);
  if (outcome == Outcome::kRefused) outcome = WriteSome({}, {}, true);
  progress_[instance_].complete = outcome == Outcome::kDone;
  return outcome != Outcome::kStopping;
}

void StoreFollower::Take(const JournalItem& item) {
  if (item.what == JournalItem::What::kNothing) return;
  if (item.segment != std::exchange(segment_, item.segment)) rebuilder_.Forget();
  switch (item.what) {
    case JournalItem::What::kState:
      if (const auto taken = rebuilder_.TakeState(item.frame); !taken) {
        events_.on_journal_failure(taken.error());
      }
      return;
    case JournalItem::What::kFrame:
      return TakeFrame(item);
    case JournalItem::What::kGap:
      gaps_.push_back(item.gap);
      if (candles_ != nullptr) candles_->TakeGap(instance_, item.gap);
      return;
    case JournalItem::What::kNothing:
    case JournalItem::What::kEnd:
      return;
  }
}

void StoreFollower::TakeFrame(const JournalItem& item) {
  const std::uint64_t stored = progress_[instance_].last_seq;
  if (batch_.empty()) batch_segment_ = segment_;
  const std::size_t before = batch_.size();
  if (const auto rebuilt = rebuilder_.Rebuild(item.frame, batch_); !rebuilt) {
    events_.on_journal_failure(rebuilt.error());
    gaps_.push_back({.number = kRefusedNumbers + item.frame.first_seq,
                     .from_ns = item.frame.received_ns,
                     .to_ns = item.frame.received_ns,
                     .cause = rebuilt.error().reason,
                     .ticks = item.frame.ticks(),
                     .detail = rebuilt.error().message});
    if (candles_ != nullptr) candles_->TakeLost(instance_, segment_, item.frame);
    return;
  }
  if (candles_ != nullptr) {
    candles_->Take(instance_, segment_, std::span<const Tick>{batch_}.subspan(before));
  }
  const auto from = batch_.begin() + static_cast<std::ptrdiff_t>(before);
  batch_.erase(from, std::find_if(from, batch_.end(),
                                  [stored](const Tick& tick) { return tick.seq > stored; }));
}

bool StoreFollower::Write() {
  const auto outcome = WriteSome(batch_, gaps_);
  if (outcome == Outcome::kStopping) return false;
  if (outcome == Outcome::kDone) {
    batch_.clear();
    gaps_.clear();
    return true;
  }
  // What the store cannot take must not hold up the rest: first the gaps on their own.
  std::vector<Gap> gaps = std::exchange(gaps_, {});
  const auto of_gaps = gaps.empty() ? Outcome::kDone : WriteSome({}, gaps);
  if (of_gaps == Outcome::kStopping) return false;
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  if (!WriteInParts()) return false;
  // As a tick is, they are given up once something else was taken.
  if (of_gaps == Outcome::kDone || written_.load(std::memory_order_relaxed) != written) return true;
  gaps_ = std::move(gaps);
  while (gaps_.size() > kMaxOwed) {
    gaps_[1].from_ns = std::min(gaps_[0].from_ns, gaps_[1].from_ns);
    gaps_[1].ticks += gaps_[0].ticks;
    gaps_.erase(gaps_.begin());
  }
  return !batch_.empty() || Pause();
}

/// Looks for the ticks that the store refuses, by halves, until each stands alone and is put aside.
/// What comes after it tells whether it was to blame.
bool StoreFollower::WriteInParts() {
  std::span<const Tick> left{batch_};
  std::size_t limit = left.size();
  std::vector<Gap> aside;  // for the ticks before `left` that were refused since one was taken
  while (!left.empty() && aside.size() < kMaxRefused) {
    const auto part = left.first(std::min(limit, left.size()));
    const auto outcome = WriteSome(part, aside);
    if (outcome == Outcome::kStopping) return false;
    if (outcome == Outcome::kRefused && part.size() > 1) {
      limit = part.size() / 2;
      continue;
    }
    if (outcome == Outcome::kRefused) {
      aside.push_back(RefusalOf(part.front()));
    } else {
      aside.clear();
      limit = left.size();
    }
    left = left.subspan(part.size());
  }
  const std::size_t settled = batch_.size() - left.size() - aside.size();
  batch_.erase(batch_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(settled));
  return batch_.empty() || Pause();
}

Gap StoreFollower::RefusalOf(const Tick& tick) const {
  return {.number = kRefusedNumbers + tick.seq,
          .from_ns = tick.received_ns,
          .to_ns = tick.received_ns,
          .cause = "STORE_REFUSED",
          .ticks = 1,
          .detail = tick.listing->key + ": " + refusal_};
}

StoreFollower::Outcome StoreFollower::WriteSome(std::span<const Tick> ticks,
                                                std::span<const Gap> gaps, bool complete) {
  for (;;) {
    const auto stored = store_.Append({.instance = instance_,
                                       .segment = ticks.empty() ? segment_ : batch_segment_,
                                       .complete = complete,
                                       .ticks = ticks,
                                       .gaps = gaps});
    if (stored) {
      Stored(ticks, gaps);
      return Outcome::kDone;
    }
    events_.on_failure(stored.error());
    if (!WorthARetry(stored.error())) {
      refusal_ = stored.error().message;
      return Outcome::kRefused;
    }
    if (!Pause()) return Outcome::kStopping;
    RetainIfDue();  // it may be away for hours, and the journal's room is bounded
  }
}

void StoreFollower::Stored(std::span<const Tick> ticks, std::span<const Gap> gaps) {
  backoff_.Reset();
  StoreProgress& progress = progress_[instance_];
  if (!ticks.empty()) {
    progress.segment = batch_segment_;
    progress.last_seq = ticks.back().seq;
  }
  written_.fetch_add(ticks.size(), std::memory_order_relaxed);
  for (const Gap& gap : gaps) {
    lost_.fetch_add(gap.ticks, std::memory_order_relaxed);
    events_.on_gap(instance_, gap);
  }
  const bool own = instance_ == options_.instance;
  if (own && !ticks.empty()) stored_seq_.store(ticks.back().seq, std::memory_order_relaxed);
  events_.on_written(own ? ticks : std::span<const Tick>{});
}

bool StoreFollower::Pause() {
  if (backoff_.attempts() == 0) (void)backoff_.Next();  // the first one waits for nothing
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, backoff_.Next(), [this] { return stop_by_.has_value(); });
}

bool StoreFollower::Expired() {
  const std::lock_guard lock{mutex_};
  return stop_by_ && std::chrono::steady_clock::now() >= *stop_by_;
}

bool StoreFollower::Stop(std::chrono::milliseconds limit) {
  {
    const std::lock_guard lock{mutex_};
    if (!stop_by_) stop_by_ = std::chrono::steady_clock::now() + limit;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  return stored_all_;
}

}  // namespace sauda::feed
