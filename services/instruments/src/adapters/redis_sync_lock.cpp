#include "services/instruments/src/adapters/redis_sync_lock.hpp"

#include "libs/storage/redis_lock.hpp"

namespace sauda::instruments {
namespace {

constexpr auto kKey = "sauda:instruments:sync";

class Lease final : public HeldLock {
 public:
  explicit Lease(std::unique_ptr<storage::RedisLock> lock) : lock_{std::move(lock)} {}
  /// Asks Redis, since this decides a commit; without an answer nothing is proven.
  bool Held() const override {
    const auto renewed = lock_->Renew();
    return renewed && *renewed && lock_->held();
  }

 private:
  const std::unique_ptr<storage::RedisLock> lock_;
};

}  // namespace

Result<std::unique_ptr<HeldLock>> RedisSyncLock::Acquire() {
  auto lock = storage::RedisLock::Acquire(redis_, kKey, life_);
  if (lock) return std::unique_ptr<HeldLock>{std::make_unique<Lease>(std::move(*lock))};
  const Error& error = lock.error();
  if (error.reason == "LOCK_HELD") {
    return Error{Code::kAborted, "SYNC_RUNNING", "another sync runs: " + error.message};
  }
  return Error{Code::kUnavailable, "LOCK_DOWN", error.reason + ": " + error.message};
}

}  // namespace sauda::instruments
