#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace sauda::telemetry {

/// Does something at once and then every `interval`, on a thread of its own, until it dies. A task
/// that takes longer is simply late; none runs twice at a time.
class RepeatingTask {
 public:
  RepeatingTask(std::chrono::milliseconds interval, std::function<void()> task)
      : thread_{[this, interval, task = std::move(task)](const std::stop_token& stop) {
          std::unique_lock lock{mutex_};
          do {
            lock.unlock();
            task();
            lock.lock();
          } while (!wake_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); }));
        }} {}
  RepeatingTask(const RepeatingTask&) = delete;
  RepeatingTask& operator=(const RepeatingTask&) = delete;
  ~RepeatingTask() = default;

 private:
  std::mutex mutex_;                  // guards nothing: the wait wants one
  std::condition_variable_any wake_;  // woken by the stop alone
  std::jthread thread_;               // last: it uses the rest
};

}  // namespace sauda::telemetry
