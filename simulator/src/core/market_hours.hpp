#pragma once

#include <cstdint>
#include <string_view>

#include "simulator/src/core/market.hpp"

namespace sauda::sim {

// Times are those of libs/calendar; this adds what the broker tells about them.

/// 00:00 IST of the day that `ms` lies in, epoch ms.
std::int64_t IstMidnightMs(std::int64_t ms);

/// Where the segment stands at a market time. Between the end of trading and midnight, equity has a
/// closing session from 15:40 to 16:00.
SegmentStatus StatusAt(std::string_view segment, std::int64_t ms);
SegmentStatuses StatusesAt(std::int64_t ms);

/// As the broker writes it: NORMAL_OPEN.
std::string_view ToText(SegmentStatus status);

/// One status for every segment.
SegmentStatuses AllSegments(SegmentStatus status);

/// The position of a segment in kFeedSegments; that of NSE_EQ for a segment not in it.
std::size_t FeedSegmentOf(std::string_view segment);

/// A segment's continuous trading on one day, epoch ms.
struct Session {
  std::int64_t open_ms = 0;
  std::int64_t close_ms = 0;
};

/// The newest session that had opened at `ms`, over or not.
Session LastSession(std::string_view segment, std::int64_t ms);

/// When the segment's trading ends on the day of `ms`; the day's last millisecond when it has none.
std::int64_t CloseMs(std::string_view segment, std::int64_t ms);

}  // namespace sauda::sim
