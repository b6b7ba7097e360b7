#pragma once

#include <cstdint>
#include <string>

namespace sauda::feed {

// Days (IST) of feed.ticks, counted from 1970-01-01; each has a partition.

/// The day that contains this time, nanoseconds since the Unix epoch.
std::int64_t TickDayOf(std::int64_t ns);

/// Its first nanosecond.
std::int64_t StartOfTickDay(std::int64_t day);

/// `ticks_YYYYMMDD`: sorts like the days.
std::string NameOfTickDay(std::int64_t day);

}  // namespace sauda::feed
