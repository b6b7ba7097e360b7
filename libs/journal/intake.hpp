#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/journal/format.hpp"
#include "libs/journal/payloads.hpp"

namespace sauda::journal {

/// Where a new segment begins in the order of what was pushed.
struct Head {
  bool simulated = false;
  std::int64_t at_ns = 0;       ///< wall clock, since the Unix epoch, UTC
  std::vector<Record> state;    ///< may be empty
  std::optional<Stretch> lost;  ///< what is missing before it
};
using Entry = std::variant<Record, std::unique_ptr<Head>>;

/// The bounded ring between the owner, who never waits, and the writing thread. It alone decides
/// what is taken and where segments begin, so that both are settled in the order of the pushes:
///
/// - Nothing is taken before a head. A head is wanted at the start, when a segment is full or its
///   day is over, and after every loss: frames on top of a state with a hole would be believed.
/// - A head is taken once the ring has half its room, so that a slow disk makes few segments, and
///   only one waits at a time.
/// - What is not taken is added to one stretch, which goes into the next head.
///
/// Thread-safe: one owner and one writing thread; the mutex is never held for longer than it takes
/// to move a record or to swap two vectors.
class Intake {
 public:
  struct Limits {
    std::size_t ring_bytes = 32UL << 20U;        ///< of records that wait or are being written
    std::size_t ring_records = 65'536;           ///< as above
    std::size_t state_bytes = 64UL << 20U;       ///< of one head; comes on top of ring_bytes
    std::uint64_t segment_bytes = 256UL << 20U;  ///< of frames; then a head is wanted
  };

  explicit Intake(Limits limits);

  // The owner's side.
  bool WantsHead(std::int64_t received_ns, Monotonic now) const;
  Result<void> PushHead(Head head, Monotonic now);
  void Push(Record record);
  void Close();

  // The writing thread's side.
  /// Waits for entries, at the longest until then, and swaps them for the empty `batch`. False:
  /// closed, and everything was taken.
  bool Take(std::vector<Entry>& batch, std::optional<Monotonic> until);
  /// When the oldest entry of the batch taken last was pushed.
  Monotonic oldest() const { return oldest_taken_; }
  /// These are written: there is room for others.
  void Done(std::size_t bytes, std::size_t records);
  /// The head that waited has begun its segment.
  void HeadDone();
  /// Takes everything and nothing more until Reopen.
  std::vector<Entry> Break(std::string reason);
  /// After a Break: what was lost before it, how many records of these nobody has counted yet, and
  /// when a head may be tried again.
  void Reopen(Stretch lost, std::uint64_t newly_lost, Monotonic retry_at);
  /// The stretch that no head has told of; at the end only.
  std::optional<Stretch> TakeLost();

  std::uint64_t lost_records() const { return lost_records_.load(std::memory_order_relaxed); }
  std::uint64_t waiting_records() const;

 private:
  // With mutex_ held:
  bool HasHalfItsRoom() const;
  bool MayBegin(Monotonic now) const;
  const char* Refusal(std::size_t bytes) const;

  const Limits limits_;
  std::atomic<std::uint64_t> lost_records_{0};
  Monotonic oldest_taken_;  // writing thread only

  mutable std::mutex mutex_;  // guards everything below
  std::vector<Entry> queue_;
  std::size_t bytes_ = 0;    // waiting or being written
  std::size_t records_ = 0;  // waiting or being written
  bool headed_ = false;      // what is pushed now belongs to a segment
  bool head_waits_ = false;
  std::uint64_t segment_bytes_ = 0;
  std::int64_t segment_day_ = 0;
  std::optional<Stretch> lost_;
  std::string why_not_ = "STATE_MISSING";  // while not headed_
  Monotonic retry_at_ = Monotonic::min();
  Monotonic oldest_;  // first push into the empty queue
  bool closed_ = false;
  std::condition_variable changed_;
};

}  // namespace sauda::journal
