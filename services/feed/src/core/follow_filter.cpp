#include "services/feed/src/core/follow_filter.hpp"

namespace sauda::feed {

bool FollowFilter::Takes(const Listing& listing) const {
  if (empty()) return false;
  if (!kinds.empty() && !kinds.contains(listing.kind)) return false;
  if (!underlyings && !universe) return true;
  const auto written_on = [&listing](const std::set<std::string>& keys) {
    return !listing.underlying.empty() && keys.contains(listing.underlying);
  };
  // A contract can be an underlying too: options on commodities are written on futures.
  if (underlyings && (underlyings->contains(listing.key) || written_on(*underlyings))) return true;
  if (!universe) return false;
  return universe->contains(listing.key) ||
         (listing.key.starts_with("NSE_FO|") && written_on(*universe));
}

}  // namespace sauda::feed
