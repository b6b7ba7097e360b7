#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Keys that the broker takes in one mode on one connection. Source: the broker's "Market data feed
/// V3", limits.
struct ModeLimit {
  std::size_t alone = 0;
  std::size_t mixed = 0;  ///< once another mode is in use too
};
inline constexpr std::array<ModeLimit, 4> kModeLimits{
    {{5'000, 2'000}, {3'000, 2'000}, {2'000, 1'500}, {50, 1'500}}};

/// Keys by mode, least first.
using KeysByMode = std::array<std::size_t, 4>;

/// Of a mode in KeysByMode.
inline std::size_t IndexOf(Mode mode) { return static_cast<std::size_t>(mode) - 1; }

/// The least of the two that applies; a mixed limit never raises the one alone.
std::size_t LimitOf(Mode mode, bool mixed);

/// The first mode that one connection would carry too many of; absent: it takes them all.
std::optional<Mode> OverLimit(const KeysByMode& keys);

/// Whether more than one mode is in use.
bool IsMixed(const KeysByMode& keys);

}  // namespace sauda::feed
