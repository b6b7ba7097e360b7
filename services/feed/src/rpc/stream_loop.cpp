#include "services/feed/src/rpc/stream_loop.hpp"

#include <utility>

#include <grpc/support/time.h>

namespace sauda::feed {
namespace {

/// Both count from the machine's start.
gpr_timespec ToGrpc(Monotonic at) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch());
  return gpr_time_from_nanos(since.count(), GPR_CLOCK_MONOTONIC);
}

}  // namespace

void StreamLoop::Start(std::unique_ptr<grpc::ServerCompletionQueue> queue) {
  rung_.done = [this](bool) {
    const std::lock_guard lock{mutex_};
    ringing_ = false;
  };
  {
    const std::lock_guard lock{mutex_};
    queue_ = std::move(queue);
    open_ = true;
  }
  changed_.notify_all();
}

void StreamLoop::Stop() {
  std::unique_lock lock{mutex_};
  if (!open_) return;
  closing_ = true;
  queue_->Shutdown();
  changed_.wait(lock, [this] { return !open_; });
}

void StreamLoop::Wait(Monotonic until) {
  {
    std::unique_lock lock{mutex_};
    if (!open_) {
      changed_.wait_until(lock, until, [this] { return woken_ || open_; });
      woken_ = false;
      return;
    }
    asleep_ = !std::exchange(woken_, false);
    if (!asleep_) until = Monotonic{};
  }
  const bool goes_on = TakeSteps(until);
  {
    const std::lock_guard lock{mutex_};
    asleep_ = woken_ = false;
    open_ = goes_on;
  }
  if (!goes_on) changed_.notify_all();
}

bool StreamLoop::TakeSteps(Monotonic until) {
  for (int taken = 0; taken < kStepsAtOnce; ++taken) {
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_->AsyncNext(&tag, &ok, ToGrpc(taken == 0 ? until : Monotonic{}));
    if (next == grpc::CompletionQueue::SHUTDOWN) return false;
    if (next == grpc::CompletionQueue::TIMEOUT) break;
    const auto done = static_cast<StreamStep*>(tag)->done;  // the step may go with its stream
    done(ok);
  }
  return true;
}

void StreamLoop::Wake() {
  const std::lock_guard lock{mutex_};
  woken_ = true;
  if (!open_) return changed_.notify_all();
  if (!asleep_ || ringing_ || closing_) return;  // closing: the queue's end wakes it
  ringing_ = true;
  alarm_.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &rung_);  // at once
}

}  // namespace sauda::feed
