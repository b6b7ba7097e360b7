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
  explicit RedisSyncLock(storage::Redis& redis) : redis_{redis} {}

  Result<std::unique_ptr<HeldLock>> Acquire() override;

 private:
  storage::Redis& redis_;
};

}  // namespace sauda::instruments
