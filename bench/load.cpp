#include "bench/load.hpp"

#include <thread>

#include "bench/bench.hpp"

namespace sauda::bench {

std::int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t Pace(const Load& load, std::chrono::milliseconds duration,
                  const std::function<void(std::int64_t)>& send) {
  const auto start = std::chrono::steady_clock::now();
  const auto end = start + duration;
  std::int64_t frame = 0;
  for (auto now = start; now < end; now = std::chrono::steady_clock::now()) {
    if (load.frames_per_second > 0) {
      const auto due =
          start + std::chrono::nanoseconds{1'000'000'000 / load.frames_per_second * frame};
      if (due > now) std::this_thread::sleep_until(due);
    }
    send(frame++);
  }
  return frame;
}

Delivery Summarise(const Load& load, const std::vector<const Samples*>& all, double sent_ticks) {
  std::vector<double> latencies;
  double ticks = 0;
  for (const Samples* const samples : all) {
    latencies.insert(latencies.end(), samples->latencies().begin(), samples->latencies().end());
    ticks += static_cast<double>(samples->ticks());
  }
  const double seconds = std::chrono::duration<double>(load.measured).count();
  return {.p50_us = Percentile(latencies, 0.50),
          .p99_us = Percentile(latencies, 0.99),
          .ticks_per_second = ticks / seconds,
          .share = ticks * static_cast<double>(load.watch_lists) / (sent_ticks * load.subscribers)};
}

}  // namespace sauda::bench
