#include "services/feed/src/candle_keeper.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::uint32_t kKeeperState = 1;
constexpr std::int64_t kReplaySeconds = 3'600;  // a market clock that goes back so far begins again

constexpr std::size_t kBarsAtOnce = 8'192;         // in one transaction
constexpr std::chrono::hours kForgottenAfter{24};  // of trading

/// Calling again later may help.
bool MayPass(const Error& why) {
  return why.code == Code::kUnavailable || why.code == Code::kDeadlineExceeded ||
         why.code == Code::kAborted;
}

}  // namespace

CandleKeeper::CandleKeeper(CandleStore& store, Options options, Events events)
    : store_{store},
      options_{std::move(options)},
      events_{std::move(events)},
      checkpoint_at_{std::chrono::steady_clock::now() + options_.checkpoint_every},
      candles_{{.kept_minutes = options_.kept_minutes,
                .calendars = options_.calendars,
                .coarse = false}} {}

Result<void> CandleKeeper::Load() {
  auto loaded = store_.Load();
  if (!loaded) return loaded.error();
  if (!*loaded) return {};
  const CandleCheckpoint& from = **loaded;
  const std::lock_guard lock{mutex_};
  if (!LoadState(from.state)) {
    events_.on_begun_anew();
  }
  stored_ = {.instance = from.instance, .seq = from.seq, .segment = from.segment};
  instance_ = from.instance;
  seq_ = from.seq;
  segment_ = from.segment;
  return {};
}

bool CandleKeeper::LoadState(std::string_view state) {
  StateReader in{state};
  bool good = in.Take<std::uint32_t>() == kKeeperState;
  const auto count = in.Take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.good(); ++i) (void)IdOf(std::string{in.TakeText()});
  offset_ = in.Take<MarketOffset>();
  gap_number_ = in.Take<std::uint64_t>();
  closed_second_ = in.Take<std::int64_t>();
  good = good && in.good() && keys_.size() == count && candles_.Load(in, keys_);
  if (good) return true;
  offset_ = {};
  gap_number_ = 0;
  closed_second_ = 0;
  return false;
}

CandleCheckpoint CandleKeeper::MakeCheckpoint() const {
  const std::lock_guard lock{mutex_};
  StateWriter counted = StateWriter::Counting();
  Save(counted);
  StateWriter out{counted.size()};
  Save(out);
  return {.instance = instance_, .seq = seq_, .segment = segment_, .state = out.Finish()};
}

void CandleKeeper::Save(StateWriter& out) const {
  out.Put(kKeeperState);
  out.Put(static_cast<std::uint32_t>(keys_.size()));
  for (const std::string& key : keys_) out.PutText(key);
  out.Put(offset_);
  out.Put(gap_number_);
  out.Put(closed_second_);
  candles_.Save(out);
}

std::uint64_t CandleKeeper::SegmentOf(const std::string& instance) const {
  return stored_.instance == instance ? stored_.segment : 0;
}

