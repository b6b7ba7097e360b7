#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// What a stream is to follow without naming it, as its caller says it.
struct WantedFollow {
  static constexpr std::size_t kMostUnderlyings = 250;

  std::set<Kind> kinds;                  ///< only these; none: any
  std::vector<std::string> underlyings;  ///< keys or symbols
  bool universe = false;                 ///< the F&O universe

  /// Nothing is asked for.
  bool empty() const { return kinds.empty() && underlyings.empty() && !universe; }
};

/// Which keys a stream follows without having named them. The kinds narrow what the other two take;
/// those add up. Underlyings are broker keys.
struct FollowFilter {
  std::set<Kind> kinds;  ///< none: any
  /// These, and the contracts that are written on them. Absent: not asked for.
  std::optional<std::set<std::string>> underlyings;
  /// The same of the F&O universe, contracts of NSE_FO alone. Absent: not asked for.
  std::optional<std::set<std::string>> universe;

  /// It takes nothing.
  bool empty() const { return kinds.empty() && !underlyings && !universe; }
  bool Takes(const Listing& listing) const;
};

}  // namespace sauda::feed
