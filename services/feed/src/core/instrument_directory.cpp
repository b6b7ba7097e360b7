#include "services/feed/src/core/instrument_directory.hpp"

#include <utility>

namespace sauda::feed {

Error UnknownName(const std::string& name) {
  return {Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument goes by " + name};
}

Result<std::vector<Listing>> InstrumentDirectory::Resolve(const std::vector<std::string>& names,
                                                          const std::string& request_id) {
  auto found = Find(names, request_id);
  if (!found) return found.error();
  std::vector<Listing> listings;
  listings.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!(*found)[i]) return UnknownName(names[i]);
    listings.push_back(*std::move((*found)[i]));
  }
  return listings;
}

}  // namespace sauda::feed
