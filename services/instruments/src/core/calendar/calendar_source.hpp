#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/calendar/calendar.hpp"

namespace sauda::instruments {

/// When an exchange (NSE, NFO, …) trades, as the broker says it: milliseconds since the Unix epoch.
struct BrokerHours {
  std::string exchange;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
};

/// A day of the broker's list of holidays. An exchange in neither list is as always.
struct BrokerHoliday {
  std::string date;
  std::string description;
  std::vector<std::string> closed;
  std::vector<BrokerHours> open;
};

/// The broker's calendar (upstox-api 8.4). One caller at a time.
class CalendarSource {
 public:
  virtual ~CalendarSource() = default;
  /// Fails with kUnavailable / BROKER_DOWN, as does Timings.
  virtual Result<std::vector<BrokerHoliday>> Holidays() = 0;
  virtual Result<std::vector<BrokerHours>> Timings(calendar::IstDate date) = 0;
  /// Whether what answered is a simulator.
  virtual bool simulated() const = 0;
};

/// The owner's own days. One caller at a time.
class CalendarFile {
 public:
  virtual ~CalendarFile() = default;
  /// Whether there may be something else in it than at the last Read.
  virtual bool Changed() = 0;
  /// No days without a file. Fails with kFailedPrecondition / CALENDAR_FILE_INVALID.
  virtual Result<std::vector<calendar::SpecialDay>> Read() = 0;
};

/// The broker's days as they were last told, so that they are known at a start without the broker.
/// Thread-safe.
class CalendarStore {
 public:
  virtual ~CalendarStore() = default;
  /// Fails with kUnavailable / DATABASE_DOWN, as does Save.
  virtual Result<std::vector<calendar::SpecialDay>> Load() = 0;
  /// Takes the place of all that is kept.
  virtual Result<void> Save(const std::vector<calendar::SpecialDay>& days) = 0;
};

}  // namespace sauda::instruments
