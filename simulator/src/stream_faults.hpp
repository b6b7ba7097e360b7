#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "libs/http/server.hpp"
#include "simulator/src/core/faults.hpp"
#include "simulator/src/loop.hpp"
#include "simulator/src/socket_set.hpp"

namespace sauda::sim {

/// What faults do to the open sessions of one stream. One use of a drop, garbage or truncated fault
/// reaches every open session. What is left of a drop takes sessions as they open; what is left of
/// the other two goes on in steps of kStep while a session is open, and waits for one otherwise.
/// Lives on the loop's thread.
class StreamFaults {
 public:
  using Id = SocketSet::Id;
  struct Options {
    FaultTarget target = FaultTarget::kFeed;
    http::FrameKind frame = http::FrameKind::kBinary;
    std::function<std::string(Id, FaultKind)> broken;  ///< a garbage or truncated message
  };

  static constexpr std::chrono::milliseconds kStep{100};

  /// `loop`, `faults` and `sockets` must outlive it.
  StreamFaults(Loop& loop, Faults& faults, const SocketSet& sockets, Options options)
      : loop_{loop}, faults_{faults}, sockets_{sockets}, options_{std::move(options)} {}

  /// A session has opened. False: it was dropped.
  bool Admit(Id id, Monotonic now);

  /// Whether the code of an address that is given now is to be used up already.
  bool UsesUpCode(Monotonic now) {
    return faults_.TakeConnection(options_.target, FaultKind::kUsedCode, now);
  }

  /// Goes on with broken messages, after a new session has got its first one.
  void Resume(Monotonic now);

  /// A session is over.
  void Forget(Id id) { sessions_.erase(id); }

  /// Does to open sessions what a fault just added asks for.
  void Inflict(FaultKind kind, Monotonic now);

  /// After faults were cleared or ran out: half-open sessions read and write again.
  void Heal(Monotonic now);

  bool IsHalfOpen(Id id) const;

  /// Whether nothing is to be sent to a session.
  bool Silenced(Id id, Monotonic now) const;

 private:
  void HalfOpen(Id id, bool half_open);
  void Break(FaultKind kind, Monotonic now);

  Loop& loop_;
  Faults& faults_;
  const SocketSet& sockets_;
  const Options options_;
  std::map<Id, bool> sessions_;    // those that opened, and whether each is half open
  std::set<FaultKind> scheduled_;  // kinds whose next broken message has its time
};

}  // namespace sauda::sim
