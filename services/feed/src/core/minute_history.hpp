#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "services/feed/src/core/candle.hpp"
#include "services/feed/src/core/state_bytes.hpp"

namespace sauda::feed {

/// A bar of one minute as it is kept: what a Candle holds, and what is needed to revise it.
struct Minute {
  std::int64_t start_ms = 0;
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  double open_interest = 0;
  std::int64_t volume = 0;
  std::int64_t edge_volume = 0;
  std::int64_t end_vtt = 0;    ///< the day's volume after its last trade; 0: not known
  std::uint32_t trades = 0;    ///< 0 only before the first Show
  std::uint16_t first_ms = 0;  ///< of the first trade, after the start
  std::uint16_t last_ms = 0;   ///< of the last trade, after the start
  std::uint16_t revised = 0;
  bool complete = false;
  bool partial = false;  ///< as far as that is known by its trades
  bool estimated = false;
  bool gap = false;
  bool simulated = false;

  std::int64_t end_ms() const { return start_ms + calendar::kMsPerMinute; }
  std::int64_t first_trade_ms() const { return start_ms + first_ms; }
  std::int64_t last_trade_ms() const { return start_ms + last_ms; }
  /// Takes the price of a trade in this minute. The open goes by the time of the trade; the close
  /// is the trade that `is_last`.
  void Show(double price, std::int64_t time_ms, bool is_last);
};

/// The newest minutes of one instrument that had a trade, at most `capacity`, and the sums of those
/// that had to go, so that a coarser bar is whole even when it is longer than what is kept. Owned
/// by Candles. Allocates while it grows to its capacity, then no more.
class MinuteHistory {
 public:
  /// Fewer minutes than this are never kept.
  static constexpr std::size_t kLeastCapacity = 2;

  MinuteHistory(std::size_t capacity, const calendar::TradingHours& trading);

  std::size_t size() const { return slots_.size(); }
  bool full() const { return size() == capacity_; }
  /// Oldest first.
  Minute& operator[](std::size_t i) { return slots_[Slot(i)]; }
  const Minute& operator[](std::size_t i) const { return slots_[Slot(i)]; }
  Minute& back() { return (*this)[size() - 1]; }
  const Minute& back() const { return (*this)[size() - 1]; }

  /// The place of the first minute that starts at `start_ms` or later; size() when there is none.
  /// Looks from the newest on: meant for recent ones.
  std::size_t Find(std::int64_t start_ms) const;

  /// Puts an empty minute in at place `i`, before the one that is there, and gives its place, which
  /// is one less when the oldest had to go. Not at place 0 of a full history.
  std::size_t Insert(std::size_t i, std::int64_t start_ms);

  /// The volume of the day at the end of the minute before that at place `i`; 0: not known.
  std::int64_t VttBefore(std::size_t i) const;

  /// The session of the day that contains `at_ms`.
  SessionHours HoursAt(std::int64_t at_ms);

  /// The coarser bar that contains the minute at place `i`; with every minute of it that was ever
  /// kept. `instrument` and `complete` are left to the caller, and whether it began before the
  /// first trade seen.
  Candle Sum(Interval interval, std::size_t i);

  /// What is in it, but for its capacity and hours, to be taken over by another of the same.
  void Save(StateWriter& out) const;
  /// False: `in` does not hold that, or too many minutes; then it must not be used any more.
  bool Load(StateReader& in);

 private:
  std::size_t Slot(std::size_t i) const { return (oldest_ + i) % slots_.size(); }
  void LetGo(const Minute& minute);

  const std::size_t capacity_;
  const calendar::TradingHours trading_;
  std::vector<Minute> slots_;  // a ring once it is full
  std::size_t oldest_ = 0;
  std::array<Candle, kIntervals.size()> gone_{};  // by interval: the bar that lost minutes last
  SessionHours hours_{};                          // of the day asked about last
  std::uint64_t hours_version_ = 0;               // of the calendar that they are from
  std::int64_t hours_from_ms_ = 0;                // that day
  std::int64_t hours_to_ms_ = std::numeric_limits<std::int64_t>::min();
};

/// The minute as a bar, without `instrument`; `partial` as Minute has it.
Candle ToCandle(const Minute& minute);

}  // namespace sauda::feed
