#include "services/feed/src/adapters/pg_tick_days.hpp"

#include <chrono>
#include <cstdio>

namespace sauda::feed {
namespace {

constexpr std::int64_t kNsPerDay = 86'400'000'000'000;
constexpr std::int64_t kIstNs = 19'800'000'000'000;  // +05:30

}  // namespace

std::int64_t TickDayOf(std::int64_t ns) {
  const std::int64_t ist = ns + kIstNs;
  return ist >= 0 ? ist / kNsPerDay : (ist - kNsPerDay + 1) / kNsPerDay;
}

std::int64_t StartOfTickDay(std::int64_t day) { return day * kNsPerDay - kIstNs; }

std::string NameOfTickDay(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  char name[32];
  (void)std::snprintf(&name[0], sizeof name, "ticks_%04d%02u%02u", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return &name[0];
}

}  // namespace sauda::feed
