#include "simulator/src/core/market_hours.hpp"

#include <algorithm>

#include "libs/calendar/sessions.hpp"

namespace sauda::sim {
namespace {

using calendar::IstDate;

/// A segment that the calendar does not know keeps the hours of the exchange's shares.
calendar::Segment CalendarOf(std::string_view segment) {
  return calendar::SegmentOf(segment).value_or(calendar::Segment::kNseEquity);
}

constexpr int At(int hour, int minute) { return hour * 60 + minute; }

SegmentStatus ClosedStatus(calendar::Segment segment, std::int64_t ms) {
  const IstDate date = IstDate::Of(ms);
  const bool equity =
      segment == calendar::Segment::kNseEquity || segment == calendar::Segment::kBseEquity;
  if (!equity || !calendar::IsTradingDay(segment, date)) return SegmentStatus::kNormalClose;
  if (ms >= date.AtMinute(At(16, 0))) return SegmentStatus::kClosingEnd;
  return ms >= date.AtMinute(At(15, 40)) ? SegmentStatus::kClosingStart
                                         : SegmentStatus::kNormalClose;
}

}  // namespace

std::string_view ToText(SegmentStatus status) {
  switch (status) {
    case SegmentStatus::kPreOpenStart:
      return "PRE_OPEN_START";
    case SegmentStatus::kPreOpenEnd:
      return "PRE_OPEN_END";
    case SegmentStatus::kNormalOpen:
      return "NORMAL_OPEN";
    case SegmentStatus::kNormalClose:
      return "NORMAL_CLOSE";
    case SegmentStatus::kClosingStart:
      return "CLOSING_START";
    case SegmentStatus::kClosingEnd:
      return "CLOSING_END";
  }
  return "unknown";
}

std::int64_t IstMidnightMs(std::int64_t ms) { return IstDate::Of(ms).StartMs(); }

SegmentStatus StatusAt(std::string_view segment, std::int64_t ms) {
  constexpr std::int64_t kOrdersEndBeforeOpenMs = 7 * calendar::kMsPerMinute;
  const calendar::Segment known = CalendarOf(segment);
  const calendar::Session session = calendar::SessionAt(known, ms);
  switch (session.phase) {
    case calendar::Phase::kOpen:
      return SegmentStatus::kNormalOpen;
    case calendar::Phase::kPreOpen:
      return session.next_change_ms - ms > kOrdersEndBeforeOpenMs ? SegmentStatus::kPreOpenStart
                                                                  : SegmentStatus::kPreOpenEnd;
    case calendar::Phase::kClosed:
      break;
  }
  return ClosedStatus(known, ms);
}

SegmentStatuses StatusesAt(std::int64_t ms) {
  SegmentStatuses statuses{};
  for (std::size_t i = 0; i < statuses.size(); ++i) statuses[i] = StatusAt(kFeedSegments[i], ms);
  return statuses;
}

SegmentStatuses AllSegments(SegmentStatus status) {
  SegmentStatuses statuses{};
  statuses.fill(status);
  return statuses;
}

std::size_t FeedSegmentOf(std::string_view segment) {
  const auto* const found = std::find(kFeedSegments.begin(), kFeedSegments.end(), segment);
  return found == kFeedSegments.end() ? 0 : static_cast<std::size_t>(found - kFeedSegments.begin());
}

Session LastSession(std::string_view segment, std::int64_t ms) {
  const calendar::Segment known = CalendarOf(segment);
  for (IstDate date = IstDate::Of(ms);; date = date.Plus(-1)) {
    const auto open_ms = calendar::OpenMs(known, date);
    if (!open_ms || *open_ms > ms) continue;
    return {.open_ms = *open_ms, .close_ms = calendar::SessionAt(known, *open_ms).next_change_ms};
  }
}

std::int64_t CloseMs(std::string_view segment, std::int64_t ms) {
  const IstDate date = IstDate::Of(ms);
  const std::int64_t end_ms = date.Plus(1).StartMs() - 1;
  const Session last = LastSession(segment, end_ms);
  return last.open_ms < date.StartMs() ? end_ms : last.close_ms;
}

}  // namespace sauda::sim
