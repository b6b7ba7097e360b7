#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "libs/base/clock.hpp"
#include "services/feed/src/metrics.hpp"

namespace sauda::feed {

inline double SecondsSince(Monotonic then, Monotonic now) {
  return std::chrono::duration<double>(now - then).count();
}

/// Adds what lies between the read of each item's frame and `now`; the items of a frame come
/// together and cost no more than one.
template <typename Item>
void AddSince(SecondsBatch& batch, std::span<const Item> items, Monotonic now) {
  constexpr std::size_t kFew = 5;
  if (items.size() <= kFew) {
    for (const Item& item : items) batch.Observe(SecondsSince(item.received_at, now));
    return;
  }
  for (auto first = items.begin(); first != items.end();) {
    const auto other = [&](const Item& item) { return item.received_at != first->received_at; };
    const auto last = std::find_if(first, items.end(), other);
    batch.Add(SecondsSince(first->received_at, now), static_cast<std::uint64_t>(last - first));
    first = last;
  }
  batch.Flush();
}

}  // namespace sauda::feed
