#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load.hpp"

namespace sauda::bench {

/// Starts the process in which TickReaders live, as the readers of a feed do. Their bytes would
/// else go through the threads of the servers that the benchmarks keep for the feed, as gRPC lets
/// any of a process's threads poll any of its connections. Call once, before gRPC is used.
void StartReaderProcess();

/// TickReaders in that process; see there.
class RemoteReaders {
 public:
  RemoteReaders(const std::string& feed_address, const std::vector<std::string>& keys,
                const Load& load, int parse_every);
  RemoteReaders(const RemoteReaders&) = delete;
  RemoteReaders& operator=(const RemoteReaders&) = delete;

  void Measure(std::int64_t measure_from_us);
  /// Ticks that all of them got or were told they missed, since the first of all readers.
  static std::uint64_t taken();
  Delivery Finish(double sent_ticks);
};

}  // namespace sauda::bench
