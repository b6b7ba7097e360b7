#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/decimal.hpp"
#include "libs/calendar/ist.hpp"
#include "services/instruments/src/core/catalog/catalog.hpp"

namespace sauda::instruments {

/// What the words of a query say about a contract: `nifty 26000 ce 30 dec`, `infy fut`,
/// `banknifty weekly pe`.
struct ContractWish {
  std::vector<std::string> names;  // the words that say nothing of it: what it is written on
  bool future = false;
  bool call = false;
  bool put = false;
  std::optional<Decimal> strike;
  std::string strike_text;  // as it was typed: a strike may be typed half
  std::optional<int> month;
  std::optional<int> day;
  std::optional<int> year;
  /// A number behind the month that may be its day or its year: `dec 25`.
  std::optional<int> day_or_year;
  std::optional<bool> weekly;
  int skip_expiries = 0;                       // `next`: 1
  std::optional<calendar::IstDate> month_of;   // `this month`, `next month`
  std::optional<calendar::IstDate> week_from;  // `this week`, `next week`: its Monday
  std::optional<calendar::IstDate> on_day;     // `today`, `tomorrow`

  /// Whether it says more than a number, which may be part of a name.
  bool ForSure() const {
    return future || call || put || month || weekly || month_of || week_from || on_day;
  }

  /// Whether a contract is of the kind and expires when it should; its strike is not looked at.
  bool Fits(const Catalog::Row& row) const;
};

/// Reads the words of a query. `today` is the day of the market.
ContractWish ReadContractWish(const std::vector<std::string>& words, calendar::IstDate today);

}  // namespace sauda::instruments
