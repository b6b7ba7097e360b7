#pragma once

#include <span>
#include <string>

#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// The broker's frame that says what these ticks say: a snapshot, its instruments in their order.
/// Whoever decodes and merges it has the same values, but for the marks of the frame itself (seq,
/// times, snapshot). Every tick has a listing.
std::string EncodeSnapshot(std::span<const Tick* const> ticks);

}  // namespace sauda::feed
