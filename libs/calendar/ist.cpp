#include "libs/calendar/ist.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace sauda::calendar {
namespace {

constexpr int kTokenExpiryMinute = 3 * 60 + 30;

/// Rounds towards minus infinity: instants before 1970 belong to the day they are in.
std::int64_t FloorDays(std::int64_t ms) {
  return ms >= 0 ? ms / kMsPerDay : -((-ms + kMsPerDay - 1) / kMsPerDay);
}

/// The digits of `text`, all of it, as a number; -1 for anything else.
int Digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::chrono::year_month_day ToChrono(const IstDate& date) {
  return std::chrono::year{date.year} / static_cast<unsigned>(date.month) /
         static_cast<unsigned>(date.day);
}

}  // namespace

IstDate IstDate::Of(std::int64_t epoch_ms) { return FromDays(FloorDays(epoch_ms + kIstOffsetMs)); }

IstDate IstDate::FromDays(std::int64_t days_since_epoch) {
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{days_since_epoch}}};
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day()))};
}

Result<IstDate> IstDate::Parse(std::string_view text) {
  const Error malformed{Code::kInvalidArgument, "DATE_MALFORMED",
                        "\"" + std::string{text} + "\" is not a date such as 2026-01-31"};
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return malformed;
  const IstDate date{.year = Digits(text.substr(0, 4)),
                     .month = Digits(text.substr(5, 2)),
                     .day = Digits(text.substr(8, 2))};
  if (date.year < 0 || date.month < 0 || date.day < 0 || !ToChrono(date).ok()) return malformed;
  return date;
}

std::string IstDate::ToString() const {
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", year, month, day);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::int64_t IstDate::DaysSinceEpoch() const {
  return std::chrono::sys_days{ToChrono(*this)}.time_since_epoch().count();
}

std::int64_t IstDate::StartMs() const { return DaysSinceEpoch() * kMsPerDay - kIstOffsetMs; }

bool IstDate::IsWeekend() const {
  const std::chrono::weekday weekday{std::chrono::sys_days{ToChrono(*this)}};
  return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

std::string FormatIst(std::int64_t epoch_ms) {
  const IstDate date = IstDate::Of(epoch_ms);
  const auto second = static_cast<int>((epoch_ms - date.StartMs()) / 1'000);
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), " %02d:%02d:%02d", second / 3'600,
                                   second / 60 % 60, second % 60);
  return date.ToString() + std::string{text.data(), static_cast<std::size_t>(length)};
}

Result<std::int64_t> ParseIst(std::string_view text) {
  const Error malformed{Code::kInvalidArgument, "TIME_MALFORMED",
                        "\"" + std::string{text} + "\" is not a time such as 2026-01-31 09:15:00"};
  if (text.size() != 19 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return malformed;
  const auto date = IstDate::Parse(text.substr(0, 10));
  const int hour = Digits(text.substr(11, 2));
  const int minute = Digits(text.substr(14, 2));
  const int second = Digits(text.substr(17, 2));
  if (!date || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return malformed;
  }
  return date->AtMinute(hour * 60 + minute) + std::int64_t{second} * 1'000;
}

std::int64_t NextTokenExpiryMs(std::int64_t epoch_ms) {
  const IstDate today = IstDate::Of(epoch_ms);
  const std::int64_t expiry_ms = today.AtMinute(kTokenExpiryMinute);
  return epoch_ms < expiry_ms ? expiry_ms : today.Plus(1).AtMinute(kTokenExpiryMinute);
}

}  // namespace sauda::calendar
