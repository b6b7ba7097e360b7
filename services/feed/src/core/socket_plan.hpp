#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/socket_limits.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Which key goes on which of several connections, each within the broker's limits. A key stays
/// where it is unless its connection takes it no more; a new one goes beside others of its mode,
/// then beside any, and only then on a connection that carries nothing yet. When no such place is
/// left, all keys are packed anew, as many in their places as may be. Not thread-safe.
class SocketPlan {
 public:
  struct Place {
    Mode mode = Mode::kFull;
    std::size_t socket = 0;  ///< 0 to sockets() - 1

    friend bool operator==(const Place&, const Place&) = default;
  };

  /// `sockets`: at least 1.
  explicit SocketPlan(std::size_t sockets) : loads_(sockets) {}

  /// Wants `ids` in `mode`; `only_raise` leaves those alone that have this much already. Takes all
  /// or nothing. Gives the keys whose place is new: these and those that had to move for them.
  /// Fails with kResourceExhausted / SUBSCRIPTION_LIMIT.
  Result<std::vector<InstrumentId>> Want(std::span<const InstrumentId> ids, Mode mode,
                                         bool only_raise);

  /// Wants them no more; gives those that were wanted.
  std::vector<InstrumentId> Drop(std::span<const InstrumentId> ids);

  /// Empties a connection if all are in use and one less would do. Gives the keys that move.
  std::vector<InstrumentId> FreeOne();

  /// Absent: not wanted.
  std::optional<Place> Of(InstrumentId id) const;
  const std::map<InstrumentId, Place>& places() const { return places_; }
  const KeysByMode& LoadOf(std::size_t socket) const { return loads_.at(socket); }
  bool IsUsed(std::size_t socket) const { return loads_.at(socket) != KeysByMode{}; }
  std::size_t sockets() const { return loads_.size(); }
  std::size_t size() const { return places_.size(); }

 private:
  using Loads = std::vector<KeysByMode>;
  using Modes = std::map<InstrumentId, Mode>;

  /// Places for all of `modes` beside the other keys, which stay; false: not without a move.
  static bool Fit(const Modes& modes, const std::map<InstrumentId, Place>& places, Loads loads,
                  std::map<InstrumentId, Place>& found);
  /// Packs every key anew on the first `sockets` quotas that do; false: there are none.
  bool Pack(const std::map<InstrumentId, Mode>& modes, std::size_t sockets,
            std::map<InstrumentId, Place>& found) const;
  /// Takes these places; gives the keys for which they are new.
  std::vector<InstrumentId> Take(const std::map<InstrumentId, Place>& places);

  std::map<InstrumentId, Place> places_;  // ids rise in the order of first sight
  Loads loads_;                           // by socket
};

}  // namespace sauda::feed
