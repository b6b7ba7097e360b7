#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/feed/src/core/history.hpp"

namespace sauda::feed {

/// A History in memory; may be told to fail, or to be slow. Thread-safe.
class MemoryHistory final : public History {
 public:
  Result<std::vector<StoredTick>> Ticks(const TickRange& range) override {
    std::unique_lock lock{mutex_};
    ++reads_;
    changed_.wait(lock, [this] { return !held_; });
    if (failure_) return *failure_;
    std::vector<StoredTick> found;
    const auto first = std::lower_bound(
        ticks_.begin(), ticks_.end(), range.from_ns,
        [](const StoredTick& each, std::int64_t ns) { return each.tick.received_ns < ns; });
    if (range.keys.size() != 1 && CountUpTo(range.to_ns, first) > most_sorted_) {
      ++timeouts_;
      return Error{Code::kDeadlineExceeded, "STATEMENT_TIMEOUT", "too much to put in order"};
    }
    for (auto each = first; each != ticks_.end() && found.size() < range.limit; ++each) {
      if (each->tick.received_ns >= range.to_ns) break;
      const auto& keys = range.keys;
      const bool wanted = keys.empty() || std::find(keys.begin(), keys.end(),
                                                    each->tick.listing->key) != keys.end();
      const bool later = !range.after || Order(*range.after) < Order(each->place());
      if (wanted && later) found.push_back(*each);
    }
    return found;
  }

  /// The days (UTC) are its partitions.
  Result<std::optional<TimeStretch>> StretchAfter(std::int64_t from_ns) override {
    const std::lock_guard lock{mutex_};
    if (failure_) return *failure_;
    for (const StoredTick& each : ticks_) {
      const std::int64_t day = each.tick.received_ns / kDayNs;
      if ((day + 1) * kDayNs > from_ns) return TimeStretch{day * kDayNs, (day + 1) * kDayNs};
    }
    return std::optional<TimeStretch>{};
  }

  Result<std::vector<StoredGap>> Gaps(const GapRange& range) override {
    const std::lock_guard lock{mutex_};
    if (failure_) return *failure_;
    std::vector<StoredGap> found;
    for (const StoredGap& each : gaps_) {
      const bool later = !range.after || Order(*range.after) < Order(PlaceOf(each));
      const bool touches = each.gap.to_ns >= range.from_ns && each.gap.from_ns < range.to_ns;
      if (touches && later) found.push_back(each);
    }
    std::sort(found.begin(), found.end(), [](const StoredGap& a, const StoredGap& b) {
      return Order(PlaceOf(a)) < Order(PlaceOf(b));
    });
    if (found.size() > range.limit) found.resize(range.limit);
    return found;
  }

  void Put(const std::string& instance, const std::vector<Tick>& ticks,
           const std::vector<Gap>& gaps = {}) {
    const std::lock_guard lock{mutex_};
    for (const Tick& tick : ticks) ticks_.push_back({instance, tick});
    std::sort(ticks_.begin(), ticks_.end(), [](const StoredTick& a, const StoredTick& b) {
      return Order(a.place()) < Order(b.place());
    });
    for (const Gap& gap : gaps) gaps_.push_back({instance, gap});
  }
  /// While it is held no Ticks returns.
  void Hold(bool held) {
    const std::lock_guard lock{mutex_};
    held_ = held;
    changed_.notify_all();
  }
  void Fail(std::optional<Error> failure) {
    const std::lock_guard lock{mutex_};
    failure_ = std::move(failure);
  }
  /// A read of several keys times out when the time that it asks for holds more ticks, of whomever.
  void SetMostSorted(std::ptrdiff_t most) {
    const std::lock_guard lock{mutex_};
    most_sorted_ = most;
  }
  /// Reads that held too many.
  int timeouts() const {
    const std::lock_guard lock{mutex_};
    return timeouts_;
  }
  /// Calls of Ticks.
  int reads() const {
    const std::lock_guard lock{mutex_};
    return reads_;
  }

 private:
  static constexpr std::int64_t kDayNs = 86'400'000'000'000;

  std::ptrdiff_t CountUpTo(std::int64_t to_ns, std::vector<StoredTick>::const_iterator from) const {
    const auto end = std::lower_bound(
        from, ticks_.cend(), to_ns,
        [](const StoredTick& each, std::int64_t ns) { return each.tick.received_ns < ns; });
    return end - from;
  }
  static std::tuple<std::int64_t, std::string, std::uint64_t> Order(const TickPlace& place) {
    return {place.received_ns, place.instance, place.seq};
  }
  static std::tuple<std::int64_t, std::string, std::uint64_t> Order(const GapRange::Place& place) {
    return {place.from_ns, place.instance, place.number};
  }

  mutable std::mutex mutex_;       // guards the rest
  std::vector<StoredTick> ticks_;  // in the order of reading
  std::vector<StoredGap> gaps_;
  std::optional<Error> failure_;
  int reads_ = 0;
  int timeouts_ = 0;
  bool held_ = false;
  std::condition_variable changed_;
  std::ptrdiff_t most_sorted_ = std::numeric_limits<std::ptrdiff_t>::max();
};

}  // namespace sauda::feed
