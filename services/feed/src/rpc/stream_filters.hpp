#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/follow_filter.hpp"

namespace sauda::feed {

class TickStream;

/// Which streams follow what they have not named, and by what filter. Thread-safe; bounded by the
/// open streams.
class StreamFilters {
 public:
  /// `desk` outlives it.
  explicit StreamFilters(const FeedDesk& desk) : desk_{desk} {}

  /// The stream follows what is subscribed and the filter takes, and what will be, until Remove. A
  /// stream whose call is over is left alone. Call once for a stream, after its Begin.
  void Add(const std::shared_ptr<TickStream>& stream, FollowFilter filter);
  /// Call when the call is over.
  void Remove(const std::shared_ptr<TickStream>& stream);

  /// Streams whose filters take these keys follow them from now on. For FeedDesk::Listen.
  void OnFresh(const std::vector<FreshKey>& fresh);

 private:
  const FeedDesk& desk_;
  std::mutex mutex_;
  std::map<std::shared_ptr<TickStream>, FollowFilter> filters_;  // guarded by mutex_
};

}  // namespace sauda::feed
