#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "libs/keys/api_key.hpp"
#include "services/gateway/src/core/access.hpp"

namespace sauda::gateway {

/// The API keys that auth has told, in memory: so a key that is known goes on being recognised
/// while auth or its database is away. Bounded by the keys that there are. Times are of the wall
/// clock, milliseconds since the Unix epoch, UTC. Thread-safe.
class KeyRing {
 public:
  /// That a key was used.
  struct Use {
    std::string key_id;
    std::int64_t used_ms = 0;
  };
  using HoldId = std::uint64_t;

  /// The whole set: what is not in it is forgotten.
  void Set(std::vector<keys::KnownKey> all);

  /// Keys that are new or have changed.
  void Change(std::vector<keys::KnownKey> changed);

  /// Whose key this is. Fails with kUnauthenticated / KEY_UNKNOWN, KEY_REVOKED or KEY_EXPIRED, the
  /// latter two only for who holds the whole key; kUnavailable / KEYS_NOT_KNOWN before the first
  /// Set.
  Result<Caller> Recognise(const Secret& text, std::int64_t now_ms);

  /// Keys that were used since the last Take of their newest use.
  std::vector<Use> TakeUses();
  /// They could not be told: give them out again.
  void GiveBack(const std::vector<Use>& uses);

  /// Remembers what to do when the key of an open stream is over; `end` may be called often, from
  /// EndDead, and must not call back. The id is 0, and nothing to release, without a key.
  HoldId Hold(const std::string& key_id, std::function<void()> end);
  void Release(HoldId id);
  /// Ends what is held with keys that are revoked, expired or gone. Called on every change and now
  /// and then.
  void EndDead(std::int64_t now_ms);

  bool known() const { return known_; }
  std::size_t size() const;

 private:
  struct Entry {
    explicit Entry(keys::KnownKey given) : key{std::move(given)} {}
    const keys::KnownKey key;
    std::atomic<std::int64_t> used_ms{0};
    std::atomic<std::int64_t> told_ms{0};
  };
  struct Held {
    std::string key_id;
    std::function<void()> end;
  };

  /// Keeps what is known of the key's use. Needs keys_mutex_.
  void Put(keys::KnownKey key, const std::map<std::string, std::shared_ptr<Entry>>& before);

  std::atomic<bool> known_{false};
  mutable std::shared_mutex keys_mutex_;
  std::map<std::string, std::shared_ptr<Entry>> keys_;  // by id; guarded by keys_mutex_
  std::mutex held_mutex_;
  std::map<HoldId, Held> held_;  // guarded by held_mutex_
  HoldId last_hold_ = 0;         // guarded by held_mutex_
};

}  // namespace sauda::gateway
