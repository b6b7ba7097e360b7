#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/clock.hpp"

namespace sauda::sim {

/// The single-use codes of authorized WebSocket addresses. A code lives one minute and dies with
/// its first use. Not thread-safe; one owner. At most kMax wait; the oldest make room.
class Tickets {
 public:
  static constexpr std::chrono::seconds kLife{60};
  static constexpr std::size_t kMax = 1'000;

  /// `random` gives a fresh code.
  explicit Tickets(std::function<std::string()> random) : random_{std::move(random)} {}

  /// A code that brings `note` back.
  std::string New(std::string note, Monotonic now) {
    std::erase_if(waiting_, [now](const auto& ticket) { return ticket.second.ends <= now; });
    if (waiting_.size() >= kMax) {
      auto oldest = waiting_.begin();
      for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
        if (it->second.ends < oldest->second.ends) oldest = it;
      }
      waiting_.erase(oldest);
    }
    std::string code = random_();
    waiting_[code] = {.note = std::move(note), .ends = now + kLife};
    return code;
  }

  /// The note of a code, which is then used up; absent when it is unknown, used or stale.
  std::optional<std::string> Take(std::string_view code, Monotonic now) {
    const auto found = waiting_.find(code);
    if (found == waiting_.end()) return std::nullopt;
    const Ticket ticket = std::move(found->second);
    waiting_.erase(found);
    if (ticket.ends <= now) return std::nullopt;
    return ticket.note;
  }

 private:
  struct Ticket {
    std::string note;
    Monotonic ends;
  };
  std::function<std::string()> random_;
  std::map<std::string, Ticket, std::less<>> waiting_;
};

}  // namespace sauda::sim
