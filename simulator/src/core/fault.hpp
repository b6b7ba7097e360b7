#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/clock.hpp"

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
  kStatusAfter,   ///< does what was asked, then answers an HTTP error
  kNoAnswer,      ///< does what was asked, never answers, and resets after the delay
  kLate,          ///< looks at the request only after a delay
};

/// The names of the admin interface: "feed", "reset-after". Absent for anything else.
std::optional<FaultTarget> FaultTargetOf(std::string_view name);
std::optional<FaultKind> FaultKindOf(std::string_view name);
std::string_view ToText(FaultTarget target);
std::string_view ToText(FaultKind kind);

/// Whether a kind is about a stream, its address or its open WebSocket, rather than an HTTP answer.
bool IsConnectionFault(FaultKind kind);

/// Whether a kind is for the calls that the loop answers by itself: rest, orders, login.
bool IsCallFault(FaultKind kind);

/// One fault in force, or asked for.
struct Fault {
  std::uint64_t id = 0;
  FaultTarget target = FaultTarget::kRest;
  FaultKind kind = FaultKind::kStatus;
  int status = 503;                    ///< kStatus, kStatusAfter
  std::string code;                    ///< the same: the UDAPI code; empty: the status's own
  std::chrono::milliseconds delay{0};  ///< kSlow, kNoAnswer, kLate
  std::optional<std::uint64_t> count;  ///< so many times more; absent: until `until`
  std::optional<Monotonic> until;      ///< absent: until the count is used up or it is cleared
};

}  // namespace sauda::sim
