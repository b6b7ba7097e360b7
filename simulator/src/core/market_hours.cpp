#include "simulator/src/core/market_hours.hpp"

#include <algorithm>

namespace sauda::sim {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kLongerDerivativesFromMs = 1'785'695'400'000;  // 2026-08-03 00:00 IST

constexpr std::int64_t At(std::int64_t hour, std::int64_t minute) {
  return (hour * 60 + minute) * kMinuteMs;
}

}  // namespace

std::int64_t IstMidnightMs(std::int64_t ms) {
  const std::int64_t local = ms + kIstMs;
  return local - (local % kDayMs + kDayMs) % kDayMs - kIstMs;
}

bool IsTradingDay(std::int64_t ms) {
  const std::int64_t day = (IstMidnightMs(ms) + kIstMs) / kDayMs;  // 1970-01-01 was a Thursday
  return (day + 3) % 7 < 5;
}

Session SessionOn(std::string_view segment, std::int64_t ms) {
  const std::int64_t midnight = IstMidnightMs(ms);
  const auto session = [&](std::int64_t open, std::int64_t close) {
    return Session{.open_ms = midnight + open, .close_ms = midnight + close};
  };
  if (segment == "NCD_FO" || segment == "BCD_FO") return session(At(9, 0), At(17, 0));
  if (segment == "MCX_FO" || segment == "NSE_COM" || segment == "MCX_INDEX" ||
      segment == "MCX_COM") {
    return session(At(9, 0), At(23, 30));
  }
  const bool longer =
      (segment == "NSE_FO" || segment == "BSE_FO") && ms >= kLongerDerivativesFromMs;
  return session(At(9, 15), longer ? At(15, 40) : At(15, 30));
}

SegmentStatus StatusAt(std::string_view segment, std::int64_t ms) {
  if (!IsTradingDay(ms)) return SegmentStatus::kNormalClose;
  const Session session = SessionOn(segment, ms);
  if (ms >= session.open_ms && ms < session.close_ms) return SegmentStatus::kNormalOpen;
  if (segment != "NSE_EQ" && segment != "BSE_EQ") return SegmentStatus::kNormalClose;
  const std::int64_t in_day = ms - IstMidnightMs(ms);
  if (in_day >= At(9, 0) && in_day < At(9, 8)) return SegmentStatus::kPreOpenStart;
  if (in_day >= At(9, 8) && in_day < At(9, 15)) return SegmentStatus::kPreOpenEnd;
  if (in_day >= At(15, 40) && in_day < At(16, 0)) return SegmentStatus::kClosingStart;
  if (in_day >= At(16, 0)) return SegmentStatus::kClosingEnd;
  return SegmentStatus::kNormalClose;
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

std::int64_t PreviousCloseMs(std::string_view segment, std::int64_t ms) {
  std::int64_t day = IstMidnightMs(ms) - kDayMs;
  while (!IsTradingDay(day)) day -= kDayMs;
  return SessionOn(segment, day).close_ms;
}

}  // namespace sauda::sim
