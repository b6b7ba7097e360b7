#include "services/instruments/src/core/sync_runner.hpp"

#include "libs/calendar/ist.hpp"

namespace sauda::instruments {

std::int64_t NextDailyMs(std::int64_t now_ms, int minute_of_day) {
  const auto today = calendar::IstDate::Of(now_ms);
  const std::int64_t at = today.AtMinute(minute_of_day);
  return at > now_ms ? at : today.Plus(1).AtMinute(minute_of_day);
}

bool MissedDaily(std::int64_t last_ms, std::int64_t now_ms, int minute_of_day) {
  constexpr std::int64_t kDayMs = 86'400'000;  // India's days all have 24 hours
  return last_ms < NextDailyMs(now_ms, minute_of_day) - kDayMs;
}

bool WorthRepeating(const Error& error) {
  // A file is truncated while the broker writes it; the other refusals need a person.
  return error.code == Code::kUnavailable || error.code == Code::kAborted ||
         error.code == Code::kDeadlineExceeded || error.reason == "MASTER_TRUNCATED" ||
         error.reason == "LOCK_LOST";
}

}  // namespace sauda::instruments
