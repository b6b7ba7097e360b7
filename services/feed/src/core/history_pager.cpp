#include "services/feed/src/core/history_pager.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace sauda::feed {

HistoryPager::HistoryPager(TickRange whole)
    : rest_{std::move(whole)},
      left_{rest_.limit == 0 ? std::numeric_limits<std::uint64_t>::max() : rest_.limit} {
  if (rest_.after && rest_.after->received_ns < rest_.from_ns) rest_.after.reset();
  if (rest_.after) rest_.from_ns = rest_.after->received_ns;
  done_ = rest_.from_ns >= rest_.to_ns;
}

TickRange HistoryPager::Next() const {
  TickRange page = rest_;
  page.to_ns = EndOfStretch();
  page.limit = Limit();
  return page;
}

void HistoryPager::Took(std::span<const StoredTick> page) {
  const bool full = page.size() >= Limit();  // then there may be more in this stretch
  left_ -= std::min<std::uint64_t>(left_, page.size());
  if (full) {
    rest_.after = page.back().place();
    rest_.from_ns = page.back().tick.received_ns;
    stretch_ns_ = std::max(stretch_ns_ / 2, kLeastStretchNs);
  } else {
    rest_.from_ns = EndOfStretch();
    rest_.after.reset();
    if (page.size() < kPageTicks / 2) {
      stretch_ns_ = std::min(stretch_ns_, std::numeric_limits<std::int64_t>::max() / 4) * 2;
    }
  }
  done_ = left_ == 0 || rest_.from_ns >= rest_.to_ns;
}

std::int64_t HistoryPager::EndOfStretch() const {
  if (rest_.keys.size() == 1) return rest_.to_ns;
  const std::uint64_t left = static_cast<std::uint64_t>(rest_.to_ns) -
                             static_cast<std::uint64_t>(rest_.from_ns);  // never overflows
  if (left <= static_cast<std::uint64_t>(stretch_ns_)) return rest_.to_ns;
  return rest_.from_ns + stretch_ns_;
}

std::uint64_t HistoryPager::Limit() const { return std::min(kPageTicks, left_); }

}  // namespace sauda::feed
