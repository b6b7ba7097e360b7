#include "simulator/src/core/ist.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace sauda::sim {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 1'440 * kMinuteMs;
constexpr std::int64_t kIstOffsetMs = 330 * kMinuteMs;
constexpr std::int64_t kTokenEndMs = 210 * kMinuteMs;      // 03:30
constexpr std::int64_t kServiceOpensMs = 330 * kMinuteMs;  // 05:30

std::int64_t IstMsOfDay(std::int64_t epoch_ms) {
  const std::int64_t ms = (epoch_ms + kIstOffsetMs) % kDayMs;
  return ms < 0 ? ms + kDayMs : ms;
}

IstTime Split(std::int64_t shifted_ms) {
  using std::chrono::days;
  using std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> time{milliseconds{shifted_ms}};
  const auto midnight = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - midnight)};
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = static_cast<int>(clock.hours().count()),
          .minute = static_cast<int>(clock.minutes().count()),
          .second = static_cast<int>(clock.seconds().count())};
}

}  // namespace

IstTime ToIst(std::int64_t epoch_ms) { return Split(epoch_ms + kIstOffsetMs); }

std::string FormatIst(std::int64_t epoch_ms) {
  const IstTime at = ToIst(epoch_ms);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02d %02d:%02d:%02d",
                                   at.year, at.month, at.day, at.hour, at.minute, at.second);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string FormatIstDay(std::int64_t epoch_ms) {
  const IstTime at = ToIst(epoch_ms);
  std::array<char, 40> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%02d%02d%02d", at.year % 100, at.month, at.day);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::int64_t NextTokenEndMs(std::int64_t epoch_ms) {
  const std::int64_t of_day = IstMsOfDay(epoch_ms);
  const std::int64_t midnight = epoch_ms - of_day;
  return of_day < kTokenEndMs ? midnight + kTokenEndMs : midnight + kDayMs + kTokenEndMs;
}

std::int64_t TradingDayOf(std::int64_t epoch_ms) { return epoch_ms / kDayMs; }

bool InServiceWindow(std::int64_t epoch_ms) { return IstMsOfDay(epoch_ms) >= kServiceOpensMs; }

std::string FormatHttpDate(std::int64_t epoch_ms) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const IstTime at = Split(epoch_ms);  // no shift: UTC
  const std::chrono::sys_days day{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{epoch_ms}})};
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays.at(std::chrono::weekday{day}.c_encoding()), at.day,
                                   kMonths.at(static_cast<std::size_t>(at.month - 1)), at.year,
                                   at.hour, at.minute, at.second);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace sauda::sim
