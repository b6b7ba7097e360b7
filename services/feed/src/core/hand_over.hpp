#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "services/feed/src/core/delta.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Which socket speaks for each key, and when another one takes over. Thread-safe.
///
/// While a key moves two sockets carry it, and neither numbers its messages. The one that is
/// offered the key is heard without being published, until both stand at the same place: what it
/// amounts to is what was published last. Then it owns the key, and its next message is the next
/// tick. So every message between is published once: a newcomer that is ahead waits for the owner's
/// way to the same place, and one that is behind is heard until it has caught up. A snapshot is
/// news only where nothing was published, or in another mode at the same place. What cannot be told
/// apart is a state that recurs without a trade, as a bid of 100, 200 and 100 again: when the two
/// are just so far apart, the messages of that round are left out or published again.
///
/// In another mode the places are compared by what both modes show. A newcomer that comes to the
/// same place after its snapshot begins with a whole message, for which it may have to be asked.
class HandOver {
 public:
  using Socket = std::uint32_t;

  /// How far a socket that was offered a key has come.
  struct Progress {
    bool heard = false;        ///< it has said what the key amounts to
    bool ahead = false;        ///< a newer trade than was published when it was first heard
    bool moved = false;        ///< it has said more since
    bool owner_moved = false;  ///< the owner has published since the one was heard, or offered
  };

  /// From now on this socket alone speaks for the key, whatever was before.
  void Give(InstrumentId id, Socket socket);
  /// This socket carries the key too, and takes over when it stands where the owner does.
  void Offer(InstrumentId id, Socket socket);
  /// Nobody is offered the key; the owner keeps it.
  void Withdraw(InstrumentId id);
  /// Nobody speaks for the key in particular.
  void Forget(InstrumentId id);

  /// Absent: nobody in particular.
  std::optional<Socket> OwnerOf(InstrumentId id) const;
  /// Whether the owner took over in another mode and has not said anything whole since.
  bool StartsAnew(InstrumentId id) const;
  /// Absent: nobody is offered the key.
  std::optional<Progress> ProgressOf(InstrumentId id) const;

  /// Whether what a socket says of a key is to be published; `published` is its newest tick, one
  /// without a listing for none. True without an owner. Called in the order of publishing, as is
  /// OnPublished.
  bool Takes(Socket socket, InstrumentId id, const Delta& delta, const Tick& published);
  /// What the owner said has been merged into `published`.
  void OnPublished(InstrumentId id, const Tick& published);

  /// Keys that were taken over since the last call, as they came.
  std::vector<InstrumentId> TakeSettled();

 private:
  struct Offered {
    Socket socket = 0;
    Progress progress;
    Tick tick;  // what it amounts to, once heard
  };
  struct Entry {
    std::optional<Socket> owner;
    std::unique_ptr<Offered> offered;
    bool starts_anew = false;  // as StartsAnew
  };

  Entry& At(InstrumentId id);
  void Switch(InstrumentId id, Entry& entry, bool starts_anew);

  mutable std::mutex mutex_;    // guards the rest
  std::vector<Entry> entries_;  // by InstrumentId
  std::vector<InstrumentId> settled_;
};

}  // namespace sauda::feed