void CandleKeeper::Take(const std::string& instance, std::uint64_t segment,
                        std::span<const Tick> ticks) {
  Enter(instance);
  segment_ = segment;
  const std::lock_guard lock{mutex_};
  std::int64_t broker_ms = 0;
  for (const Tick& tick : ticks) {
    if (tick.seq <= seq_) continue;
    seq_ = tick.seq;
    dirty_ = true;
    if (tick.broker_ms > 0) {
      broker_ms = tick.broker_ms;
      if (broker_ms / 1'000 + kReplaySeconds < closed_second_) BeginAnew();
      offset_.Observe(tick.received_ns / kNsPerMs, broker_ms);
    }
    const InstrumentId id = IdOf(tick.listing->key);
    const std::uint64_t trades = candles_.counts().trades;
    candles_.OnTick(id, tick);
    if (candles_.counts().trades != trades) Changed(id);
  }
  const std::int64_t before_ms = closed_second_ * 1'000;
  if (const std::int64_t second = broker_ms / 1'000; second > closed_second_) {
    closed_second_ = second;
    candles_.Close(second * 1'000 - options_.delay.count());
  }
  Gather();
  // By the ticks alone, so that a restart changes nothing.
  if (before_ms > 0 && DayOf(closed_second_ * 1'000) > DayOf(before_ms)) Prune();
}

void CandleKeeper::Prune() {
  const auto kept = candles_.Prune(kForgottenAfter, closed_second_ * 1'000);
  std::vector<std::string> keys;
  std::vector<std::uint64_t> versions;
  ids_.clear();
  for (const InstrumentId id : kept) {
    ids_.emplace(keys_[id], static_cast<InstrumentId>(keys.size()));
    keys.push_back(std::move(keys_[id]));
    versions.push_back(versions_[id]);
  }
  keys_ = std::move(keys);
  versions_ = std::move(versions);
}

void CandleKeeper::BeginAnew() {
  candles_.ForgetAll();
  offset_ = {};
  closed_second_ = 0;
}

void CandleKeeper::Enter(const std::string& instance) {
  if (instance == instance_) return;
  instance_ = instance;
  segment_ = 0;
  seq_ = stored_.instance == instance ? stored_.seq : 0;
  gap_number_ = 0;
}

void CandleKeeper::TakeGap(const std::string& instance, const Gap& gap) {
  Enter(instance);
  if (gap.number != 0 && gap.number <= gap_number_) return;  // it was taken before the restart
  gap_number_ = std::max(gap_number_, gap.number);
  MarkGap(gap);
}

void CandleKeeper::TakeLost(const std::string& instance, std::uint64_t segment,
                            const JournaledFrame& frame) {
  Enter(instance);
  segment_ = segment;
  if (frame.ticks() == 0) return;
  const std::uint64_t last_seq = frame.first_seq + frame.ticks() - 1;
  if (last_seq <= seq_) return;  // it was taken before the restart
  seq_ = last_seq;
  MarkGap({.from_ns = frame.received_ns, .to_ns = frame.received_ns});
}

void CandleKeeper::TakeRemoved(const std::string& instance, std::uint64_t last_seq,
                               const Gap& gap) {
  if (instance == instance_ && last_seq <= seq_) return;
  MarkGap(gap);
}

void CandleKeeper::MarkGap(const Gap& gap) {
  dirty_ = true;
  const std::lock_guard lock{mutex_};
  candles_.MarkGap(offset_.MarketMs(gap.from_ns / kNsPerMs),
                   offset_.MarketMs(gap.to_ns / kNsPerMs));
  Gather();
}

void CandleKeeper::CloseIdle() {
  const auto market_ms = options_.market_ms ? options_.market_ms() : std::nullopt;
  if (!market_ms) return;
  const std::lock_guard lock{mutex_};
  candles_.Close(*market_ms - options_.idle_delay.count());
  Gather();
}

void CandleKeeper::Gather() {
  for (const Candle& bar : candles_.Take()) {
    Changed(bar.instrument);
    waiting_[{bar.start_ms, keys_[bar.instrument]}] = bar;
    dirty_ = true;
  }
}

Result<void> CandleKeeper::Write(bool checkpoint) {
  const Monotonic now = std::chrono::steady_clock::now();
  Result<void> written;
  if (away_ && !checkpoint && now < retry_at_) {
    written = *away_;
  } else {
    written = WriteBars();
    away_.reset();
    if (!written) {
      away_ = written.error();
      retry_at_ = now + options_.retry_after;
      GiveUpTooMany();
    } else if (dirty_ && (checkpoint || now >= checkpoint_at_)) {
      written = WriteCheckpoint(now);
    }
  }
  if (events_.on_turn) events_.on_turn();
  return written;
}

Result<void> CandleKeeper::WriteBars() {
  while (!waiting_.empty()) {
    std::vector<StoredCandle> bars;
    auto rest = waiting_.begin();
    for (; rest != waiting_.end() && bars.size() < kBarsAtOnce; ++rest) {
      bars.push_back({rest->first.second, rest->second});
    }
    auto written = store_.Append(bars, nullptr);
    if (!written && MayPass(written.error())) {
      events_.on_failure(written.error(), 0);
      return written;
    }
    waiting_.erase(waiting_.begin(), rest);
    if (written) {
      events_.on_written(bars.size());
    } else {  // what the store refuses must not hold up the journal either
      events_.on_failure(written.error(), bars.size());
    }
  }
  return {};
}

Result<void> CandleKeeper::WriteCheckpoint(Monotonic now) {
  checkpoint_at_ = now + options_.checkpoint_every;  // after a failure too: it may be a costly one
  CandleCheckpoint made = MakeCheckpoint();
  auto written = store_.Append({}, &made);
  if (!written) events_.on_failure(written.error(), 0);
  if (!written && MayPass(written.error())) return written;
  made.state.clear();
  stored_ = std::move(made);
  dirty_ = false;
  return {};
}

void CandleKeeper::GiveUpTooMany() {
  if (waiting_.size() <= options_.most_waiting) return;
  const std::size_t lost = waiting_.size() - options_.most_waiting;
  for (std::size_t i = 0; i < lost; ++i) waiting_.erase(waiting_.begin());
  events_.on_failure({Code::kResourceExhausted, "CANDLES_WAITING", "too many bars wait"}, lost);
}

InstrumentId CandleKeeper::IdOf(const std::string& key) {
  const auto [found, fresh] = ids_.try_emplace(key, static_cast<InstrumentId>(keys_.size()));
  if (fresh) {
    keys_.push_back(key);
    versions_.push_back(0);
  }
  return found->second;
}

void CandleKeeper::Changed(InstrumentId id) {
  versions_[id] = version_.load(std::memory_order_relaxed) + 1;
  version_.store(versions_[id], std::memory_order_release);
}

std::vector<Candle> CandleKeeper::Read(const std::string& key, Interval interval,
                                       std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  const auto found = ids_.find(key);
  if (found == ids_.end()) return {};
  return candles_.Read(found->second, interval, limit);
}

std::uint64_t CandleKeeper::VersionOf(const std::string& key) const {
  const std::lock_guard lock{mutex_};
  const auto found = ids_.find(key);
  return found == ids_.end() ? 0 : versions_[found->second];
}

std::int64_t CandleKeeper::closed_to_ms() const {
  const std::lock_guard lock{mutex_};
  return std::max<std::int64_t>(candles_.closed_to_ms(), 0);
}

}  // namespace sauda::feed
