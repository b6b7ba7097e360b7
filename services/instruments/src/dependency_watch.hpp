#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/telemetry/dependencies.hpp"

namespace sauda::instruments {

/// Asks each dependency how it is, on a thread of its own: every ten seconds while all are well,
/// sooner, with backoff and jitter, while one is not. Starts when it is made, stops when it dies.
class DependencyWatch {
 public:
  struct Probe {
    std::string name;
    std::function<Result<void>()> ask;  // ends by itself within seconds
  };

  /// What the probes use must outlive the watch.
  DependencyWatch(telemetry::Dependencies& dependencies, std::vector<Probe> probes);

 private:
  void Watch(const std::stop_token& stop);
  bool AskAll(const std::stop_token& stop);

  telemetry::Dependencies& dependencies_;
  const std::vector<Probe> probes_;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace sauda::instruments
