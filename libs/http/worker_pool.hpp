#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sauda::http {

/// A fixed number of threads behind a bounded queue, for work that blocks. When the queue is full
/// the work is refused at once, so that the caller can answer 503 instead of waiting. Thread-safe.
class WorkerPool {
 public:
  struct Limits {
    std::size_t threads = 4;
    std::size_t waiting = 256;
  };

  explicit WorkerPool(Limits limits);
  ~WorkerPool();  // finishes what was accepted
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when the queue is full or the pool is stopping; `work` is then not run.
  [[nodiscard]] bool TryRun(std::function<void()> work);

  /// Refuses new work, finishes what was accepted and joins the threads. May be called twice.
  void Stop();

  std::size_t waiting() const;

 private:
  void Work();

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace sauda::http
