#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "services/feed/src/core/batch_buffers.hpp"
#include "services/feed/src/core/update.hpp"

namespace sauda::feed {

/// What to do when a reader is slower than the market.
enum class Overflow : std::uint8_t { kConflate, kDropOldest, kDisconnect };

/// What waits to be sent to one subscriber. Bounded: by the number of instruments followed when it
/// conflates, else by `capacity`. Not thread-safe: the owner holds the lock.
class Mailbox {
 public:
  struct Options {
    Overflow overflow = Overflow::kConflate;
    std::size_t capacity = 4'096;  ///< updates that may wait; CONFLATE needs none
    std::chrono::milliseconds stall_limit{5'000};
  };

  /// What one message carries.
  struct Batch {
    /// Encoded updates, one after the other: oldest first, conflated ones in the place of the
    /// first.
    std::string bytes;
    std::uint64_t last_seq = 0;  ///< of the last of them
    std::uint32_t count = 0;
    std::uint64_t dropped = 0;    ///< missed since the last batch: the buffer was full
    std::uint64_t conflated = 0;  ///< replaced by newer ones since the last batch
    std::optional<ConnectionState> connection;  ///< when it changed since the last batch
    Monotonic oldest;  ///< least received_at of its news; the clock's beginning: it has none
  };

  explicit Mailbox(Options options) : options_{options} {}

  /// Takes one update. Returns false when the policy says that the reader must go; nothing was
  /// taken. Called for each update and reader, so it looks at the clock only when nothing waited;
  /// else it is as late as the update's frame was read.
  bool Put(const Update& update, const Clock& clock);

  void PutConnection(ConnectionState state, Monotonic now);

  /// True when something has waited for longer than the limit and nothing was taken meanwhile.
  bool Stalled(Monotonic now) const;

  /// Everything that waits, up to `max_bytes`, but one update at least, in a text of `buffers`.
  Batch Take(std::size_t max_bytes, Monotonic now, BatchBuffers& buffers);

  bool empty() const { return queue_.empty() && !connection_; }
  std::size_t size() const { return queue_.size(); }

 private:
  void Conflate(const Update& update);

  const Options options_;
  std::deque<Update> queue_;
  std::vector<std::uint64_t> place_;  // by instrument: its number in the queue's count, 0: none
  std::uint64_t taken_ = 0;           // updates that have left the queue
  std::uint64_t dropped_ = 0;
  std::uint64_t conflated_ = 0;
  std::optional<ConnectionState> connection_;
  Monotonic waiting_since_;  // last Take, or first Put into an empty box
};

}  // namespace sauda::feed
