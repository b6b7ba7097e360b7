#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>

namespace sauda::instruments {

/// How far a sync is.
struct SyncProgress {
  enum class Phase : std::uint8_t { kIdle, kConnecting, kReading, kMerging };
  Phase phase = Phase::kIdle;
  std::int64_t sync_id = 0;
  double share_read = 0;  // of the master, 0 to 1; stays 0 where its size is not known
  std::int64_t records = 0;
  std::int64_t bytes = 0;  // inflated
  std::int64_t bad = 0;

  /// 0 to 100: reading ends at 90, for the merge takes its time too.
  int percent() const {
    if (phase == Phase::kMerging) return 90;
    if (phase == Phase::kReading) return static_cast<int>(90 * std::clamp(share_read, 0.0, 1.0));
    return 0;
  }

  friend bool operator==(const SyncProgress&, const SyncProgress&) = default;
};

/// Where a sync shows how far it is. Thread-safe.
class SyncProgressBoard {
 public:
  void Show(const SyncProgress& progress) {
    const std::lock_guard lock{mutex_};
    progress_ = progress;
  }
  SyncProgress Look() const {
    const std::lock_guard lock{mutex_};
    return progress_;
  }

 private:
  mutable std::mutex mutex_;
  SyncProgress progress_;  // guarded by mutex_
};

}  // namespace sauda::instruments
