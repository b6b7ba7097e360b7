// What StoreFollower does about the journal's age and room.
#include <chrono>

#include "services/feed/src/store_follower.hpp"

namespace sauda::feed {

void StoreFollower::RetainIfDue() {
  const auto now = std::chrono::steady_clock::now();
  if (now < retain_at_) return;
  retain_at_ = now + options_.retain_every;
  auto progress = progress_;
  for (auto& [instance, each] : progress) each.segment = SegmentToReadFrom(instance);
  const auto removals = journal_.PlanRetention(progress);
  if (!removals) return events_.on_journal_failure(removals.error());
  for (const auto& removal : *removals) {
    for (const Gap& gap : removal.gaps) {
      lost_.fetch_add(gap.ticks, std::memory_order_relaxed);
      events_.on_gap(removal.instance, gap);
      auto& owed = owed_[removal.instance];
      if (owed.size() < kMaxOwed) owed.push_back(gap);
    }
    for (const auto& unread : removal.unread) {
      if (candles_ != nullptr) candles_->TakeRemoved(removal.instance, unread.last_seq, unread.gap);
    }
    PayOwed();  // before they go, when the store is there
    if (const auto removed = journal_.Remove(removal); !removed) {
      events_.on_journal_failure(removed.error());
    }
  }
  PayOwed();
}

// Gaps of what had to go before it was stored; the store may be away, which is why it had to.
void StoreFollower::PayOwed() {
  for (auto& [instance, gaps] : owed_) {
    if (gaps.empty()) continue;
    if (!store_.Append({.instance = instance, .gaps = gaps})) return;  // later
    gaps.clear();
  }
}

}  // namespace sauda::feed
