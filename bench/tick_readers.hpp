#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/load.hpp"

namespace sauda::bench {

/// Many StreamTicks calls to one feed, each on a connection of its own, read by one thread.
/// They look at the header of each batch and parse one in `parse_every`, not all the same one; its
/// ticks carry their send time as the time of the last trade. One more call, opened before them,
/// does not read when the load says so.
class TickReaders {
 public:
  /// Opens the calls for `keys` and returns when each has had its first message. What they get or
  /// are told they missed is added to `taken`.
  TickReaders(const std::string& feed_address, const std::vector<std::string>& keys,
              const Load& load, int parse_every, std::atomic<std::uint64_t>& taken);
  ~TickReaders();
  TickReaders(const TickReaders&) = delete;
  TickReaders& operator=(const TickReaders&) = delete;

  /// Counts from now plus the warm-up.
  void Measure(std::int64_t measure_from_us);
  /// Wakes the stalled call until it is told that it missed half of what was sent, ends the calls;
  /// what they saw.
  Delivery Finish(double sent_ticks);

 private:
  class Reader;
  class Poller;
  const Load load_;
  std::unique_ptr<Poller> poller_;
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace sauda::bench
