#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"

namespace sauda::sim {

/// What a fault is done to. kFeed and kPortfolio cover authorize, handshake and open connections.
enum class FaultTarget : std::uint8_t { kFeed, kRest, kOrders, kPortfolio, kLogin, kAssets };

enum class FaultKind : std::uint8_t {
  kStatus,        ///< answers an HTTP error instead
  kSlow,          ///< answers after a delay
  kResetBefore,   ///< resets the connection, the request is not looked at
  kResetAfter,    ///< does what was asked, then resets instead of answering
  kDrop,          ///< resets an open connection
  kStall,         ///< goes silent but answers pings
  kHalfOpen,      ///< reads and writes nothing, does not close
  kGarbage,       ///< sends a message that is no protobuf, no JSON
  kTruncated,     ///< sends the first half of a message
  kUsedCode,      ///< gives a stream's address whose code is used already
  kExpireTokens,  ///< ends every access token now; the target does not matter
};

/// The names of the admin interface: "feed", "reset-after". Absent for anything else.
std::optional<FaultTarget> FaultTargetOf(std::string_view name);
std::optional<FaultKind> FaultKindOf(std::string_view name);
std::string_view ToText(FaultTarget target);
std::string_view ToText(FaultKind kind);

/// Whether a kind is about a stream, its address or its open WebSocket, rather than an HTTP answer.
bool IsConnectionFault(FaultKind kind);

/// One fault in force, or asked for.
struct Fault {
  std::uint64_t id = 0;
  FaultTarget target = FaultTarget::kRest;
  FaultKind kind = FaultKind::kStatus;
  int status = 503;                    ///< kStatus
  std::string code;                    ///< kStatus: the UDAPI code; empty: the status's own
  std::chrono::milliseconds delay{0};  ///< kSlow
  std::optional<std::uint64_t> count;  ///< so many times more; absent: until `until`
  std::optional<Monotonic> until;      ///< absent: until the count is used up or it is cleared
};

/// The faults in force. Not thread-safe; one owner.
class Faults {
 public:
  static constexpr std::size_t kMax = 100;

  /// Adds a fault; without count and end it happens once, a stall or half-open until cleared. Fails
  /// with RESOURCE_EXHAUSTED / TOO_MANY_FAULTS, INVALID_ARGUMENT / FAULT_NOT_FOR_TARGET or
  /// FAULT_STATUS_INVALID.
  Result<std::uint64_t> Add(Fault fault, Monotonic now);

  /// Takes the oldest HTTP fault of a target, one use of it; absent when there is none.
  std::optional<Fault> TakeHttp(FaultTarget target, Monotonic now);

  /// Takes one use of a connection fault of this kind.
  bool TakeConnection(FaultTarget target, FaultKind kind, Monotonic now);

  /// Whether a connection fault of this kind is in force; uses nothing up.
  bool Holds(FaultTarget target, FaultKind kind, Monotonic now) const;

  /// Those still in force, oldest first.
  std::vector<Fault> List(Monotonic now);

  /// Removes one, or all; says how many.
  std::size_t Clear(std::optional<std::uint64_t> id);

 private:
  void Use(std::vector<Fault>::iterator fault);
  void ForgetOver(Monotonic now);

  std::vector<Fault> faults_;
  std::uint64_t last_id_ = 0;
};

}  // namespace sauda::sim
