#include "services/orders/src/step_recorder.hpp"

#include <utility>

#include "libs/base/backoff.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::orders {

using std::chrono::milliseconds;

void StepRecorder::Start(Write write) {
  write_ = std::move(write);
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

bool StepRecorder::HasRoom() const {
  const std::lock_guard lock{mutex_};
  return steps_.size() < kEnough;
}

void StepRecorder::Put(PaperStep step) {
  const std::lock_guard lock{mutex_};
  steps_.push_back(std::move(step));
  metrics_.paper_steps_waiting.Set(static_cast<double>(steps_.size()));
  changed_.notify_one();
}

void StepRecorder::Run(const std::stop_token& stop) {
  Backoff backoff{{.first = milliseconds{100}, .most = milliseconds{2'000}}};
  std::unique_lock lock{mutex_};
  while (changed_.wait(lock, stop, [this] { return !steps_.empty(); })) {
    const PaperStep step = steps_.front();  // stays in front until it is written
    lock.unlock();
    const auto written = write_(step);
    lock.lock();
    if (!written && written.error().code == Code::kUnavailable) {
      changed_.wait_for(lock, stop, backoff.Next(), [] { return false; });
      if (stop.stop_requested()) return;
      continue;
    }
    if (!written) {
      metrics_.paper_steps_dropped.Increment();
      spdlog::error(
          "paper step refused by the ledger client_order_id={} status={} reason={} "
          "message={}",
          step.name.client_order_id, telemetry::Quoted(step.row.status), written.error().reason,
          telemetry::Quoted(written.error().message));
    }
    backoff.Reset();
    steps_.pop_front();
    metrics_.paper_steps_waiting.Set(static_cast<double>(steps_.size()));
  }
}

}  // namespace sauda::orders
