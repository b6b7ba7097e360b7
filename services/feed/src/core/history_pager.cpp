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

Result<std::vector<StoredTick>> HistoryPager::Read(History& history) {
  if (by_stretch() && rest_.from_ns >= known_to_ns_) {
    if (auto passed = PassOverNothing(history); !passed) return passed.error();
    return std::vector<StoredTick>{};
  }
  auto page = history.Ticks(Next());
  if (page) {
    Took(*page);
  } else if (page.error().reason == "STATEMENT_TIMEOUT" && TakeLess()) {
    return std::vector<StoredTick>{};
  }
  return page;
}

Result<void> HistoryPager::PassOverNothing(History& history) {
  const auto stretch = history.StretchAfter(rest_.from_ns);
  if (!stretch) return stretch.error();
  if (!*stretch || (*stretch)->from_ns >= rest_.to_ns) {
    done_ = true;
    return {};
  }
  known_to_ns_ = (*stretch)->to_ns;
  if ((*stretch)->from_ns <= rest_.from_ns) return {};
  rest_.from_ns = (*stretch)->from_ns;
  rest_.after.reset();
  stretch_ns_ = std::min(stretch_ns_, kFirstStretchNs);
  return {};
}

void HistoryPager::Took(std::span<const StoredTick> page) {
  const bool full = page.size() >= Limit();  // then there may be more in this stretch
  left_ -= std::min<std::uint64_t>(left_, page.size());
  if (full) {
    rest_.after = page.back().place();
    rest_.from_ns = page.back().tick.received_ns;
    const std::int64_t filled_ns = rest_.from_ns - page.front().tick.received_ns;
    stretch_ns_ = std::max(std::min(stretch_ns_ / 2, filled_ns), kLeastStretchNs);
  } else {
    rest_.from_ns = EndOfStretch();
    rest_.after.reset();
    if (page.size() < kPageTicks / 2) stretch_ns_ = std::min(stretch_ns_ * 2, kMostStretchNs);
  }
  done_ = left_ == 0 || rest_.from_ns >= rest_.to_ns;
}

bool HistoryPager::TakeLess() {
  if (!by_stretch() || stretch_ns_ <= kLeastStretchNs) return false;
  stretch_ns_ = std::max(stretch_ns_ / 2, kLeastStretchNs);
  return true;
}

std::int64_t HistoryPager::EndOfStretch() const {
  if (!by_stretch()) return rest_.to_ns;
  const std::int64_t to_ns =
      rest_.from_ns < known_to_ns_ ? std::min(rest_.to_ns, known_to_ns_) : rest_.to_ns;
  const std::uint64_t left = static_cast<std::uint64_t>(to_ns) -
                             static_cast<std::uint64_t>(rest_.from_ns);  // never overflows
  if (left <= static_cast<std::uint64_t>(stretch_ns_)) return to_ns;
  return rest_.from_ns + stretch_ns_;
}

std::uint64_t HistoryPager::Limit() const { return std::min(kPageTicks, left_); }

}  // namespace sauda::feed
