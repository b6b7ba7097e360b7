#include "services/feed/src/core/connection_rule.hpp"

#include <algorithm>

namespace sauda::feed {

std::string_view NameOf(ConnectionState state) {
  switch (state) {
    case ConnectionState::kOff:
      return "OFF";
    case ConnectionState::kWaitingForToken:
      return "WAITING_FOR_TOKEN";
    case ConnectionState::kConnecting:
      return "CONNECTING";
    case ConnectionState::kLive:
      return "LIVE";
    case ConnectionState::kQuiet:
      return "QUIET";
    case ConnectionState::kStale:
      return "STALE";
    case ConnectionState::kDead:
      return "DEAD";
  }
  return "UNKNOWN";
}

bool IsMoving(const SegmentStatus& segments, std::string_view instrument_key) {
  const std::string segment{instrument_key.substr(0, instrument_key.find('|'))};
  const auto found = segments.find(segment);
  if (found == segments.end()) return true;
  return found->second == "PRE_OPEN_START" || found->second == "NORMAL_OPEN" ||
         found->second == "CLOSING_START";
}

ConnectionState Judge(const ConnectionFacts& facts, Monotonic now,
                      std::chrono::milliseconds stale_after) {
  if (!facts.wanted) return ConnectionState::kOff;
  if (!facts.open) {
    if (!facts.has_token) return ConnectionState::kWaitingForToken;
    return facts.lost ? ConnectionState::kDead : ConnectionState::kConnecting;
  }
  if (facts.asked == 0 || !facts.due) return ConnectionState::kQuiet;
  std::chrono::nanoseconds limit = stale_after;
  if (facts.p99_spacing) {
    const auto own = *facts.p99_spacing + kCadenceSlack;
    limit = facts.unmeasured ? std::min<std::chrono::nanoseconds>(own, stale_after) : own;
  }
  return now - facts.last_tick > limit ? ConnectionState::kStale : ConnectionState::kLive;
}

ConnectionState Combine(std::span<const ConnectionState> states) {
  if (states.empty()) return ConnectionState::kConnecting;
  for (const auto worst :
       {ConnectionState::kOff, ConnectionState::kWaitingForToken, ConnectionState::kDead,
        ConnectionState::kConnecting, ConnectionState::kStale, ConnectionState::kLive}) {
    if (std::find(states.begin(), states.end(), worst) != states.end()) return worst;
  }
  return ConnectionState::kQuiet;
}

}  // namespace sauda::feed
