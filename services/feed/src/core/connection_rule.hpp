#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "libs/base/clock.hpp"

namespace sauda::feed {

/// How the connection to the broker stands. The numbers are the proto's.
enum class ConnectionState : std::uint8_t {
  kOff = 1,
  kWaitingForToken = 2,
  kConnecting = 3,
  kLive = 4,
  kQuiet = 5,
  kStale = 6,
  kDead = 7,
};

inline constexpr std::array kConnectionStates{
    ConnectionState::kOff,  ConnectionState::kWaitingForToken, ConnectionState::kConnecting,
    ConnectionState::kLive, ConnectionState::kQuiet,           ConnectionState::kStale,
    ConnectionState::kDead};

/// Whether there is a connection, whatever comes on it.
constexpr bool IsConnected(ConnectionState state) {
  return state == ConnectionState::kLive || state == ConnectionState::kQuiet ||
         state == ConnectionState::kStale;
}

/// `OFF`, `WAITING_FOR_TOKEN`, …
std::string_view NameOf(ConnectionState state);

/// Status by segment, as the broker's market_info gives it: `NSE_EQ` → `NORMAL_OPEN`.
using SegmentStatus = std::map<std::string, std::string>;

/// Whether the market of a key moves: its segment is in PRE_OPEN_START, NORMAL_OPEN or
/// CLOSING_START. A segment that the broker has said nothing about counts as moving, so that
/// silence shows.
bool IsMoving(const SegmentStatus& segments, std::string_view instrument_key);

/// Past a key's own spacing, so that the state shows within 5 s when it is looked at every second.
inline constexpr std::chrono::seconds kCadenceSlack{4};

/// What the rule looks at.
struct ConnectionFacts {
  bool wanted = true;     ///< false after Disconnect
  bool has_token = true;  ///< one that the broker has not refused
  bool open = false;      ///< the socket is
  bool lost = false;      ///< it was, and ended without being told to; another is not there yet
  std::size_t asked = 0;  ///< keys asked for on this connection
  bool due = false;       ///< the market of at least one of them moves
  /// Of these, the least spacing that 99 of 100 ticks of a key keep to; absent: none is known.
  std::optional<std::chrono::nanoseconds> p99_spacing;
  bool unmeasured = true;  ///< for at least one of these it is not known
  Monotonic last_tick;  ///< of these, or when the socket opened, or when the market began to move
};

/// OFF, WAITING_FOR_TOKEN, DEAD and CONNECTING come first; an open socket is QUIET when nothing is
/// due, STALE when something is and nothing came for too long, else LIVE. Too long is the spacing
/// of the key that ticks most often and kCadenceSlack more; `stale_after` where no key's is known,
/// and at most that where some key's is not.
ConnectionState Judge(const ConnectionFacts& facts, Monotonic now,
                      std::chrono::milliseconds stale_after);

/// What several connections amount to: the first of OFF, WAITING_FOR_TOKEN, DEAD, CONNECTING, STALE
/// and LIVE that one of them is, else QUIET. CONNECTING for none.
ConnectionState Combine(std::span<const ConnectionState> states);

}  // namespace sauda::feed
