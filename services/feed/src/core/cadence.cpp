#include "services/feed/src/core/cadence.hpp"

#include <algorithm>
#include <cmath>

namespace sauda::feed {
namespace {

constexpr double kFirstMs = 10;
constexpr double kPerDoubling = 4;

}  // namespace

void Cadence::Add(std::chrono::nanoseconds spacing) {
  const double ms = std::chrono::duration<double, std::milli>(spacing).count();
  const double place = ms <= kFirstMs ? 0 : std::ceil(kPerDoubling * std::log2(ms / kFirstMs));
  ++counts_.at(std::min(static_cast<std::size_t>(place), kBuckets - 1));
  if (++total_ < kForgetAt) return;
  total_ = 0;
  for (std::uint16_t& count : counts_) {
    count = static_cast<std::uint16_t>(count / 2);
    total_ += count;
  }
}

std::optional<std::chrono::nanoseconds> Cadence::P99() const {
  if (total_ < kEnough) return std::nullopt;
  std::uint32_t longer = total_ / 100;  // that may be
  std::size_t bucket = kBuckets - 1;
  while (counts_.at(bucket) <= longer) longer -= counts_.at(bucket--);
  const double ms = kFirstMs * std::exp2(static_cast<double>(bucket) / kPerDoubling);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double, std::milli>{ms});
}

}  // namespace sauda::feed
