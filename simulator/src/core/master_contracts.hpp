#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// A day on which contracts end.
struct Expiry {
  std::chrono::sys_days day;
  bool weekly = false;
};

/// One family of contracts: the futures and options of one underlying on one exchange.
struct Family {
  Listing base;       ///< everything the contracts share
  double spot = 0;    ///< strikes lie round it
  double step = 0;    ///< between strikes; 0: no options
  int each_side = 0;  ///< strikes below and above the middle one
  double future_tick = 0;
  double option_tick = 0;
  std::vector<Expiry> futures;
  std::vector<Expiry> options;
  bool last_trading_date = false;
  bool options_on_future = false;  ///< the option's underlying is the nearest future after it
};

/// Adds a family's contracts, futures first. Takes exchange tokens from `next_token` on.
void AppendContracts(const Family& family, int& next_token, std::vector<Listing>& listings);

/// What every contract of an underlying has in common.
struct ContractTerms {
  std::string_view segment, exchange;
  std::string name, symbol;
  std::string key;   ///< of the underlying; empty: it has none
  std::string type;  ///< INDEX, EQUITY, CUR or COM
  std::int64_t lot = 1;
  double freeze = 0;
};
Listing ContractBase(const ContractTerms& terms);

/// The last such weekday of a month, or the trading day before it when that is a holiday.
std::chrono::sys_days LastWeekdayOf(std::chrono::year_month month, std::chrono::weekday day);

/// Two working days before the month's last: how currency contracts end.
std::chrono::sys_days CurrencyMonthEnd(std::chrono::year_month month);

/// This day of the month, or the trading day before it.
std::chrono::sys_days WorkingDayAt(std::chrono::year_month month, unsigned day_of_month);

/// The next weekly expiries on or after a day: those weekdays that do not end the month, or the
/// trading day before one that is a holiday.
std::vector<Expiry> WeekliesFrom(std::chrono::sys_days day, std::chrono::weekday named,
                                 std::size_t count);

/// The next monthly expiries on or after a day.
std::vector<Expiry> MonthliesFrom(
    std::chrono::sys_days day,
    const std::function<std::chrono::sys_days(std::chrono::year_month)>& expiry_of,
    std::size_t count);

/// "7" as "07".
std::string Padded(unsigned number);

}  // namespace sauda::sim
