#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "libs/base/clock.hpp"

namespace sauda::sim {

/// The one thread that owns the market and everything the simulated broker knows. Other threads
/// hand it work; between two works it lets the market move. Post may be called by any thread, the
/// rest by the thread that owns the Loop.
class Loop {
 public:
  using Work = std::function<void()>;
  /// Moves what moves by itself; gives when it wants to be called next, absent when only work can
  /// change that.
  using Idle = std::function<std::optional<Monotonic>()>;

  static constexpr std::size_t kMaxWaiting = 65'536;

  Loop() = default;
  ~Loop() { Stop(); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Start(Idle idle);

  /// Runs what was posted before, then joins. Later posts are refused. May be called twice.
  void Stop();

  /// False when too much waits, or when stopped: the work will not run.
  [[nodiscard]] bool Post(Work work);

  /// Runs `work` at a time; on the loop's thread only. What is not due when the loop stops does not
  /// run.
  void At(Monotonic when, Work work) { timers_.emplace(when, std::move(work)); }

 private:
  void Run(const Idle& idle);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Work> posted_;               // guarded by mutex_
  bool stopping_ = false;                  // guarded by mutex_
  std::multimap<Monotonic, Work> timers_;  // the loop's thread only
  std::thread thread_;
};

}  // namespace sauda::sim
