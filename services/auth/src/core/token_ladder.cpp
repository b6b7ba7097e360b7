#include "services/auth/src/core/token_ladder.hpp"

#include <algorithm>

#include "libs/calendar/ist.hpp"

namespace sauda::auth {
namespace {

using calendar::Calendar;
using calendar::IstDate;
using calendar::Segment;

constexpr std::int64_t kHourMs = 60 * calendar::kMsPerMinute;
constexpr std::int64_t kQuarterMs = 15 * calendar::kMsPerMinute;
constexpr std::int64_t kFiveMinutesMs = 5 * calendar::kMsPerMinute;
/// Longer than any row of holidays.
constexpr std::int64_t kLookAheadMs = 15 * calendar::kMsPerDay;

/// The first instant from `from_ms` on, and before `until_ms`, at which the segment is not closed.
std::int64_t NextOf(const Calendar& calendar, Segment segment, std::int64_t from_ms,
                    std::int64_t until_ms) {
  while (from_ms < until_ms) {
    const auto session = calendar.SessionAt(segment, from_ms);
    if (session.phase != calendar::Phase::kClosed) return from_ms;
    from_ms = session.next_change_ms;
  }
  return until_ms;
}

/// The same of any segment.
std::int64_t NextSession(const Calendar& calendar, std::int64_t from_ms, std::int64_t until_ms) {
  for (const Segment segment : calendar::kAllSegments) {
    until_ms = NextOf(calendar, segment, from_ms, until_ms);
  }
  return until_ms;
}

}  // namespace

std::optional<std::int64_t> TokenDueMs(const std::vector<Token>& tokens, std::int64_t now_ms,
                                       const Calendar& calendar) {
  const auto access = std::find_if(tokens.begin(), tokens.end(), [](const Token& token) {
    return token.kind == TokenKind::kAccess;
  });
  if (access == tokens.end()) return std::nullopt;
  const std::int64_t limit_ms = access->expires_ms + kLookAheadMs;
  const std::int64_t lacking_ms = NextSession(calendar, access->expires_ms, limit_ms);
  if (lacking_ms == limit_ms) return std::nullopt;
  if (now_ms < lacking_ms) return lacking_ms - now_ms;
  const std::int64_t midnight_ms = IstDate::Of(lacking_ms).Plus(1).StartMs();
  const std::int64_t next_ms = NextSession(calendar, now_ms, midnight_ms);
  if (now_ms >= midnight_ms || next_ms == midnight_ms) return std::nullopt;
  return next_ms - now_ms;
}

LadderStep StepOf(std::optional<std::int64_t> due_ms) {
  if (!due_ms || *due_ms > kHourMs) return LadderStep::kNone;
  if (*due_ms > kQuarterMs) return LadderStep::kHour;
  if (*due_ms > kFiveMinutesMs) return LadderStep::kQuarter;
  return *due_ms > 0 ? LadderStep::kFiveMinutes : LadderStep::kMissing;
}

std::string_view NameOf(LadderStep step) {
  switch (step) {
    case LadderStep::kNone:
      return "none";
    case LadderStep::kHour:
      return "60m";
    case LadderStep::kQuarter:
      return "15m";
    case LadderStep::kFiveMinutes:
      return "5m";
    case LadderStep::kMissing:
      break;
  }
  return "missing";
}

std::optional<LadderStep> TokenLadder::Climb(const std::string& account_id,
                                             std::optional<std::int64_t> due_ms) {
  const LadderStep step = StepOf(due_ms);
  LadderStep& reached = reached_[account_id];
  const bool higher = step > reached;
  reached = step;
  if (higher) return step;
  return std::nullopt;
}

}  // namespace sauda::auth
