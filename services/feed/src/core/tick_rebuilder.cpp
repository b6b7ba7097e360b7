#include "services/feed/src/core/tick_rebuilder.hpp"

namespace sauda::feed {
namespace {

Error Mismatch(const std::string& what) {
  return {Code::kDataLoss, "JOURNAL_MISMATCH", "a journaled frame is not what it was: " + what};
}

}  // namespace

Result<void> TickRebuilder::TakeState(const JournaledFrame& state) { return Read(state, nullptr); }

Result<void> TickRebuilder::Rebuild(const JournaledFrame& frame, std::vector<Tick>& ticks) {
  if (frame.ticks() == 0) return {};  // nothing was merged either
  const std::size_t before = ticks.size();
  auto read = Read(frame, &ticks);
  if (!read) ticks.resize(before);
  return read;
}

Result<void> TickRebuilder::Read(const JournaledFrame& frame, std::vector<Tick>* ticks) {
  frame_ = &frame;
  ticks_ = ticks;
  entry_ = 0;
  next_seq_ = frame.first_seq;
  broker_ms_ = 0;
  const auto head = decoder_.Decode(frame.bytes, *this);
  frame_ = nullptr;
  if (!head) return Mismatch(head.error().message);
  if (entry_ == frame.instruments.size()) return {};
  return Mismatch("it holds " + std::to_string(entry_) + " instruments and not " +
                  std::to_string(frame.instruments.size()));
}

void TickRebuilder::OnDelta(const Delta& delta) {
  const std::size_t entry = entry_++;
  if (entry >= frame_->instruments.size()) return;  // a mismatch, told at the end
  const std::int64_t instrument_id = frame_->instruments[entry];
  if (instrument_id == JournaledFrame::kUnwanted) return;
  Tick& tick = LatestOf(delta.key, instrument_id);
  Merge(tick, delta);
  if (ticks_ == nullptr) return;
  tick.seq = next_seq_++;
  tick.received_ns = frame_->received_ns;
  tick.received_at = frame_->received_at;
  tick.broker_ms = broker_ms_;
  tick.simulated = frame_->simulated;
  ticks_->push_back(tick);
}

Tick& TickRebuilder::LatestOf(std::string_view key, std::int64_t instrument_id) {
  auto found = latest_.find(key);
  if (found == latest_.end()) found = latest_.emplace(std::string{key}, Tick{}).first;
  Tick& tick = found->second;
  if (!tick.listing || tick.listing->instrument_id != instrument_id) {
    tick.listing = std::make_shared<const Listing>(
        Listing{.key = std::string{key}, .instrument_id = instrument_id});
  }
  return tick;
}

}  // namespace sauda::feed
