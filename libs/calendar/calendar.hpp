#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/calendar/sessions.hpp"

namespace sauda::calendar {

/// One stretch of trading within a day, in minutes after 00:00 IST. Without a pre-open, pre_open is
/// open.
struct Hours {
  int pre_open = 0;
  int open = 0;
  int close = 0;

  friend bool operator==(const Hours&, const Hours&) = default;
};

/// How what is known of a day is known; a later one goes before an earlier one.
enum class DayOrigin : std::uint8_t {
  kRules,    ///< the weekday's regular hours
  kShipped,  ///< the table of holidays and special sessions that Sauda comes with
  kBroker,   ///< the broker's holidays and timings
  kFile,     ///< what the owner wrote
};

/// What a segment does on one day.
struct Day {
  std::vector<Hours> sessions;  ///< in order, apart from one another; none: closed all day
  std::string why;              ///< `Holi`, `Muhurat trading`; empty on a regular day
  DayOrigin origin = DayOrigin::kRules;

  friend bool operator==(const Day&, const Day&) = default;
};

/// A day of a segment that is not, or may not be, what the rules make of it.
struct SpecialDay {
  IstDate date;
  Segment segment = Segment::kNseEquity;
  Day day;

  friend bool operator==(const SpecialDay&, const SpecialDay&) = default;
};

/// Whether these may be the sessions of a day: in order, apart, each within the day and with
/// pre_open <= open < close.
bool AreSessions(const std::vector<Hours>& sessions);

/// Sessions by dated rules (sessions.hpp), and days that differ from them. A value: a better
/// calendar is another one.
class Calendar {
 public:
  /// The rules alone.
  Calendar() = default;
  /// Of a day and segment that is there twice the higher origin counts, then the later one. Days
  /// whose sessions are not AreSessions are a programming error.
  explicit Calendar(const std::vector<SpecialDay>& days);

  Day On(Segment segment, IstDate date) const;

  /// See sessions.hpp; with the special days.
  Session SessionAt(Segment segment, std::int64_t epoch_ms) const;
  bool IsTradingDay(Segment segment, IstDate date) const;
  std::optional<std::int64_t> OpenMs(Segment segment, IstDate date) const;

  /// Every day from `first` to `last` of which something is known, weekends apart unless there is
  /// trading on them; by date, then segment. Includes what is shipped.
  std::vector<SpecialDay> SpecialDays(IstDate first, IstDate last) const;

  /// Whether holidays of this year are known, shipped or given. Else its weekdays all count as
  /// trading days.
  bool Knows(int year) const;

 private:
  using Key = std::pair<IstDate, Segment>;

  /// Without a copy: asked for every candle and frame. `regular` holds what is not kept.
  std::span<const Hours> SessionsOn(Segment segment, IstDate date, Hours& regular) const;

  std::map<Key, Day> days_;
};

/// The one that Sauda comes with: the rules alone.
const Calendar& ShippedCalendar();

/// The calendar of a process: the rules alone until there is a better one. Thread-safe.
class CalendarKeeper {
 public:
  /// Never null; whoever took one goes on with it.
  std::shared_ptr<const Calendar> Current() const;
  void Replace(Calendar calendar);
  /// How often it was replaced: what was worked out with an earlier one is to be done again.
  std::uint64_t version() const { return version_; }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Calendar> current_ = std::make_shared<const Calendar>();
  std::atomic<std::uint64_t> version_{0};
};

/// When one segment trades, as a keeper has it at the moment: for what asks again and again of one
/// instrument. Cheap to copy. Thread-safe.
class TradingHours {
 public:
  /// Of a segment that the calendar does not know (GLOBAL_INDEX): around the clock, every day.
  // NOLINTNEXTLINE(google-explicit-constructor): a segment stands for its shipped hours
  TradingHours(std::optional<Segment> segment = std::nullopt,
               const CalendarKeeper* keeper = nullptr)
      : segment_{segment}, keeper_{keeper} {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  TradingHours(Segment segment) : segment_{segment} {}

  /// From the first opening of the day to its last close; absent: closed all day. What is between
  /// two sessions of a day counts as its middle.
  std::optional<Hours> On(IstDate date) const;
  std::uint64_t version() const { return keeper_ == nullptr ? 0 : keeper_->version(); }

 private:
  std::optional<Segment> segment_;
  const CalendarKeeper* keeper_ = nullptr;  // null: the shipped calendar
};

}  // namespace sauda::calendar
