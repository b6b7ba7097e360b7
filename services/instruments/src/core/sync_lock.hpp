#pragma once

#include <memory>

#include "libs/base/result.hpp"

namespace sauda::instruments {

/// The right to sync, kept alive while it exists and given back when it dies.
class HeldLock {
 public:
  virtual ~HeldLock() = default;

  /// False once it could not be renewed in time: another instance may hold it. Thread-safe.
  virtual bool Held() const = 0;
};

/// One sync at a time, over all instances. Thread-safe.
class SyncLock {
 public:
  virtual ~SyncLock() = default;

  /// Does not wait. Fails with kAborted / SYNC_RUNNING, or kUnavailable / LOCK_DOWN.
  virtual Result<std::unique_ptr<HeldLock>> Acquire() = 0;
};

}  // namespace sauda::instruments
