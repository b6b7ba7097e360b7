#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "services/orders/src/core/paper_engine.hpp"
#include "services/orders/src/metrics.hpp"

namespace sauda::orders {

/// Writes the steps of the paper engine to the ledger, in order, on a thread of its own from Start
/// until it dies. While the database is away it tries again; the engine stands still once too many
/// wait. What the ledger refuses is logged, counted and dropped. What waits when the process ends
/// never happened: the ledger is what is rebuilt from.
class StepRecorder final : public StepSink {
 public:
  /// Below it there is room: one event of the market may fill that many orders more.
  static constexpr std::size_t kEnough = 1'024;

  /// Writes one step; fails with kUnavailable when it should be tried again.
  using Write = std::function<Result<void>(const PaperStep& step)>;

  explicit StepRecorder(Metrics& metrics) : metrics_{metrics} {}

  void Start(Write write);

  bool HasRoom() const override;
  void Put(PaperStep step) override;

 private:
  void Run(const std::stop_token& stop);

  Metrics& metrics_;
  Write write_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::deque<PaperStep> steps_;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace sauda::orders
