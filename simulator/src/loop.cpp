#include "simulator/src/loop.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sauda::sim {

void Loop::Start(Idle idle) {
  thread_ = std::thread{[this, idle = std::move(idle)] { Run(idle); }};
}

void Loop::Stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Loop::Post(Work work) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_ || posted_.size() >= kMaxWaiting) return false;
    posted_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Loop::Run(const Idle& idle) {
  std::vector<Work> works;
  while (true) {
    for (const Work& work : works) work();
    works.clear();
    const Monotonic now = std::chrono::steady_clock::now();
    while (!timers_.empty() && timers_.begin()->first <= now) {
      const auto due = timers_.extract(timers_.begin());
      due.mapped()();
    }
    auto next = idle();
    if (!timers_.empty()) next = std::min(next.value_or(Monotonic::max()), timers_.begin()->first);
    std::unique_lock lock{mutex_};
    const auto awake = [this] { return stopping_ || !posted_.empty(); };
    if (next) {
      if (*next > std::chrono::steady_clock::now()) changed_.wait_until(lock, *next, awake);
    } else {
      changed_.wait(lock, awake);
    }
    if (stopping_ && posted_.empty()) return;
    works.swap(posted_);
  }
}

}  // namespace sauda::sim
