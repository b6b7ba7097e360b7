#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "services/feed/src/core/tick_store.hpp"

namespace sauda::feed {

/// Writes ticks and gaps to the store at its own pace, on its own thread. Whoever pushes never
/// waits: the queue is bounded in bytes, what does not fit is lost, counted, and becomes a gap. A
/// batch that failed is tried again until it is in; the store leaves out what it has already. A
/// tick that the store refuses is given up once a later one was taken: while nothing is taken it is
/// not the tick, and all of them wait.
class StoreWriter {
 public:
  struct Options {
    std::size_t queue_bytes = 256UL << 20U;
    std::size_t batch_ticks = 4'096;
    std::chrono::milliseconds linger{5};  ///< the first tick of a batch waits so long for others
    Backoff::Limits backoff{std::chrono::milliseconds{100}, std::chrono::milliseconds{5'000}};
  };
  /// What it tells; called on its thread, when the counts below are up to date.
  struct Events {
    std::function<void(std::span<const Tick>)> on_written;
    std::function<void(const Error&)> on_failure;
  };

  StoreWriter(TickStore& store, Options options, Events events);
  ~StoreWriter();
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  /// Ticks in the order of seq. Any one thread at a time.
  void Push(std::vector<Tick> ticks);

  /// A gap to be kept; its number is given here.
  void RecordGap(Gap gap);

  /// Writes what waits, but for no longer than `limit`; what is left then is lost, counted in the
  /// answer. Idempotent.
  std::uint64_t Stop(std::chrono::milliseconds limit);

  std::uint64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kMaxGaps = 10'000;  // that wait; then the oldest two become one
  static constexpr std::size_t kMaxRefused = 8;    // ticks in a row; then it is not the ticks

  void Run();
  /// Waits for a batch; false when there is none and never will be.
  bool Fill();
  void Write();
  void Stored();
  void Refused(const Error& why);
  void Pause();
  // With mutex_ held:
  void TakeApart();
  void GiveUpRefused();
  void TakeBackRefused();
  void AddGap(Gap gap);

  TickStore& store_;
  const Options options_;
  const Events events_;
  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> lost_{0};

  std::vector<Tick> batch_;        // writing thread only; kept until it is in
  std::vector<Gap> batch_gaps_;    // writing thread only
  std::size_t batch_limit_;        // writing thread only; small while it looks for a bad tick
  std::vector<Tick> refused_;      // writing thread only; each alone, since one was taken
  std::vector<Gap> refused_gaps_;  // writing thread only
  std::string refusal_;            // writing thread only; the last
  Backoff backoff_;                // writing thread only

  std::mutex mutex_;  // guards everything below but the thread
  std::deque<Tick> queue_;
  std::size_t bytes_ = 0;  // of queue_, batch_ and refused_
  std::deque<Gap> gaps_;
  std::optional<Gap> overflow_;  // still growing
  std::uint64_t last_gap_ = 0;
  std::int64_t last_queued_ns_ = 0;
  Monotonic first_queued_;
  std::optional<Monotonic> stop_by_;
  std::condition_variable changed_;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace sauda::feed
