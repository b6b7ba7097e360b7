// What Candles keeps: saved, loaded, forgotten.
#include <algorithm>
#include <utility>

#include "libs/base/check.hpp"
#include "services/feed/src/core/candles.hpp"

namespace sauda::feed {
namespace {

// Bytes of another layout are refused.
constexpr std::uint64_t kStateVersion = (2ULL << 32U) | (sizeof(Minute) << 16U) | sizeof(Candle);

}  // namespace

void Candles::Save(StateWriter& out) const {
  out.Put(kStateVersion);
  out.Put(closed_to_ms_);
  out.Put(gaps_);
  out.Put(static_cast<std::uint64_t>(next_gap_));
  out.Put(static_cast<std::uint32_t>(lines_.size()));
  for (const auto& line : lines_) {
    out.Put(line != nullptr);
    if (!line) continue;
    line->history.Save(out);
    out.Put(line->newest);
    out.Put(line->shown);
    out.Put(static_cast<std::uint64_t>(line->next_shown));
    out.Put(line->first_seen_ms);
    out.Put(line->ticked_ms);
    out.Put(line->counted_vtt);
    out.Put(line->vtt_known);
    out.Put(line->due_ms);
    out.Put(line->finished);
  }
}

bool Candles::Load(StateReader& in, std::span<const std::string> keys) {
  if (LoadAll(in, keys)) return true;
  ForgetAll();
  return false;
}

void Candles::ForgetAll() {
  lines_.clear();
  closed_to_ms_ = kLongAgo;
  gaps_ = {};
  next_gap_ = 0;
}

bool Candles::LoadAll(StateReader& in, std::span<const std::string> keys) {
  if (in.Take<std::uint64_t>() != kStateVersion) return false;
  closed_to_ms_ = in.Take<std::int64_t>();
  gaps_ = in.Take<decltype(gaps_)>();
  next_gap_ = in.Take<std::uint64_t>() % kGaps;
  const auto count = in.Take<std::uint32_t>();
  if (!in.good() || count > keys.size()) return false;
  lines_.clear();
  lines_.resize(count);
  for (InstrumentId id = 0; id < count; ++id) {
    if (!in.Take<bool>()) continue;
    Line& line = *(lines_[id] = MakeLine(id, keys[id]));
    if (!line.history.Load(in)) return false;
    line.newest = in.Take<Shown>();
    line.shown = in.Take<decltype(line.shown)>();
    line.next_shown = in.Take<std::uint64_t>() % kRemembered;
    line.first_seen_ms = in.Take<std::int64_t>();
    line.ticked_ms = in.Take<std::int64_t>();
    line.counted_vtt = in.Take<std::int64_t>();
    line.vtt_known = in.Take<bool>();
    line.due_ms = in.Take<std::int64_t>();
    line.finished = in.Take<decltype(line.finished)>();
  }
  return in.good();
}

void Candles::Forget(InstrumentId id) {
  if (id < lines_.size()) lines_[id].reset();
}

std::vector<InstrumentId> Candles::Prune(std::chrono::milliseconds age, std::int64_t now_ms) {
  Check(queue_.empty(), "a bar that waits has its earlier number");
  std::int64_t newest_ms = 0;
  for (const auto& line : lines_) {
    if (line) newest_ms = std::max(newest_ms, std::min(line->newest.time_ms, now_ms));
  }
  std::vector<InstrumentId> kept;
  for (InstrumentId id = 0; id < lines_.size(); ++id) {
    auto line = std::move(lines_[id]);
    if (!line || line->newest.time_ms < newest_ms - age.count()) continue;
    line->id = static_cast<InstrumentId>(kept.size());
    lines_[kept.size()] = std::move(line);
    kept.push_back(id);
  }
  lines_.resize(kept.size());
  return kept;
}

}  // namespace sauda::feed
