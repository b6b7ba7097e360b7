#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/kill/cancel_reserve.hpp"
#include "services/orders/src/core/kill/cancel_sweep.hpp"
#include "services/orders/src/core/kill/kill.hpp"
#include "services/orders/src/core/kill/kill_switch.hpp"

namespace sauda::orders {

/// Pulls the kill switch, and cancels what is open for as long as it is on, a start included: from
/// the broker's own book, at the pace of the reserve, with no database. Winds up the dead-man
/// limit. Owned by the app; owns a thread from Start until Stop. Thread-safe.
class KillDesk final : public Kill {
 public:
  struct Options {
    int cancels_per_second = 2;                   ///< the reserve (design 4.6)
    std::chrono::milliseconds look_every{1'000};  ///< while something is open, or cannot be seen
    std::chrono::milliseconds quiet_look_every{10'000};  ///< once nothing is
    std::chrono::milliseconds dead_man_limit{0};         ///< 0: there is none
  };
  /// Every act, for the log and the metrics. From any thread; must not block.
  using Tell = std::function<void(const KillAct&)>;

  KillDesk(KillSwitch& kill, CancelSweep sweep, const Clock& clock, Options options, Tell tell);
  ~KillDesk() override;
  KillDesk(const KillDesk&) = delete;
  KillDesk& operator=(const KillDesk&) = delete;

  void Start();
  void Stop();

  Result<void> Halt(const std::string& by, const std::string& reason) override;
  Result<std::string> BeginRearm(const std::string& by) override;
  Result<void> Rearm(const std::string& code, const std::string& by) override;
  void KeepAlive() override;
  KillState State() const override;

 private:
  void Run(const std::stop_token& stop);
  void WatchDeadMan();
  void SweepOnce(const std::stop_token& stop);
  void CancelOne(const Order& order);
  /// When the thread has something to do next, if nobody wakes it.
  Monotonic NextLook() const;
  void Wait(const std::stop_token& stop, Monotonic until);

  KillSwitch& kill_;
  CancelSweep sweep_;  // the thread's own
  const Clock& clock_;
  const Options options_;
  const Tell tell_;
  CancelReserve reserve_;  // the thread's own

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  bool look_now_ = false;
  bool woken_ = false;  // there is something else to wait for
  std::size_t open_ = 0;
  bool clean_ = false;
  std::string trouble_;
  Monotonic looked_at_{};
  std::optional<Monotonic> dead_man_at_;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace sauda::orders
