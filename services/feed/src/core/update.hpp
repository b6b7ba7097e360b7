#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "services/feed/src/core/connection_rule.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// One tick, encoded once for every reader. The core moves it and never looks inside.
struct Update {
  InstrumentId instrument = 0;
  std::uint64_t seq = 0;
  Monotonic received_at;  ///< of its frame; the clock's beginning in a snapshot, which is no news
  std::shared_ptr<const std::string> bytes;  ///< one element of a TickBatch, ready to be joined
};

/// Makes the bytes of updates. Encode is called by the ingesting thread, AsSnapshot by the
/// publishing one: implementations share nothing between the two.
class TickEncoder {
 public:
  virtual ~TickEncoder() = default;
  virtual Update Encode(InstrumentId id, const Tick& tick) = 0;
  /// The same tick, marked as sent again to a reader that has just come.
  virtual Update AsSnapshot(const Update& update) const = 0;
};

/// Takes the updates of one subscriber. Called by the publishing thread; must not block.
class UpdateSink {
 public:
  virtual ~UpdateSink() = default;
  /// One update more; it need not leave before Flush.
  virtual void Offer(const Update& update) = 0;
  /// After the last of some offers.
  virtual void Flush() = 0;
  virtual void OnConnection(ConnectionState state) = 0;
  /// About once a second, so that a silent subscriber is noticed without a tick.
  virtual void OnBeat() = 0;
};

/// Who publishes. Calls return at once and take effect in the order made; offers start and stop
/// some time after. All methods are thread-safe.
class UpdateSource {
 public:
  virtual ~UpdateSource() = default;
  /// The sink learns the connection's state, now and when it changes, and follows `ids` as by
  /// Follow: no update that is pushed once it knows the state is missed. `follow_all`: it follows
  /// every instrument, without `ids` and Follow.
  virtual void Join(std::shared_ptr<UpdateSink> sink, bool follow_all,
                    std::vector<InstrumentId> ids) = 0;
  /// The newest update of each instrument first, oldest first, marked as snapshots; then every
  /// later one. The caller does not follow one twice.
  virtual void Follow(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) = 0;
  virtual void Unfollow(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) = 0;
  /// Ends it all; `ids` are those still followed.
  virtual void Leave(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) = 0;
};

/// Looks up newest updates. The calls return when the publishing thread has answered.
class LatestSource {
 public:
  virtual ~LatestSource() = default;
  /// Of those that have one; `ids` empty: of all.
  virtual std::vector<Update> Latest(std::vector<InstrumentId> ids) = 0;
};

}  // namespace sauda::feed
