#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// The dictionary of this process: broker keys, the dense ids they stand for, and what has been
/// counted for each. Only grows; bounded by the keys ever subscribed. Thread-safe.
class Listings {
 public:
  /// What the ingesting thread counts and everyone may read.
  struct Counts {
    std::atomic<bool> wanted{false};
    std::atomic<std::uint64_t> ticks{0};
    std::atomic<std::int64_t> last_received_ns{0};
    std::atomic<std::int64_t> p99_spacing_ns{0};  ///< as Cadence has it; 0: not known
  };

  /// The id of a key, new or known. A known key takes over what is new about it.
  InstrumentId Add(const Listing& listing);

  std::optional<InstrumentId> Find(std::string_view key) const;

  /// `id` must be one that Add gave.
  std::shared_ptr<const Listing> At(InstrumentId id) const;

  /// As At; lives as long as the dictionary.
  Counts& counts(InstrumentId id) const;

  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<const Listing> listing;
    Counts counts;
  };

  mutable std::shared_mutex mutex_;
  mutable std::deque<Entry>
      entries_;  // guarded by mutex_, by id; a deque does not move its elements
  std::unordered_map<std::string_view, InstrumentId> ids_;  // guarded by mutex_; views into keys_
  std::deque<std::string> keys_;                            // guarded by mutex_
};

}  // namespace sauda::feed
