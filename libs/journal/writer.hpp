#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "libs/journal/intake.hpp"
#include "libs/journal/segment_writer.hpp"

namespace sauda::journal {

/// Writes what one owner pushes into segments, on a thread of its own. The owner never waits: the
/// ring is bounded, and what it cannot take, or the disk does not, is lost, counted, told as a
/// stretch and written down as a gap record when the journal goes on.
///
/// A frame's way, on the owner's thread (WantsState, PushState, Push: one thread at a time):
///
///   if (writer.WantsState(frame.received_ns)) writer.PushState({... snapshot of the state ...});
///   ... merge the frame into the state, number its ticks ...
///   writer.Push({... the frame, first_seq, ticks ...});
///
/// The state is taken before the frame is merged, and a new segment begins exactly there: replaying
/// it needs nothing older. State is wanted before the first frame, when a segment is full, on a new
/// day in India, and after every loss; until it is given after a loss, frames are lost too. An
/// owner whose frames need no state gives an empty one. WantsState may also be asked on a beat:
/// while no frames come, that is how a journal that stopped finds out that the disk is well again.
///
/// What `write` has taken survives the process. A full or broken disk stops the journal: the
/// segment is cut after its last whole record, `stopped` and on_stopped say why, and the next state
/// after a back-off is tried on a new segment.
class Writer {
 public:
  struct Options {
    std::filesystem::path root;  ///< the account's directory is made below it
    std::string instance;        ///< differs from that of every process before
    std::string account;
    MarketClock::Source clock = MarketClock::Source::kWall;
    Intake::Limits limits;
    Sync sync = Sync::kNever;
    std::chrono::milliseconds sync_interval{1'000};  ///< with Sync::kInterval
    Backoff::Limits backoff{std::chrono::milliseconds{200}, std::chrono::milliseconds{5'000}};
  };
  /// What it tells; called on its thread, when what it says is visible. They must not block.
  struct Events {
    /// Records are in the kernel's hands: a follower may look.
    std::function<void()> on_written;
    /// A segment of this number has begun.
    std::function<void(std::uint64_t number)> on_segment;
    /// The journal has stopped, or has tried to go on in vain.
    std::function<void(const Error& why)> on_stopped;
    std::function<void()> on_resumed;
    /// A stretch that is over. `in_journal`: a gap record tells of it; else this is the only word.
    std::function<void(const Stretch& lost, bool in_journal)> on_lost;
  };
  /// What the owner knows at a point between two frames.
  struct State {
    std::int64_t received_ns = 0;  ///< of the frame that comes next, or now
    bool simulated = false;        ///< whether the broker is
    std::vector<Record> records;   ///< their kind is set to kState
  };

  /// Fails with kInvalidArgument / ID_INVALID or LIMIT_INVALID, kAlreadyExists / INSTANCE_REUSED,
  /// or as FileError when the directory cannot be made or read. A disk that cannot be written to is
  /// no failure of this: the journal starts stopped. `clock` outlives it.
  static Result<std::unique_ptr<Writer>> Start(Options options, const Clock& clock, Events events);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Whether a state should be pushed before the frame received then.
  bool WantsState(std::int64_t received_ns) const {
    return intake_.WantsHead(received_ns, clock_.Now());
  }
  /// Begins a new segment with this state, wanted or not. Fails, and nothing has changed, with
  ///   kUnavailable      JOURNAL_BUSY: the ring is more than half full, or a back-off runs
  ///   kInvalidArgument  STATE_TOO_LARGE: more than state_bytes, or a record of more than 16 MiB
  Result<void> PushState(State state);
  void Push(Record record) { intake_.Push(std::move(record)); }

  /// Writes what waits, seals and joins. Idempotent.
  void Stop();

  /// Why nothing is being written; absent while all is well.
  std::optional<Error> stopped() const;
  std::uint64_t written_records() const { return written_records_.load(std::memory_order_relaxed); }
  std::uint64_t written_bytes() const { return written_bytes_.load(std::memory_order_relaxed); }
  std::uint64_t lost_records() const { return intake_.lost_records(); }
  std::uint64_t waiting_records() const { return intake_.waiting_records(); }
  /// The longest time from a push to the kernel since this was asked last.
  std::chrono::nanoseconds TakeLongestWait();

 private:
  Writer(Options options, const Clock& clock, Events events);

  void Run();
  void Write();
  Result<void> Flush();
  Result<void> Begin(const Head& head);
  Result<void> SyncIfDue();
  void Fail(const Error& why);
  void End();

  const Options options_;
  const Clock& clock_;
  const Events events_;
  Intake intake_;
  std::atomic<std::uint64_t> written_records_{0};
  std::atomic<std::uint64_t> written_bytes_{0};
  std::atomic<std::int64_t> longest_wait_ns_{0};

  SegmentWriter segments_;  // writing thread only, as are the five below
  std::vector<Entry> batch_;
  std::size_t kept_ = 0;  // entries of batch_ that are written
  Backoff backoff_;
  std::optional<Monotonic> sync_at_;  // something is written and not synced
  mutable std::mutex mutex_;          // guards stopped_
  std::optional<Error> stopped_;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace sauda::journal
