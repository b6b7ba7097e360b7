#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "services/auth/src/core/audit.hpp"

namespace sauda::auth {

/// The audit as those see it whose work must not wait for it: a login is worth more than the moment
/// at which its row is written. What was noted waits here, oldest first, until Flush has written
/// it; at most kMostWaiting acts, later ones are lost and counted. Thread-safe.
class ActLog {
 public:
  static constexpr std::size_t kMostWaiting = 1'000;

  explicit ActLog(AuditStore& store) : store_{store} {}

  /// Never blocks on the store. False: too many wait, so this act is in no row.
  bool Note(Act act) {
    const std::lock_guard lock{mutex_};
    if (waiting_.size() >= kMostWaiting) {
      ++lost_;
      return false;
    }
    waiting_.push_back(std::move(act));
    return true;
  }

  /// Writes what waits, in order, until something fails; called every second or so, by one thread
  /// at a time.
  Result<void> Flush() {
    while (true) {
      Act act;
      {
        const std::lock_guard lock{mutex_};
        if (waiting_.empty()) return {};
        act = waiting_.front();
      }
      const auto row = store_.Append(act);
      // Whether a commit in doubt was done nobody knows: twice is better than never.
      if (!row) return row.error();
      const std::lock_guard lock{mutex_};
      waiting_.pop_front();
    }
  }

  std::size_t waiting() const {
    const std::lock_guard lock{mutex_};
    return waiting_.size();
  }
  /// How many acts ever found no room.
  std::uint64_t lost() const {
    const std::lock_guard lock{mutex_};
    return lost_;
  }

 private:
  AuditStore& store_;
  mutable std::mutex mutex_;
  // mutex_ guards the rest
  std::deque<Act> waiting_;
  std::uint64_t lost_ = 0;
};

}  // namespace sauda::auth
