#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "services/feed/src/core/history.hpp"

namespace sauda::feed {

/// Cuts the reading of a range into pages that cost little each. The ticks of one instrument lie in
/// the order of reading already, so a page of them is the next so many. Those of several must be
/// put in order first: a page of them is a stretch of time, as long as the last ones say that a
/// page may be, so that what is sorted for a page is about what the page holds.
class HistoryPager {
 public:
  static constexpr std::uint64_t kPageTicks = 1'000;
  static constexpr std::int64_t kFirstStretchNs = 1'000'000'000;
  static constexpr std::int64_t kLeastStretchNs = 1'000'000;

  /// `whole.limit` 0: no limit.
  explicit HistoryPager(TickRange whole);

  /// Nothing is left to be read.
  bool done() const { return done_; }

  /// What to read next; not when done.
  TickRange Next() const;

  /// What Next's range held.
  void Took(std::span<const StoredTick> page);

 private:
  std::int64_t EndOfStretch() const;
  std::uint64_t Limit() const;

  TickRange rest_;
  std::uint64_t left_;  // of the whole's limit
  std::int64_t stretch_ns_ = kFirstStretchNs;
  bool done_;
};

}  // namespace sauda::feed
