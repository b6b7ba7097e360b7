#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "libs/keys/api_key.hpp"

namespace sauda::auth {

/// The keys as last read, and who follows them. Until the first Set nothing is known, and nobody is
/// told anything. What is revoked stays revoked, whatever is read later. Thread-safe.
class KeyBoard {
 public:
  struct News {
    bool whole = false;                ///< `keys` is all there is
    std::vector<keys::KnownKey> keys;  ///< else what is new or has changed
  };
  /// Called with the whole set once it is known, then with every change, in order, one call at a
  /// time, under the board's mutex: it may neither block nor call back.
  using Listener = std::function<void(const News&)>;
  using WatchId = std::uint64_t;

  /// Every key that is worth knowing.
  void Set(std::vector<keys::KnownKey> all);

  /// One key that has changed. False: the whole set is not known yet, so nobody was told.
  bool Change(const keys::KnownKey& key);

  WatchId Watch(Listener listener);

  /// After it, the listener is not called again.
  void Unwatch(WatchId id);

  bool known() const;
  std::size_t watchers() const;
  /// How many keys are in a state at that time.
  std::size_t Count(keys::KeyState state, std::int64_t now_ms) const;

 private:
  /// Takes a key over; false when nothing is new about it. Needs mutex_.
  bool Take(keys::KnownKey key);
  void TellAll(const News& news);

  mutable std::mutex mutex_;
  // mutex_ guards the rest
  bool known_ = false;
  std::map<std::string, keys::KnownKey> keys_;  // by id
  std::map<WatchId, Listener> watchers_;
  WatchId last_id_ = 0;
};

}  // namespace sauda::auth
