#pragma once

#include <cstdint>
#include <string_view>

#include "simulator/src/core/market.hpp"

namespace sauda::sim {

inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kIstMs = 19'800'000;

/// 00:00 IST of the day that `ms` lies in, epoch ms.
std::int64_t IstMidnightMs(std::int64_t ms);

/// Monday to Friday. The simulated exchange knows no holidays.
bool IsTradingDay(std::int64_t ms);

/// Where the segment stands at a market time. Equity opens 09:15 and closes 15:30 with a pre-open
/// from 09:00 and a closing session 15:40 to 16:00; equity derivatives close 15:30, 15:40 since
/// 2026-08-03; currency is 09:00 to 17:00, commodity 09:00 to 23:30.
SegmentStatus StatusAt(std::string_view segment, std::int64_t ms);
SegmentStatuses StatusesAt(std::int64_t ms);

/// One status for every segment.
SegmentStatuses AllSegments(SegmentStatus status);

/// The position of a segment in kFeedSegments; that of NSE_EQ for a segment not in it.
std::size_t FeedSegmentOf(std::string_view segment);

/// The segment's continuous trading on the day of `ms`, epoch ms.
struct Session {
  std::int64_t open_ms = 0;
  std::int64_t close_ms = 0;
};
Session SessionOn(std::string_view segment, std::int64_t ms);

/// The close of the segment's last session before the day of `ms`.
std::int64_t PreviousCloseMs(std::string_view segment, std::int64_t ms);

}  // namespace sauda::sim
