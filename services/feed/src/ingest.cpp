#include "services/feed/src/ingest.hpp"

#include <algorithm>

namespace sauda::feed {
namespace {

constexpr std::uint64_t kTellEvery = 16;             // ticks
constexpr std::int64_t kMostHeldNs = 5'000'000'000;  // further back it is the clock that was set

}  // namespace

/// Sockets stamp their frames before they are put in order here. Whoever reads on from the place of
/// a stored tick misses those with an earlier time that are stored after it, so none goes back.
std::int64_t Ingest::InOrder(std::int64_t received_ns) {
  const bool late = received_ns < newest_ns_ && newest_ns_ - received_ns <= kMostHeldNs;
  if (!late) newest_ns_ = received_ns;
  return newest_ns_;
}

void Ingest::OnFrame(const BrokerFrame& read) {
  const std::lock_guard lock{mutex_};
  BrokerFrame frame = read;
  frame.received_ns = InOrder(read.received_ns);
  const bool simulated = simulated_.load(std::memory_order_relaxed);
  if (journal_.WantsState(frame.received_ns)) {
    journal_.PushState({.received_ns = frame.received_ns,
                        .received_at = frame.received_at,
                        .simulated = simulated,
                        .ticks = latest_});
  }
  frame_ = &frame;
  frame_skipped_ = 0;
  instruments_.clear();
  trade_ms_ = 0;
  const std::uint64_t first_seq = ticks() + 1;
  const auto head = decoder_.Decode(frame.bytes, *this);
  frame_ = nullptr;
  journal_.PushFrame({.bytes = frame.bytes,
                      .received_ns = frame.received_ns,
                      .received_at = frame.received_at,
                      .connection = frame.connection,
                      .simulated = simulated,
                      .first_seq = first_seq,
                      .instruments = instruments_});
  if (!head) {
    bad_frames_.fetch_add(1, std::memory_order_relaxed);
    outlets_.on_bad_frame(head.error(), frame.bytes.size());
    return;
  }
  frame_skipped_ += head->empty_entries;
  if (frame_skipped_ > 0) {
    skipped_.fetch_add(frame_skipped_, std::memory_order_relaxed);
    if (outlets_.on_skipped) outlets_.on_skipped(frame_skipped_);
  }
  if (head->type == FrameType::kMarketInfo) outlets_.on_market_status(head->segments);
  if (updates_.empty()) return;
  if (head->broker_ms > 0) {
    outlets_.on_broker_time(
        {.received_ns = frame.received_ns, .broker_ms = head->broker_ms, .trade_ms = trade_ms_});
  }
  (void)outlets_.publish(updates_);
  updates_.clear();
}

void Ingest::OnDelta(const Delta& delta) {
  const auto id = listings_.Find(delta.key);
  if (!id || !listings_.counts(*id).wanted.load(std::memory_order_relaxed)) {
    return Skip();
  }
  if (*id >= latest_.size()) {
    latest_.resize(*id + 1U);
    cadences_.resize(*id + 1U);
  }
  Tick& tick = latest_[*id];
  if (!hand_over_.Takes(frame_->connection, *id, delta, tick)) return Skip();
  const std::int64_t traded_ms = tick.last ? tick.last->time_ms : 0;
  Merge(tick, delta);
  hand_over_.OnPublished(*id, tick);
  // A snapshot's trade, or the first that is heard of, may be hours old.
  if (!delta.snapshot && traded_ms > 0 && tick.last && tick.last->time_ms > traded_ms) {
    trade_ms_ = std::max(trade_ms_, tick.last->time_ms);
  }
  if (tick.listing && !delta.snapshot) NoteSpacing(*id, tick.received_at);
  tick.listing = listings_.At(*id);
  tick.seq = seq_.fetch_add(1, std::memory_order_relaxed) + 1;
  tick.received_ns = frame_->received_ns;
  tick.received_at = frame_->received_at;
  tick.broker_ms = broker_ms_;
  tick.simulated = simulated_.load(std::memory_order_relaxed);
  Listings::Counts& counts = listings_.counts(*id);
  counts.ticks.fetch_add(1, std::memory_order_relaxed);
  counts.last_received_ns.store(tick.received_ns, std::memory_order_relaxed);
  if (outlets_.on_tick) outlets_.on_tick(*id, tick);
  updates_.push_back(encoder_.Encode(*id, tick));
  instruments_.push_back(tick.listing->instrument_id);
}

void Ingest::NoteSpacing(InstrumentId id, Monotonic before) {
  Cadence& cadence = cadences_[id];
  cadence.Add(frame_->received_at - before);
  Listings::Counts& counts = listings_.counts(id);
  if (counts.ticks.load(std::memory_order_relaxed) % kTellEvery != 0) return;
  if (const auto p99 = cadence.P99()) {
    counts.p99_spacing_ns.store(p99->count(), std::memory_order_relaxed);
  }
}

void Ingest::Skip() {
  ++frame_skipped_;
  instruments_.push_back(JournaledFrame::kUnwanted);
}

}  // namespace sauda::feed
