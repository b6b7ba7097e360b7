#pragma once

#include <cstdint>
#include <string>

namespace sauda::gateway {

/// Counts the ticks that never reached the gateway, over all its streams from the feed: those that
/// a batch says are missing, and those that came while no stream was open. The feed numbers its
/// ticks without holes and sends them in that order, the newest of each key (snapshots) first: when
/// a stream of the same run begins, each hole up to its first live tick is ticks that were missed.
/// After that only what the batches say counts. Nothing is known of what another run sent before.
/// Belongs to the thread that reads the streams.
class LossCounter {
 public:
  /// A stream is opened.
  void Begin();

  /// Before the ticks of each batch: the run it is of, and how many ticks it says are missing.
  /// How many to count as lost: those.
  std::uint64_t Batch(const std::string& instance, std::uint64_t announced);

  /// Each tick of the batch, in its order. How many more were lost before it.
  std::uint64_t Tick(std::uint64_t seq, bool snapshot);

 private:
  std::string instance_;
  std::uint64_t last_seq_ = 0;   // highest of this run, over all streams
  std::uint64_t announced_ = 0;  // while catching up, less those that holes were made of
  bool catching_up_ = false;     // a stream of a run that was read before, no live tick of it yet
};

}  // namespace sauda::gateway
