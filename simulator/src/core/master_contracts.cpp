#include "simulator/src/core/master_contracts.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "libs/calendar/sessions.hpp"

namespace sauda::sim {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

/// 23:59:59 IST of the day, epoch ms.
std::int64_t ExpiryMs(sys_days day) {
  using namespace std::chrono_literals;
  return std::chrono::milliseconds{day.time_since_epoch() + 18h + 29min + 59s}.count();
}

bool Works(sys_days day) {
  return calendar::IsTradingDay(calendar::Segment::kNseEquity,
                                calendar::IstDate::FromDays(day.time_since_epoch().count()));
}

/// A contract whose day is a holiday ends on the trading day before.
sys_days WorkingDayUpTo(sys_days day) {
  while (!Works(day)) day -= days{1};
  return day;
}

std::string DayText(sys_days day) {
  const year_month_day date{day};
  const auto month = static_cast<unsigned>(date.month());
  return Padded(static_cast<unsigned>(date.day())) + ' ' + std::string{kMonths.at(month - 1)} +
         ' ' + Padded(static_cast<unsigned>(static_cast<int>(date.year()) % 100));
}

std::string StrikeText(double strike) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), strike, std::chars_format::fixed).ptr;
  return {text.data(), static_cast<std::size_t>(end - text.data())};
}

Listing Contract(const Family& family, const Expiry& expiry, std::string_view type, double strike,
                 int token) {
  Listing made = family.base;
  made.instrument_type = type;
  made.exchange_token = std::to_string(token);
  made.instrument_key = made.segment + '|' + made.exchange_token;
  made.expiry_ms = ExpiryMs(expiry.day);
  if (family.last_trading_date) {
    made.last_trading_date_ms = made.expiry_ms;
  } else {
    made.weekly = expiry.weekly;
  }
  made.strike_price = strike;
  made.tick_size = type == "FUT" ? family.future_tick : family.option_tick;
  const std::string kind = type == "FUT" ? "FUT" : StrikeText(strike) + ' ' + std::string{type};
  made.trading_symbol = made.underlying_symbol + ' ' + kind + ' ' + DayText(expiry.day);
  return made;
}

}  // namespace

std::string Padded(unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); }

sys_days LastWeekdayOf(year_month month, weekday day) {
  return WorkingDayUpTo(sys_days{month / day[std::chrono::last]});
}

sys_days CurrencyMonthEnd(year_month month) {
  sys_days day{month / std::chrono::last};
  for (int working = 0;; day -= days{1}) {
    if (Works(day) && working++ == 2) return day;
  }
}

sys_days WorkingDayAt(year_month month, unsigned day_of_month) {
  return WorkingDayUpTo(sys_days{month / std::chrono::day{day_of_month}});
}

std::vector<Expiry> WeekliesFrom(sys_days day, weekday named, std::size_t count) {
  std::vector<Expiry> found;
  for (sys_days at = day; found.size() < count; at += days{1}) {
    const year_month_day date{at};
    if (weekday{at} != named) continue;
    if (at == sys_days{date.year() / date.month() / named[std::chrono::last]}) continue;
    if (const sys_days end = WorkingDayUpTo(at); end >= day) {
      found.push_back({.day = end, .weekly = true});
    }
  }
  return found;
}

std::vector<Expiry> MonthliesFrom(sys_days day,
                                  const std::function<sys_days(year_month)>& expiry_of,
                                  std::size_t count) {
  const year_month_day date{day};
  std::vector<Expiry> found;
  for (year_month month = date.year() / date.month(); found.size() < count;
       month += std::chrono::months{1}) {
    if (const sys_days end = expiry_of(month); end >= day) found.push_back({.day = end});
  }
  return found;
}

Listing ContractBase(const ContractTerms& terms) {
  Listing made;
  made.segment = terms.segment;
  made.exchange = terms.exchange;
  made.name = terms.name;
  made.asset_symbol = made.underlying_symbol = terms.symbol;
  made.asset_key = made.underlying_key = terms.key;
  made.asset_type = made.underlying_type = terms.type;
  made.lot_size = made.minimum_lot = terms.lot;
  made.freeze_quantity = terms.freeze;
  return made;
}

void AppendContracts(const Family& family, int& next_token, std::vector<Listing>& listings) {
  std::vector<std::string> future_keys;
  for (const Expiry& expiry : family.futures) {
    listings.push_back(Contract(family, expiry, "FUT", 0, next_token++));
    future_keys.push_back(listings.back().instrument_key);
  }
  if (family.step == 0) return;
  const double middle = std::round(family.spot / family.step) * family.step;
  for (const Expiry& expiry : family.options) {
    std::size_t on = 0;  // the nearest future that outlives the option
    while (on + 1 < family.futures.size() && family.futures[on].day < expiry.day) ++on;
    for (int i = -family.each_side; i <= family.each_side; ++i) {
      const double strike = middle + i * family.step;
      if (strike <= 0) continue;
      for (const std::string_view type : {"CE", "PE"}) {
        listings.push_back(Contract(family, expiry, type, strike, next_token++));
        if (!family.options_on_future) continue;
        listings.back().asset_key = listings.back().underlying_key = future_keys.at(on);
      }
    }
  }
}

}  // namespace sauda::sim
