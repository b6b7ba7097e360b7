#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "libs/base/clock.hpp"
#include "services/feed/src/core/tick_retirement.hpp"

namespace sauda::feed {

/// Has old days of ticks removed, on its own thread: one day a step, the next at once, and then a
/// long pause. A step that fails ends the round.
class TickRetirer {
 public:
  struct Options {
    std::int64_t keep_days = 1;  ///< days (IST) before today that stay, at least 1
    std::chrono::milliseconds every{600'000};
  };
  /// Called on its thread.
  struct Events {
    std::function<void(const std::string& day)> on_retired;
    std::function<void(const Error&)> on_failure;
  };

  /// All outlive it.
  TickRetirer(TickRetirement& retirement, const Clock& clock, Options options, Events events);
  ~TickRetirer();
  TickRetirer(const TickRetirer&) = delete;
  TickRetirer& operator=(const TickRetirer&) = delete;

  /// Ends the round under way and joins. Idempotent.
  void Stop();

 private:
  void Run();
  void Round();
  bool stopping();

  TickRetirement& retirement_;
  const Clock& clock_;
  const Options options_;
  const Events events_;
  std::mutex mutex_;  // guards stopping_
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace sauda::feed
