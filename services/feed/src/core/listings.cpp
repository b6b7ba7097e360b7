#include "services/feed/src/core/listings.hpp"

#include <mutex>

#include "libs/base/check.hpp"

namespace sauda::feed {

InstrumentId Listings::Add(const Listing& listing) {
  const std::unique_lock lock{mutex_};
  if (const auto found = ids_.find(listing.key); found != ids_.end()) {
    auto& known = entries_[found->second].listing;
    const bool says_more = listing.instrument_id != 0 || known->instrument_id == 0;
    if (says_more && *known != listing) known = std::make_shared<const Listing>(listing);
    return found->second;
  }
  const auto id = static_cast<InstrumentId>(entries_.size());
  keys_.push_back(listing.key);
  ids_.emplace(keys_.back(), id);
  entries_.emplace_back().listing = std::make_shared<const Listing>(listing);
  return id;
}

std::optional<InstrumentId> Listings::Find(std::string_view key) const {
  const std::shared_lock lock{mutex_};
  const auto found = ids_.find(key);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::shared_ptr<const Listing> Listings::At(InstrumentId id) const {
  const std::shared_lock lock{mutex_};
  Check(id < entries_.size(), "unknown instrument id");
  return entries_[id].listing;
}

Listings::Counts& Listings::counts(InstrumentId id) const {
  const std::shared_lock lock{mutex_};
  Check(id < entries_.size(), "unknown instrument id");
  return entries_[id].counts;
}

std::size_t Listings::size() const {
  const std::shared_lock lock{mutex_};
  return entries_.size();
}

}  // namespace sauda::feed
