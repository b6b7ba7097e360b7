#include "services/feed/src/core/socket_limits.hpp"

#include <algorithm>

namespace sauda::feed {

std::size_t LimitOf(Mode mode, bool mixed) {
  const ModeLimit& limit = kModeLimits.at(IndexOf(mode));
  return mixed ? std::min(limit.alone, limit.mixed) : limit.alone;
}

bool IsMixed(const KeysByMode& keys) {
  return std::count_if(keys.begin(), keys.end(), [](std::size_t n) { return n > 0; }) > 1;
}

std::optional<Mode> OverLimit(const KeysByMode& keys) {
  const bool mixed = IsMixed(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto mode = static_cast<Mode>(i + 1);
    if (keys.at(i) > LimitOf(mode, mixed)) return mode;
  }
  return std::nullopt;
}

}  // namespace sauda::feed
