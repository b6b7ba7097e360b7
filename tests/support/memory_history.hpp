#pragma once

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/feed/src/core/history.hpp"

namespace sauda::feed {

/// A History in memory; may be told to fail. Thread-safe.
class MemoryHistory final : public History {
 public:
  Result<std::vector<StoredTick>> Ticks(const TickRange& range) override {
    const std::lock_guard lock{mutex_};
    ++reads_;
    if (failure_) return *failure_;
    std::vector<StoredTick> found;
    const auto first = std::lower_bound(
        ticks_.begin(), ticks_.end(), range.from_ns,
        [](const StoredTick& each, std::int64_t ns) { return each.tick.received_ns < ns; });
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
  void Fail(std::optional<Error> failure) {
    const std::lock_guard lock{mutex_};
    failure_ = std::move(failure);
  }
  /// Calls of Ticks.
  int reads() const {
    const std::lock_guard lock{mutex_};
    return reads_;
  }

 private:
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
};

}  // namespace sauda::feed
