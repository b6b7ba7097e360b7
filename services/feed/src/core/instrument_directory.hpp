#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/selection.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Some listings of how many there are.
struct FoundListings {
  std::vector<Listing> listings;
  std::size_t total = 0;
};

/// Finds out what a name stands for. Blocks, with a deadline; thread-safe.
class InstrumentDirectory {
 public:
  virtual ~InstrumentDirectory() = default;

  /// One listing for each name (key or trading symbol), in order; absent where nothing, or more
  /// than one thing, goes by it. Fails with kUnavailable / INSTRUMENTS_DOWN when a name is not in
  /// hand and the instruments service is away.
  virtual Result<std::vector<std::optional<Listing>>> Find(const std::vector<std::string>& names,
                                                           const std::string& request_id) = 0;

  /// Active instruments of one kind, nearest expiry and strike first; no more than the query's
  /// limit. Fails with kUnavailable / INSTRUMENTS_DOWN when the instruments service is away, or
  /// with kInvalidArgument and its reason when it refuses the query.
  virtual Result<FoundListings> List(const InstrumentQuery& query,
                                     const std::string& request_id) = 0;

  /// As Find. Fails also with kNotFound / INSTRUMENT_UNKNOWN naming the first that has no listing.
  Result<std::vector<Listing>> Resolve(const std::vector<std::string>& names,
                                       const std::string& request_id);
};

/// What is said of a name that has no listing: kNotFound / INSTRUMENT_UNKNOWN.
Error UnknownName(const std::string& name);

}  // namespace sauda::feed
