#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::calendar {

inline constexpr std::int64_t kMsPerMinute = 60'000;
inline constexpr std::int64_t kMsPerDay = 86'400'000;
/// India Standard Time is UTC+05:30 all year.
inline constexpr std::int64_t kIstOffsetMs = 19'800'000;

/// A day of the Gregorian calendar in India.
struct IstDate {
  int year = 1970;
  int month = 1;  ///< 1 to 12
  int day = 1;    ///< 1 to 31

  /// The day that contains this instant (milliseconds since the Unix epoch, UTC).
  static IstDate Of(std::int64_t epoch_ms);
  /// The day this many days after 1970-01-01.
  static IstDate FromDays(std::int64_t days_since_epoch);
  /// Reads `yyyy-MM-dd`. Fails with kInvalidArgument / DATE_MALFORMED, also for days that do not
  /// exist.
  static Result<IstDate> Parse(std::string_view text);

  std::string ToString() const;  ///< `yyyy-MM-dd`
  std::int64_t DaysSinceEpoch() const;
  /// Its first instant, 00:00 IST, in milliseconds since the Unix epoch, UTC.
  std::int64_t StartMs() const;
  /// The instant this many minutes after 00:00 IST.
  std::int64_t AtMinute(int minute) const { return StartMs() + minute * kMsPerMinute; }
  IstDate Plus(int days) const { return FromDays(DaysSinceEpoch() + days); }
  bool IsWeekend() const;

  friend auto operator<=>(const IstDate&, const IstDate&) = default;
};

/// `yyyy-MM-dd HH:mm:ss`, IST: the broker's way in orders and trades.
std::string FormatIst(std::int64_t epoch_ms);

/// Reads `yyyy-MM-dd HH:mm:ss`, IST. Fails with kInvalidArgument / TIME_MALFORMED.
Result<std::int64_t> ParseIst(std::string_view text);

/// When an access token issued at this instant dies: the next 03:30 IST after it
/// (docs: "valid until 3:30 AM the following day"). At 03:30:00.000 itself, a day later.
std::int64_t NextTokenExpiryMs(std::int64_t epoch_ms);

}  // namespace sauda::calendar
