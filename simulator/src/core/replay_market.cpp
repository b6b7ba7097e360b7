#include "simulator/src/core/replay_market.hpp"

#include <algorithm>

#include "libs/base/check.hpp"
#include "simulator/src/core/market_hours.hpp"

namespace sauda::sim {
namespace {

/// A trade that is newer than its recording by more than this is taken for a broken stamp, not for
/// a recorder whose clock runs behind.
constexpr std::int64_t kMostLagMs = 60'000;

/// Lays an element over what is known: the parts that it lacks stay, and the totals that it leaves
/// out. Zero is left out too, so what may be zero again is taken from every element with a depth.
void Merge(const FullState& from, FullState& into) {
  FullState merged = from;
  merged.parts |= into.parts;
  merged.index |= into.index;
  merged.cas_eligible |= into.cas_eligible;
  const auto keep_known = [](auto known, auto& value) {
    if (value == 0) value = known;
  };
  keep_known(into.atp, merged.atp);
  keep_known(into.vtt, merged.vtt);
  keep_known(into.oi, merged.oi);
  keep_known(into.iv, merged.iv);
  const auto keeps = [&](Part part) { return (from.parts & part) == 0; };
  if (keeps(kTrade)) {
    merged.ltp = into.ltp;
    merged.ltt_ms = into.ltt_ms;
    merged.ltq = into.ltq;
    merged.cp = into.cp;
    merged.trade_iep = into.trade_iep;
  }
  if (keeps(kDepth)) {
    merged.depth = into.depth;
    keep_known(into.tbq, merged.tbq);
    keep_known(into.tsq, merged.tsq);
    keep_known(into.iep, merged.iep);
    keep_known(into.rp, merged.rp);
    keep_known(into.ieq, merged.ieq);
    keep_known(into.iiq_total, merged.iiq_total);
    keep_known(into.iiq_market, merged.iiq_market);
  }
  if (keeps(kGreeks)) merged.greeks = into.greeks;
  if (keeps(kBars)) merged.bars = into.bars;
  into = std::move(merged);
}

}  // namespace

Result<CaptureSummary> Summarise(CaptureSource& source) {
  CaptureSummary summary;
  std::unordered_map<std::string, std::size_t> position;
  for (;;) {
    auto next = source.Next();
    if (!next) return next.error();
    if (!*next) break;
    const Captured& element = **next;
    const auto [at, is_new] =
        position.try_emplace(element.instrument_key, summary.elements_by_key.size());
    if (is_new) summary.elements_by_key.emplace_back(element.instrument_key, 0);
    ++summary.elements_by_key[at->second].second;
    if (summary.elements++ == 0) summary.first_recorded_ms = element.recorded_ms;
    summary.last_recorded_ms = element.recorded_ms;
    const std::int64_t lag = element.state.ltt_ms - element.recorded_ms;
    if (lag <= kMostLagMs) summary.clock_lag_ms = std::max(summary.clock_lag_ms, lag);
  }
  if (summary.elements == 0) {
    return Error{Code::kInvalidArgument, "CAPTURE_EMPTY", "the capture holds no element"};
  }
  if (auto rewound = source.Rewind(); !rewound) return rewound.error();
  return summary;
}

void AddMissing(const CaptureSummary& summary, std::vector<Listing>& listings) {
  std::unordered_map<std::string_view, bool> missing;
  for (const auto& [key, count] : summary.elements_by_key) missing.emplace(key, true);
  for (const Listing& listing : listings) missing.erase(listing.instrument_key);
  for (const auto& [key, count] : summary.elements_by_key) {
    if (!missing.contains(key)) continue;
    Listing made;
    const std::size_t bar = key.find('|');
    made.segment = key.substr(0, bar);
    made.exchange = made.segment.substr(0, made.segment.find('_'));
    if (made.exchange == "NCD") made.exchange = "NSE";
    if (made.exchange == "BCD") made.exchange = "BSE";
    made.name = made.trading_symbol = bar == std::string::npos ? key : key.substr(bar + 1);
    made.exchange_token = made.name;
    made.instrument_key = key;
    const bool index = made.segment.find("_INDEX") != std::string::npos;
    made.instrument_type = index ? "INDEX" : "EQ";
    if (!index) {
      made.lot_size = 1;
      made.tick_size = 5;
    }
    listings.push_back(std::move(made));
  }
}

ReplayMarket::ReplayMarket(const Master& master, CaptureSource& source, CaptureSummary summary,
                           Options options, Monotonic now)
    : master_{master},
      source_{source},
      summary_{std::move(summary)},
      options_{options},
      statuses_{AllSegments(SegmentStatus::kNormalOpen)},
      anchor_{now},
      anchor_recorded_ms_{summary_.first_recorded_ms} {
  for (const auto& [key, count] : summary_.elements_by_key) {
    const auto id = master.Find(key);
    Check(id.has_value(), "every key of the capture is in the master");
    ids_.emplace(key, *id);
    followers_.emplace(*id, 0);
    awaited_.insert(*id);
  }
  if (!options_.on_subscribe) awaited_.clear();
}

std::int64_t ReplayMarket::NowMs(Monotonic now) const {
  const auto since = [&](double speed) {
    const double ms = std::chrono::duration<double, std::milli>(now - anchor_).count();
    return static_cast<std::int64_t>(std::max(0.0, ms) * speed);
  };
  std::int64_t recorded_ms = anchor_recorded_ms_;
  if (phase_ == MarketPhase::kEnded) {
    recorded_ms += since(1);
  } else if (phase_ == MarketPhase::kRunning && options_.speed > 0) {
    recorded_ms += since(options_.speed);
    // The clock does not run past an element that was not served yet.
    if (next_) recorded_ms = std::min(recorded_ms, next_->recorded_ms);
    recorded_ms = std::max(recorded_ms, last_served_ms_);
  }
  return recorded_ms + summary_.clock_lag_ms;
}

double ReplayMarket::Speed() const {
  switch (phase_) {
    case MarketPhase::kWaiting:
      return 0;
    case MarketPhase::kRunning:
      return options_.speed;
    case MarketPhase::kEnded:
      return 1;
  }
  return 0;
}

const FullState* ReplayMarket::State(ListingId id) {
  const auto found = states_.find(id);
  return found == states_.end() ? nullptr : &found->second;
}

std::uint64_t ReplayMarket::served(ListingId id) const {
  const auto found = numbers_.find(id);
  return found == numbers_.end() ? 0 : found->second;
}

void ReplayMarket::Follow(ListingId id) {
  const auto found = followers_.find(id);
  if (found == followers_.end()) return;
  ++found->second;
  awaited_.erase(id);
}

void ReplayMarket::Unfollow(ListingId id) {
  const auto found = followers_.find(id);
  if (found == followers_.end() || found->second == 0) return;
  const bool waits = phase_ == MarketPhase::kWaiting && options_.on_subscribe;
  if (--found->second == 0 && waits) awaited_.insert(id);
}

std::span<const Update> ReplayMarket::Advance(Monotonic now, std::size_t budget) {
  batch_.clear();
  published_.clear();
  if (phase_ == MarketPhase::kEnded || !awaited_.empty()) return {};
  if (phase_ == MarketPhase::kWaiting) Start(now);
  while (published_.size() < budget && phase_ == MarketPhase::kRunning) {
    if (options_.stepped && steps_ == 0) break;
    if (options_.stepped && (next_ || published_.empty())) --steps_;
    if (!next_) {
      if (!published_.empty()) break;  // the end is announced apart from the last element
      End(now);
      continue;
    }
    if (options_.speed > 0 && now < DueAt(next_->recorded_ms)) break;
    Serve();
  }
  return published_;
}

void ReplayMarket::Start(Monotonic now) {
  phase_ = MarketPhase::kRunning;
  statuses_ = AllSegments(SegmentStatus::kNormalOpen);
  anchor_ = now;
  anchor_recorded_ms_ = last_served_ms_ = summary_.first_recorded_ms;
  Fetch();
}

void ReplayMarket::Fetch() {
  auto next = source_.Next();
  if (next) {
    next_ = std::move(*next);
  } else {
    failure_ = next.error();
    next_.reset();
  }
}

void ReplayMarket::Serve() {
  const ListingId id = ids_.at(next_->instrument_key);
  last_served_ms_ = std::max(last_served_ms_, next_->recorded_ms);
  if (options_.speed <= 0) anchor_recorded_ms_ = last_served_ms_;
  const auto [known, is_new] = states_.try_emplace(id, next_->state);
  if (!is_new) Merge(next_->state, known->second);
  batch_.push_back(std::move(next_->state));
  published_.push_back({.id = id,
                        .number = ++numbers_[id],
                        .market_ms = last_served_ms_ + summary_.clock_lag_ms,
                        .state = &batch_.back()});
  ++served_;
  Fetch();
}

void ReplayMarket::End(Monotonic now) {
  if (options_.loop && !failure_) {
    const auto rewound = source_.Rewind();
    if (rewound) {
      Start(now);
      return;
    }
    failure_ = rewound.error();
  }
  phase_ = MarketPhase::kEnded;
  statuses_ = AllSegments(SegmentStatus::kNormalClose);
  anchor_ = now;
  anchor_recorded_ms_ = last_served_ms_;
}

Monotonic ReplayMarket::DueAt(std::int64_t recorded_ms) const {
  const double ms = static_cast<double>(recorded_ms - anchor_recorded_ms_) / options_.speed;
  return anchor_ + std::chrono::duration_cast<Monotonic::duration>(
                       std::chrono::duration<double, std::milli>(ms));
}

std::optional<Monotonic> ReplayMarket::NextDue() const {
  if (phase_ == MarketPhase::kEnded || !awaited_.empty()) return std::nullopt;
  if (options_.stepped && steps_ == 0 && phase_ == MarketPhase::kRunning) return std::nullopt;
  if (phase_ == MarketPhase::kWaiting || !next_ || options_.speed <= 0) return anchor_;
  return DueAt(next_->recorded_ms);
}

}  // namespace sauda::sim
