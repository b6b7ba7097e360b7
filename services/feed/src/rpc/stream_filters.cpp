#include "services/feed/src/rpc/stream_filters.hpp"

#include <string>
#include <utility>

#include "services/feed/src/rpc/tick_stream.hpp"

namespace sauda::feed {

// Noted before the look at what is there: what is subscribed between the two comes twice, and the
// stream follows it once. What ends after it was found to be open is removed afterwards.
void StreamFilters::Add(const std::shared_ptr<TickStream>& stream, FollowFilter filter) {
  {
    const std::lock_guard lock{mutex_};
    if (stream->over()) return;
    filters_.emplace(stream, filter);
  }
  std::vector<std::string> keys;
  for (SubscriptionRow& row : desk_.List()) {
    if (filter.Takes(row.listing)) keys.push_back(std::move(row.listing.key));
  }
  stream->Follow(keys, desk_.Known(keys));
}

void StreamFilters::Remove(const std::shared_ptr<TickStream>& stream) {
  const std::lock_guard lock{mutex_};
  filters_.erase(stream);
}

void StreamFilters::OnFresh(const std::vector<FreshKey>& fresh) {
  const std::lock_guard lock{mutex_};
  for (const auto& [stream, filter] : filters_) {
    std::vector<std::string> keys;
    std::vector<InstrumentId> ids;
    for (const FreshKey& each : fresh) {
      if (!filter.Takes(*each.listing)) continue;
      keys.push_back(each.listing->key);
      ids.push_back(each.id);
    }
    stream->Follow(keys, ids);
  }
}

}  // namespace sauda::feed
