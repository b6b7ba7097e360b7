#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "libs/base/result.hpp"
#include "libs/storage/redis.hpp"

namespace sauda::storage {

/// A lock that one holder has, anywhere, until it releases it or stops renewing it: a key with a
/// random value and a life, renewed every third of that life by a thread of its own. It is a lease,
/// not a proof: a holder that was paused may learn late that it lost it, so what must not happen
/// twice is fenced where it is written as well. held and Renew from any thread; Release and the
/// destructor from the owner's.
class RedisLock {
 public:
  /// Takes the lock or fails at once: kAborted / LOCK_HELD when another has it, whose
  /// process and host the message names, else as Redis
  /// (then it tries once to give up what it may have taken). `redis` must outlive the lock.
  static Result<std::unique_ptr<RedisLock>> Acquire(Redis& redis, std::string key,
                                                    std::chrono::milliseconds life);

  RedisLock(const RedisLock&) = delete;
  RedisLock& operator=(const RedisLock&) = delete;
  /// Releases it.
  ~RedisLock();

  /// False once another holder may exist: the key was lost or taken, or could not be renewed for
  /// the whole of its life. Never turns true again.
  bool held() const;

  /// Renews now. False: it was lost.
  Result<bool> Renew();

  /// Gives the lock up if it is still ours; repeating it does nothing.
  Result<void> Release();

 private:
  RedisLock(Redis& redis, std::string key, std::string value, std::chrono::milliseconds life,
            std::chrono::steady_clock::time_point valid_until);
  void KeepRenewing(const std::stop_token& stop);

  Redis& redis_;
  const std::string key_;
  const std::string value_;
  const std::chrono::milliseconds life_;
  std::atomic<std::chrono::steady_clock::time_point> valid_until_;
  std::atomic<bool> lost_ = false;
  std::mutex mutex_;
  std::condition_variable_any wake_;  // only for the stop token's sake
  std::jthread renewer_;              // last: it ends first
};

}  // namespace sauda::storage
