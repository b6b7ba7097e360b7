#include "services/instruments/src/dependency_watch.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "libs/base/backoff.hpp"

namespace sauda::instruments {
namespace {

constexpr std::chrono::seconds kWellEvery{10};
constexpr Backoff::Limits kIllEvery{.first = std::chrono::milliseconds{500},
                                    .most = std::chrono::milliseconds{5'000}};

}  // namespace

DependencyWatch::DependencyWatch(telemetry::Dependencies& dependencies, std::vector<Probe> probes)
    : dependencies_{dependencies},
      probes_{std::move(probes)},
      thread_{[this](const std::stop_token& stop) { Watch(stop); }} {}

void DependencyWatch::Watch(const std::stop_token& stop) {
  Backoff backoff{kIllEvery};
  std::mutex mutex;
  std::condition_variable_any wake;  // only for the stop token's sake
  while (!stop.stop_requested()) {
    const bool well = AskAll(stop);
    if (well) backoff.Reset();
    const std::chrono::milliseconds pause = well ? kWellEvery : backoff.Next();
    std::unique_lock lock{mutex};
    (void)wake.wait_for(lock, stop, pause, [] { return false; });
  }
}

bool DependencyWatch::AskAll(const std::stop_token& stop) {
  bool well = true;
  for (const Probe& probe : probes_) {
    if (stop.stop_requested()) return well;
    const auto asked = probe.ask();
    if (asked) {
      dependencies_.Up(probe.name);
    } else {
      well = false;
      dependencies_.Down(probe.name, asked.error().reason + ": " + asked.error().message);
    }
  }
  return well;
}

}  // namespace sauda::instruments
