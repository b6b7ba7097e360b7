#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// One key that stays subscribed over restarts.
struct KeptSubscription {
  Listing listing;
  Mode mode = Mode::kFull;

  friend bool operator==(const KeptSubscription&, const KeptSubscription&) = default;
};

/// What a feed remembers over restarts.
struct KeptState {
  bool connected = true;  ///< false after Disconnect
  /// When the last tick that an earlier run stored was received; absent when there is none.
  std::optional<std::int64_t> covered_ns;
  std::vector<KeptSubscription> subscriptions;  ///< in the order in which they were first kept
};

/// Changes since the last save; a key is in one list only.
struct KeptChanges {
  std::vector<KeptSubscription> put;
  std::vector<std::string> remove;
  std::optional<bool> connected;
  bool empty() const { return put.empty() && remove.empty() && !connected; }
};

/// Keeps them. Calls block, with deadlines. Both fail with kUnavailable / DATABASE_DOWN.
class SubscriptionStore {
 public:
  virtual ~SubscriptionStore() = default;
  virtual Result<KeptState> Load() = 0;
  /// All or nothing; the same changes may be saved twice.
  virtual Result<void> Save(const KeptChanges& changes) = 0;
};

}  // namespace sauda::feed
