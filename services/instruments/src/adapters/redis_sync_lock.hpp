#pragma once

#include <chrono>

#include "services/instruments/src/core/sync_lock.hpp"

namespace sauda::storage {
class Redis;
}  // namespace sauda::storage

namespace sauda::instruments {

/// The sync lock in Redis, key `sauda:instruments:sync`, renewed while it is held (mission B4).
class RedisSyncLock final : public SyncLock {
 public:
  static constexpr std::chrono::minutes kLife{30};

  /// `redis` must outlive the lock and what it gives.
  /// A holder that dies is taken over after `life`.
  explicit RedisSyncLock(storage::Redis& redis, std::chrono::milliseconds life = kLife)
      : redis_{redis}, life_{life} {}

  Result<std::unique_ptr<HeldLock>> Acquire() override;

 private:
  storage::Redis& redis_;
  const std::chrono::milliseconds life_;
};

}  // namespace sauda::instruments
