#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/feed/src/core/minute_history.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Makes bars of ticks: minutes, and the coarser ones as sums of minutes, anchored at the session's
/// open. One thread makes all calls. Bounded: by instrument `kept_minutes`, and `queue` finished
/// bars that wait to be taken. A tick that finishes no bar allocates nothing once the history of
/// its instrument is full.
///
/// Which trade. A tick shows the instrument's last trade, often one that was shown before. A trade
/// is new when its time, price, quantity and volume of the day are not those of one of the last
/// `kRemembered` shown; repeats count nothing but open interest. The broker shows a trade or two a
/// second: what happened between them is in the volume and in no price.
///
/// Which minute. That of the exchange's time of the trade (`ltt`), never that of arrival.
/// - Outside the session (pre-open, after the close, a day without one): in no bar. The volume of
///   the day moves on with it, so the first minute does not hold the opening auction's.
/// - More than `ahead` later than the broker's clock in the same tick: not believed, ignored.
/// - In a minute that is over (a later trade was shown, or Close said so): it revises that bar, or
///   makes it, while the minute ended at most `grace` ago by the newest of: the instrument's newest
///   trade, Close, the broker's clock in the tick. After that it only counts as late.
///
/// Which volume. What the volume of the day (`vtt`) grew by since the trade shown before belongs to
/// the newer trade's minute. At a minute's edge that may be a minute too late for trades that were
/// never shown; Candle::edge_volume says for how much. (In two recorded days the broker's own bars
/// agree with this rule at 71 % and 91 % of the edges, with the opposite one at 9 % and 55 %.)
/// - The first trade seen has nothing to differ from: its quantity counts. Bars that began before
///   it are partial.
/// - The same holds for a trade that the broker's snapshot shows after more than `unseen` (by the
///   broker's clock) without a tick of the instrument: it was not subscribed, or nobody was there.
///   Its bar is partial, whatever was counted before; what was traded meanwhile is in none.
/// - A new day counts from zero.
/// - A fall within a day (a correction): the trade's quantity counts, the bar is estimated, later
///   trades differ from the new value.
/// - A trade older than the newest shown, with a volume between two bars': what was traded up to it
///   moves from the later bar's edge to its own.
/// - Without `vtt` (mode LTPC): the quantities of the trades seen, and the bar is estimated. The
///   first trade with `vtt` after one without is as the first seen.
/// - An index has no volume: 0.
class Candles {
 public:
  struct Options {
    std::size_t kept_minutes = 375;  ///< by instrument, at least MinuteHistory::kLeastCapacity
    std::chrono::milliseconds grace{120'000};
    std::chrono::milliseconds ahead{60'000};
    std::chrono::milliseconds unseen{300'000};
    std::size_t queue = 65'536;  ///< bars waiting for Take; more are not queued but counted
    /// When markets trade; outlives it. Null: the shipped calendar.
    const calendar::CalendarKeeper* calendars = nullptr;
    bool coarse = true;  ///< whether Take gives bars longer than a minute too
  };

  /// What became of the ticks; rises only.
  struct Counts {
    std::uint64_t trades = 0;       ///< in a bar
    std::uint64_t repeats = 0;      ///< shown before
    std::uint64_t tradeless = 0;    ///< no last trade in it, or one without time or price
    std::uint64_t outside = 0;      ///< outside the session
    std::uint64_t late = 0;         ///< too late to revise its bar
    std::uint64_t ahead = 0;        ///< later than the broker's clock
    std::uint64_t corrections = 0;  ///< falls of `vtt` within a day
    std::uint64_t unqueued = 0;     ///< finished bars that Take will not give: the queue was full

    friend bool operator==(const Counts&, const Counts&) = default;
  };

  static constexpr std::size_t kRemembered = 8;

  explicit Candles(Options options) : options_{options} {}

  /// `tick.listing` is set. Ids are dense: memory grows with the greatest.
  void OnTick(InstrumentId id, const Tick& tick);

  /// It is `now_ms` in the market (since the Unix epoch): bars that ended by then are complete, of
  /// instruments without a later trade too. The caller allows for the broker's delay; a trade that
  /// comes after all revises its bar. Time that goes back is ignored.
  void Close(std::int64_t now_ms);

  /// Trades may be missing from `from_ms` to `to_ms`, both included, of every instrument: bars that
  /// this touches are marked, those that are there (which revises the finished ones among them) and
  /// those that are yet to be made. Bars that are not kept any more stay as they were.
  void MarkGap(std::int64_t from_ms, std::int64_t to_ms);

  /// All that later calls depend on, but for `queue` and the options: another one that loads it
  /// goes on as this one would. The bytes are for the same program on the same kind of machine.
  void Save(StateWriter& out) const;
  /// `keys` by InstrumentId, of all that were there. False: not such bytes; it is as new then.
  bool Load(StateReader& in, std::span<const std::string> keys);

  /// The latest time that is known to have come, by Close; less than any: none yet.
  std::int64_t closed_to_ms() const { return closed_to_ms_; }

  /// Forgets every instrument, time and gap: it is as new, but for its counts and what waits for
  /// Take.
  void ForgetAll();

  /// Forgets an instrument and its bars; those that are finished can still be taken. To be called
  /// when its subscription ends: the next tick is then as the first.
  void Forget(InstrumentId id);

  /// Forgets the instruments whose newest trade is more than `age` older than the newest of all (a
  /// trade later than `now_ms` does not count for that): so days without a session forget nothing.
  /// The others are numbered anew, from 0 in their order; gives their earlier numbers, by the new.
  /// Not while anything waits for Take.
  std::vector<InstrumentId> Prune(std::chrono::milliseconds age, std::int64_t now_ms);

  /// The bars that were finished or revised since the last call, in that order. A bar that was
  /// revised comes again, with a higher `revised`; the later one holds. Of a minute's bars, the
  /// shorter come first.
  std::vector<Candle> Take();

  /// The newest `limit` bars, oldest first, the running one included. Minutes without a trade have
  /// no bar. Empty for an instrument without any.
  std::vector<Candle> Read(InstrumentId id, Interval interval, std::size_t limit);

  const Counts& counts() const { return counts_; }

 private:
  /// A trade as a tick showed it.
  struct Shown {
    std::int64_t time_ms = 0;
    double price = 0;
    std::int64_t quantity = 0;
    std::int64_t vtt = 0;  ///< 0: not in this mode

    bool IsSame(const Shown& other) const;
    bool IsBefore(const Shown& other) const;
  };

  static constexpr std::size_t kGaps = 8;  // remembered for bars to come
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kLongAgo = std::numeric_limits<std::int64_t>::min();

  /// One instrument.
  struct Line {
    Line(InstrumentId line_id, std::size_t kept, const calendar::TradingHours& trading)
        : id{line_id}, history{kept, trading} {
      finished.fill(kLongAgo);
    }

    InstrumentId id;
    MinuteHistory history;
    Shown newest;                            // time_ms 0: none yet
    std::array<Shown, kRemembered> shown{};  // the last ones, in the order of arrival, as a ring
    std::size_t next_shown = 0;
    std::int64_t first_seen_ms = 0;  // time of the first trade seen
    std::int64_t ticked_ms = 0;      // the broker's clock in the last tick; 0: none showed one
    std::int64_t counted_vtt = 0;    // volume of the day that was given to trades so far
    bool vtt_known = false;          // whether the next vtt can be compared with it
    std::int64_t due_ms = kNever;    // when the next bar ends
    std::array<std::int64_t, kIntervals.size()> finished{};  // start of the newest bar queued
  };

  std::unique_ptr<Line> MakeLine(InstrumentId id, std::string_view key) const;
  Line& LineOf(InstrumentId id, const Tick& tick);
  /// Notes the tick, and whether what was traded before it went unseen.
  bool WasUnseen(Line& line, const Tick& tick) const;
  bool IsRepeat(Line& line, const Shown& trade);
  bool IsTooLate(const Minute& minute, std::int64_t now_ms) const;
  /// `anew`: as if it were the first of the instrument.
  void OnNewer(Line& line, const Shown& trade, const Tick& tick, std::int64_t now_ms, bool anew);
  void OnOlder(Line& line, const Shown& trade, const Tick& tick, std::int64_t now_ms);
  /// What the newest trade adds to its minute's volume; `estimated` is set when it is a guess.
  std::int64_t VolumeOf(Line& line, const Shown& trade, bool anew, bool& estimated);
  /// What the trade of an older minute at `i` takes from the edge of the minute after it.
  std::int64_t TakeFromEdge(Line& line, std::size_t i, const Shown& trade);
  /// The latest time that is known to have come for the instrument's bars.
  std::int64_t NowOf(const Line& line) const {
    return std::max(line.newest.time_ms, closed_to_ms_);
  }
  /// Queues the bars that ended by now and were not queued before.
  void Complete(Line& line);
  /// Queues a minute that is over and changed, and the complete bars that hold it.
  void TellAgain(Line& line, std::size_t i);
  /// A minute that was just put in.
  void Begin(Minute& minute, const Tick& tick) const;
  bool LoadAll(StateReader& in, std::span<const std::string> keys);
  Candle MinuteBar(const Line& line, std::size_t i) const;
  Candle CoarseBar(Line& line, Interval interval, std::size_t i) const;
  void Queue(const Candle& candle);

  const Options options_;
  std::vector<std::unique_ptr<Line>> lines_;  // by InstrumentId; null: no tick yet
  std::int64_t closed_to_ms_ = kLongAgo;
  std::array<Span, kGaps> gaps_{};  // the last ones, as a ring; Span's end is included here
  std::size_t next_gap_ = 0;
  std::vector<Candle> queue_;
  Counts counts_;
};

}  // namespace sauda::feed
