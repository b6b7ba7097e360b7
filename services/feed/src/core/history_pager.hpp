#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "services/feed/src/core/history.hpp"

namespace sauda::feed {

/// Reads a range in pages that cost little each. The ticks of one instrument lie in the order of
/// reading already, so a page of them is the next so many. Those of several must be put in order
/// first: a page of them is a stretch of time, as long as the last ones say that a page may be, so
/// that what is sorted for a page is about what the page holds. A silence lengthens the stretch, up
/// to `kMostStretchNs`, since what ends it may be an opening; days of which nothing is stored are
/// passed over. What the store cannot read in time is tried again by halves.
class HistoryPager {
 public:
  static constexpr std::uint64_t kPageTicks = 1'000;
  static constexpr std::int64_t kFirstStretchNs = 1'000'000'000;
  static constexpr std::int64_t kLeastStretchNs = 1'000'000;
  static constexpr std::int64_t kMostStretchNs = 300'000'000'000;

  /// `whole.limit` 0: no limit.
  explicit HistoryPager(TickRange whole);

  /// Nothing is left to be read.
  bool done() const { return done_; }

  /// What a page holds that is read now; not when done.
  TickRange Next() const;

  /// Goes on by one call of `history`; not when done. What it gives may be empty without being the
  /// end. Fails as History; then the place is kept. STATEMENT_TIMEOUT is only given when the least
  /// that can be asked for took too long.
  Result<std::vector<StoredTick>> Read(History& history);

 private:
  Result<void> PassOverNothing(History& history);
  void Took(std::span<const StoredTick> page);
  /// False: a page cannot be asked for that costs less.
  bool TakeLess();
  bool by_stretch() const { return rest_.keys.size() != 1; }
  std::int64_t EndOfStretch() const;
  std::uint64_t Limit() const;

  TickRange rest_;
  std::uint64_t left_;  // of the whole's limit
  std::int64_t stretch_ns_ = kFirstStretchNs;
  std::int64_t known_to_ns_ =
      std::numeric_limits<std::int64_t>::min();  // end of what may hold some
  bool done_;
};

}  // namespace sauda::feed
