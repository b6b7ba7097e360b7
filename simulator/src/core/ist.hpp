#pragma once

#include <cstdint>
#include <string>

namespace sauda::sim {

/// A moment as India's clocks show it (UTC+05:30, no summer time).
struct IstTime {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

/// `epoch_ms` is UTC.
IstTime ToIst(std::int64_t epoch_ms);

/// "2025-12-15 09:30:00": the form of the broker's order times.
std::string FormatIst(std::int64_t epoch_ms);

/// "251215": how the broker's order ids begin.
std::string FormatIstDay(std::int64_t epoch_ms);

/// The next 03:30 IST after `epoch_ms`, when access tokens end.
std::int64_t NextTokenEndMs(std::int64_t epoch_ms);

/// A number that changes at 05:30 IST, when the services open, which is midnight UTC.
std::int64_t TradingDayOf(std::int64_t epoch_ms);

/// Whether the broker's order and funds services are open: 05:30 to 24:00 IST.
bool InServiceWindow(std::int64_t epoch_ms);

/// "Mon, 15 Dec 2025 04:00:00 GMT".
std::string FormatHttpDate(std::int64_t epoch_ms);

}  // namespace sauda::sim
