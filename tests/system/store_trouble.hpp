#pragma once

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "tests/support/private_stores.hpp"

namespace sauda::test {

/// Stops or kills a PostgreSQL at random and starts it again, for as long as it lives; then
/// PostgreSQL runs.
class StoreTrouble {
 public:
  StoreTrouble(PrivatePostgres& postgres, std::uint32_t seed)
      : postgres_{postgres}, random_{seed}, thread_{[this] { Run(); }} {}
  ~StoreTrouble() {
    {
      const std::lock_guard lock{mutex_};
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();
    postgres_.Stop();  // it goes with the thread that started it
    postgres_.Start();
  }
  StoreTrouble(const StoreTrouble&) = delete;
  StoreTrouble& operator=(const StoreTrouble&) = delete;

 private:
  void Run() {
    while (!OverWithin(500, 2'500)) {
      if (std::bernoulli_distribution{}(random_)) {
        postgres_.Kill();
      } else {
        postgres_.Stop();
      }
      (void)OverWithin(50, 1'500);
      postgres_.Start();
    }
  }
  bool OverWithin(int least_ms, int most_ms) {
    const std::chrono::milliseconds pause{
        std::uniform_int_distribution{least_ms, most_ms}(random_)};
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, pause, [this] { return over_; });
  }

  PrivatePostgres& postgres_;
  std::mt19937 random_;  // its thread only
  std::mutex mutex_;     // guards over_
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;  // last: starts with the object
};

}  // namespace sauda::test
