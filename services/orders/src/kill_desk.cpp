#include "services/orders/src/kill_desk.hpp"

#include <algorithm>
#include <utility>

namespace sauda::orders {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds kIdleLook{60'000};  // there is nothing to do: somebody wakes it

std::string NumberText(const Order& order) {
  return order.broker_order_ids.empty() ? order.request.client_order_id
                                        : order.broker_order_ids.front();
}

}  // namespace

KillDesk::KillDesk(KillSwitch& kill, CancelSweep sweep, const Clock& clock, Options options,
                   Tell tell)
    : kill_{kill},
      sweep_{std::move(sweep)},
      clock_{clock},
      options_{options},
      tell_{std::move(tell)},
      reserve_{options.cancels_per_second} {}

KillDesk::~KillDesk() { Stop(); }

void KillDesk::Start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

void KillDesk::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

Result<void> KillDesk::Halt(const std::string& by, const std::string& reason) {
  auto halted = kill_.Halt(by, reason);
  {
    const std::lock_guard lock{mutex_};
    look_now_ = true;
    woken_ = true;
    clean_ = false;
    trouble_.clear();
    changed_.notify_all();
  }
  tell_({.what = KillAct::What::kHalted, .by = by, .detail = reason});
  return halted;
}

Result<std::string> KillDesk::BeginRearm(const std::string& by) {
  auto code = kill_.BeginRearm();
  if (code) tell_({.what = KillAct::What::kRearmBegun, .by = by});
  return code;
}

Result<void> KillDesk::Rearm(const std::string& code, const std::string& by) {
  auto rearmed = kill_.Rearm(code, by);
  if (rearmed) tell_({.what = KillAct::What::kRearmed, .by = by});
  return rearmed;
}

void KillDesk::KeepAlive() {
  if (options_.dead_man_limit == milliseconds{0}) return;
  const std::lock_guard lock{mutex_};
  dead_man_at_ = clock_.Now() + options_.dead_man_limit;
  woken_ = true;
  changed_.notify_all();
}

KillState KillDesk::State() const {
  KillState state{.record = kill_.Record()};
  const std::lock_guard lock{mutex_};
  if (state.record.halted) {
    state.open_orders = open_;
    state.all_cancelled = clean_ && open_ == 0;
    state.trouble = trouble_;
  }
  if (dead_man_at_) {
    const auto left = duration_cast<milliseconds>(*dead_man_at_ - clock_.Now());
    state.dead_man_left = std::max(left, milliseconds{0});
  }
  return state;
}

Monotonic KillDesk::NextLook() const {
  Monotonic next = clock_.Now() + kIdleLook;
  if (!kill_.Check()) {
    const bool done = clean_ && open_ == 0;
    next = looked_at_ + (done ? options_.quiet_look_every : options_.look_every);
  }
  return dead_man_at_ ? std::min(next, *dead_man_at_) : next;
}

void KillDesk::Wait(const std::stop_token& stop, Monotonic until) {
  std::unique_lock lock{mutex_};
  changed_.wait_until(lock, stop, until, [] { return false; });
}

void KillDesk::WatchDeadMan() {
  {
    const std::lock_guard lock{mutex_};
    if (!dead_man_at_ || clock_.Now() < *dead_man_at_) return;
    dead_man_at_.reset();
  }
  (void)Halt("dead-man", "no sign of life for " +
                             std::to_string(options_.dead_man_limit.count() / 1'000) + " s");
}

void KillDesk::CancelOne(const Order& order) {
  const auto asked = sweep_.Cancel(order);
  const std::string number = NumberText(order);
  if (asked) {
    tell_({.what = KillAct::What::kCancelled, .by = "kill-switch", .detail = number});
    return;
  }
  const std::string why = number + ": " + asked.error().reason + ": " + asked.error().message;
  tell_({.what = KillAct::What::kCancelFailed, .by = "kill-switch", .detail = why});
  const std::lock_guard lock{mutex_};
  trouble_ = why;
}

void KillDesk::SweepOnce(const std::stop_token& stop) {
  const auto round = sweep_.Look();
  {
    const std::lock_guard lock{mutex_};
    open_ = round.orders.size();
    clean_ = round.clean;
    trouble_ = round.clean ? "" : "the broker's book cannot be read";
    looked_at_ = clock_.Now();
  }
  for (const Order& order : round.orders) {
    const Monotonic at = reserve_.Next(clock_.Now());
    while (!stop.stop_requested() && clock_.Now() < at) Wait(stop, at);
    if (stop.stop_requested() || kill_.Check()) return;
    CancelOne(order);
  }
}

void KillDesk::Run(const std::stop_token& stop) {
  {
    const std::lock_guard lock{mutex_};
    look_now_ = true;  // a kill that a restart cut off goes on
  }
  while (!stop.stop_requested()) {
    WatchDeadMan();
    bool look = false;
    {
      std::unique_lock lock{mutex_};
      const Monotonic next = NextLook();
      look = std::exchange(look_now_, false) || clock_.Now() >= next;
      if (!look) {
        changed_.wait_until(lock, stop, next, [this] { return woken_; });
        woken_ = false;
        continue;
      }
    }
    if (!kill_.Check()) SweepOnce(stop);
  }
}

}  // namespace sauda::orders
