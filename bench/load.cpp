#include "bench/load.hpp"

#include <thread>
#include <utility>

#include "bench/bench.hpp"
#include "libs/base/check.hpp"

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

Window::Window(const Load& load, std::function<std::uint64_t()> taken)
    : load_{load}, taken_{std::move(taken)}, taken_before_{taken_()} {}

void Window::Await() {
  const auto sent = frames_++ * static_cast<std::uint64_t>(load_.ticks_per_frame);
  if (load_.window_ticks == 0) return;
  const auto subscribers = static_cast<std::uint64_t>(load_.subscribers);
  const auto window = static_cast<std::uint64_t>(load_.window_ticks);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (sent * subscribers > taken_() - taken_before_ + window * subscribers) {
    Check(std::chrono::steady_clock::now() < patience, "nobody takes what was sent");
    std::this_thread::sleep_for(std::chrono::microseconds{100});
  }
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
