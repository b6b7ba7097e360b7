#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sauda::bench {

/// What is sent to how many.
struct Load {
  int subscribers = 100;
  int frames_per_second = 1'000;
  int ticks_per_frame = 10;
  bool one_stalled = true;  ///< one more subscriber opens, before the others, and does not read
  /// Subscribers follow the instruments of every so manieth frame, the next one's begin a frame on;
  /// 1: all. The stalled one follows all.
  std::size_t watch_lists = 1;
  /// The sender waits while its subscribers are so many ticks behind, on average; 0: it never
  /// waits.
  std::int64_t window_ticks = 0;
  std::chrono::milliseconds warm_up{1'000};
  std::chrono::milliseconds measured{3'000};
};

/// What the subscribers saw in the measured time.
struct Delivery {
  double p50_us = 0;  ///< from the frame's writing to a subscriber's having it, sampled
  double p99_us = 0;
  double ticks_per_second = 0;  ///< over all subscribers that read
  double share = 0;             ///< of what they should have got
  double dropped = 0;           ///< ticks that those who read were told they missed, in all the run
  double stalled_dropped = 0;   ///< ticks that the stalled one was told of when it woke at the end
};

/// Microseconds of the monotonic clock: what a frame carries as its send time.
std::int64_t NowUs();

/// Calls `send` once for each frame at the load's rate for its whole time, on this thread. A late
/// frame is sent at once, so the rate holds as long as `send` is fast enough; a rate of zero sends
/// as fast as `send` returns. Gives the frames sent.
std::int64_t Pace(const Load& load, std::chrono::milliseconds duration,
                  const std::function<void(std::int64_t frame)>& send);

/// Holds a sender back until its subscribers have taken what was sent before, so that the rate
/// found is one at which nothing need be dropped.
class Window {
 public:
  /// `taken`: ticks that all subscribers together have got, or were told they missed, so far.
  Window(const Load& load, std::function<std::uint64_t()> taken);
  /// Call before each frame. Ends the program when nobody has taken anything for ten seconds.
  void Await();

 private:
  const Load load_;
  const std::function<std::uint64_t()> taken_;
  const std::uint64_t taken_before_;
  std::uint64_t frames_ = 0;
};

/// Collects what several reading threads saw. Each thread has its own.
class Samples {
 public:
  explicit Samples(std::int64_t measure_from_us) : from_us_{measure_from_us} {}
  void Latency(std::int64_t sent_us, std::int64_t now_us) {
    if (sent_us >= from_us_) latencies_.push_back(static_cast<double>(now_us - sent_us));
  }
  void Ticks(std::int64_t now_us, std::uint64_t count) {
    if (now_us >= from_us_) ticks_ += count;
  }
  const std::vector<double>& latencies() const { return latencies_; }
  std::uint64_t ticks() const { return ticks_; }

 private:
  std::int64_t from_us_;
  std::vector<double> latencies_;
  std::uint64_t ticks_ = 0;
};

Delivery Summarise(const Load& load, const std::vector<const Samples*>& all, double sent_ticks);

}  // namespace sauda::bench
