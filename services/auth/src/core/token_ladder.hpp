#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/calendar/calendar.hpp"
#include "services/auth/src/core/token.hpp"

namespace sauda::auth {

/// Milliseconds until an account lacks an access token while a market is open, given its tokens. A
/// token that dies at 03:30 IST dies in nobody's way: what counts is the first session that it does
/// not live to. 0: it lacks one now, and a market is open. Absent: nobody needs one, because
///   - no access token was ever kept, or the account was logged out;
///   - the day of that first session is over: whoever let a whole trading day pass is not trading;
///   - that day's markets are closed for good.
/// Sessions, pre-open included, are those of the calendar, of any segment.
std::optional<std::int64_t> TokenDueMs(
    const std::vector<Token>& tokens, std::int64_t now_ms,
    const calendar::Calendar& calendar = calendar::ShippedCalendar());

/// How near the lack of a token is. A step comes when the one before it is over.
enum class LadderStep : std::uint8_t { kNone, kHour, kQuarter, kFiveMinutes, kMissing };

/// The step of a time as TokenDueMs gives it; the limits themselves belong to the step.
LadderStep StepOf(std::optional<std::int64_t> due_ms);

/// `none`, `60m`, `15m`, `5m` or `missing`: in logs.
std::string_view NameOf(LadderStep step);

/// Says each step of each account once. Not thread-safe; one owner.
class TokenLadder {
 public:
  /// The step to tell of, if this is the first look at which it is reached. A new token ends the
  /// climb, so that the next one is told again.
  std::optional<LadderStep> Climb(const std::string& account_id,
                                  std::optional<std::int64_t> due_ms);

 private:
  std::map<std::string, LadderStep> reached_;
};

}  // namespace sauda::auth
