#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "services/instruments/src/core/calendar/calendar_source.hpp"

namespace sauda::instruments {

/// How well the calendar is known.
struct CalendarState {
  std::int64_t revision = 0;            // of the days: the same days, the same number
  std::int64_t broker_answered_ms = 0;  // wall clock; 0: not since the start
  std::string failure;                  // of the last attempt at the broker or the file
  bool simulated = false;
};

/// Makes the calendar of the suite out of the rules, the broker's days and the owner's file, and
/// keeps it up to date: the broker is asked at the start and on every new market day, the file read
/// when it changes. What cannot be read leaves what is there as it is. Thread-safe.
class MarketCalendar {
 public:
  struct Parts {
    CalendarSource& source;
    CalendarFile& file;
    CalendarStore& store;
    const Clock& clock;
    const MarketClock& market_clock;
  };
  /// A calendar, and of which state it is.
  struct View {
    std::shared_ptr<const calendar::Calendar> calendar;
    CalendarState state;
  };

  explicit MarketCalendar(Parts parts);

  /// Does what is due; called every second or so.
  void Look();

  /// Asks the broker and reads the file whether it is due or not. Fails with kUnavailable /
  /// BROKER_DOWN or kFailedPrecondition / CALENDAR_FILE_INVALID; the other one's days count then.
  Result<void> Refresh();

  View Current() const;

 private:
  /// Each of these on one thread at a time (refreshing_).
  void LoadKept();
  Result<void> AskBroker();
  Result<void> ReadFile();
  void Publish();

  const Parts parts_;

  std::mutex refreshing_;  // guards what follows
  bool loaded_ = false;
  bool saved_ = true;  // the broker's days are in the store, or not from the broker
  std::vector<calendar::SpecialDay> broker_days_;
  std::vector<calendar::SpecialDay> file_days_;
  std::optional<calendar::IstDate> asked_on_;  // the market day of the broker's last answer
  std::string broker_failure_;
  std::string file_failure_;
  Backoff backoff_{{.first = std::chrono::seconds{1}, .most = std::chrono::minutes{10}}};
  Monotonic not_before_{};

  mutable std::mutex mutex_;  // guards what follows
  CalendarState state_;
  std::shared_ptr<const calendar::Calendar> calendar_ =
      std::make_shared<const calendar::Calendar>();
  std::vector<calendar::SpecialDay> published_;
};

}  // namespace sauda::instruments
