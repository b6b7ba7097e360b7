#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "services/feed/src/candle_keeper.hpp"
#include "services/feed/src/core/journal_reader.hpp"
#include "services/feed/src/core/tick_rebuilder.hpp"
#include "services/feed/src/core/tick_store.hpp"

namespace sauda::feed {

/// Writes what the journal holds to the store, at its own pace, on its own thread: first what
/// earlier runs left, then this run, as it comes; candles are made of the same ticks by the way.
/// While the store is away it waits, and the journal keeps. A tick that the store refuses is given
/// up once a later one was taken: while nothing is taken it is not the tick, and all of them wait.
class StoreFollower {
 public:
  struct Options {
    std::string instance;  ///< the run of this process
    std::size_t batch_ticks = 4'096;
    std::chrono::milliseconds linger{5};  ///< the first tick of a batch waits so long for others
    std::chrono::milliseconds retain_every{60'000};
    Backoff::Limits backoff{std::chrono::milliseconds{100}, std::chrono::milliseconds{5'000}};
  };
  /// What it tells; called on its thread, when the counts below are up to date.
  struct Events {
    /// Ticks of this run, or none: gaps alone, or ticks of an earlier one.
    std::function<void(std::span<const Tick>)> on_written;
    std::function<void(const Error&)> on_failure;
    std::function<void(const std::string& instance, const Gap&)> on_gap;
    /// The journal cannot be read; it is tried again.
    std::function<void(const Error&)> on_journal_failure;
  };

  /// All outlive it. `candles` null: nobody makes candles of what is read.
  StoreFollower(TickStore& store, JournalReader& journal, FrameDecoder& decoder, Options options,
                Events events, CandleKeeper* candles = nullptr);
  ~StoreFollower();
  StoreFollower(const StoreFollower&) = delete;
  StoreFollower& operator=(const StoreFollower&) = delete;

  /// Writes what the journal holds of this run, which must have ended, but for no longer than
  /// `limit`; the rest is written by the next run. True: all of it is stored. Idempotent.
  bool Stop(std::chrono::milliseconds limit);

  /// The seq of the last stored tick of this run.
  std::uint64_t stored_seq() const { return stored_seq_.load(std::memory_order_relaxed); }
  /// Ticks of any run, since the start.
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  /// Ticks that gaps say are missing, since the start, as far as their number is known.
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kMaxRefused = 8;   // ticks in a row; then it is not the ticks
  static constexpr std::size_t kMaxOwed = 1'000;  // gaps of one run; more are only told

  void Run();
  // Those that give a bool give false when it is time to stop.
  bool ReadProgress();
  bool Follow(const std::string& instance);
  bool FollowOn();
  bool Finish();
  void Take(const JournalItem& item);
  void TakeFrame(const JournalItem& item);
  bool Write();
  bool WriteInParts();
  enum class Outcome : std::uint8_t { kDone, kRefused, kStopping };
  Outcome WriteSome(std::span<const Tick> ticks, std::span<const Gap> gaps, bool complete = false);
  Gap RefusalOf(const Tick& tick) const;
  void Stored(std::span<const Tick> ticks, std::span<const Gap> gaps);
  /// What the candles wait for, and that what has come so far is all.
  void WriteCandles(bool idle);
  bool CatchUpCandles();
  std::uint64_t SegmentToReadFrom(const std::string& instance) const;
  void RetainIfDue();
  void PayOwed();
  /// Waits a little longer each time; not at all once it is time to stop, since the journal keeps.
  bool Pause();
  bool Expired();
  bool pending() const { return !batch_.empty() || !gaps_.empty(); }

  TickStore& store_;
  JournalReader& journal_;
  const Options options_;
  const Events events_;
  CandleKeeper* const candles_;
  std::atomic<std::uint64_t> stored_seq_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> lost_{0};

  // Writing thread only:
  TickRebuilder rebuilder_;
  std::map<std::string, StoreProgress> progress_;
  std::string instance_;       // that is followed
  std::uint64_t segment_ = 0;  // that was read last
  std::vector<Tick> batch_;
  std::uint64_t batch_segment_ = 0;   // that the first of them is in: reading goes on from there
  std::size_t unwritten_frames_ = 0;  // of which the candles alone have news
  std::vector<Gap> gaps_;
  std::string refusal_;                           // the store's last
  std::map<std::string, std::vector<Gap>> owed_;  // of removed segments, by run: not stored yet
  Monotonic first_at_;                            // when the batch was begun
  Monotonic retain_at_;
  Backoff backoff_;
  bool stored_all_ = false;

  std::mutex mutex_;  // guards stop_by_
  std::optional<Monotonic> stop_by_;
  std::condition_variable changed_;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace sauda::feed
