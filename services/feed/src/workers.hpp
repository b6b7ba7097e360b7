#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "services/feed/src/core/feed_desk.hpp"

namespace sauda::feed {

/// Threads for work that may block, so that gRPC's reactions need not. The queue is bounded.
class Workers final : public TaskRunner {
 public:
  explicit Workers(std::size_t threads = 4, std::size_t queue = 1'024);
  ~Workers() override;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  bool Post(std::function<void()> task) override;

  /// Does what is queued and joins. Idempotent.
  void Stop();

 private:
  void Run();

  const std::size_t most_queued_;
  std::mutex mutex_;  // guards the two below
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace sauda::feed
