#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "services/orders/src/core/portfolio/trade.hpp"

namespace sauda::orders::portfolio {

/// What one instrument and product comes to when its whole history is counted again, unit by unit,
/// in integers of nanos. Knows nothing of lots: the n-th unit bought meets the n-th unit sold.
class Recount {
 public:
  struct Unit {
    std::int64_t price = 0;  // nanos
    std::int64_t number = 0;
    bool of_day = true;
  };
  using Units = std::vector<Unit>;

  /// Units and their prices added up.
  struct Counted {
    std::int64_t quantity = 0;
    std::int64_t value = 0;
  };

  /// `holds`: what is bought becomes holdings at the end of its day.
  Recount(std::int64_t multiplier, bool holds) : multiplier_{multiplier}, holds_{holds} {}

  void Take(const Trade& trade, std::int64_t number) {
    Receive(trade.side, Units(static_cast<std::size_t>(trade.quantity),
                              Unit{.price = trade.price.nanos(), .number = number}));
  }

  void Receive(Side side, const Units& units) {
    for (const Unit& unit : units) {
      (unit.of_day ? day_units_ : overnight_units_)[side == Side::kBuy ? 0 : 1].push_back(unit);
      Open(side).push_back(unit);
    }
    std::stable_sort(Open(side).begin(), Open(side).end(),
                     [](const Unit& a, const Unit& b) { return a.number < b.number; });
    Meet(bought_, sold_);
  }

  Units GiveUp(Side side, std::int64_t quantity, bool of_day_only) {
    Units given;
    Units kept;
    for (const Unit& unit : Open(side)) {
      const bool goes = std::ssize(given) < quantity && (unit.of_day || !of_day_only);
      (goes ? given : kept).push_back(unit);
    }
    Open(side) = kept;
    for (const Unit& unit : given) Forget(unit, side);
    return given;
  }

  void EndDay() {
    if (holds_) {
      Meet(held_, sold_);
      held_.insert(held_.end(), bought_.begin(), bought_.end());
      std::stable_sort(held_.begin(), held_.end(),
                       [](const Unit& a, const Unit& b) { return a.number < b.number; });
      bought_.clear();
    }
    for (Units* units : {&bought_, &sold_, &held_}) {
      for (Unit& unit : *units) unit.of_day = false;
    }
    day_units_[0].clear();
    day_units_[1].clear();
    overnight_units_[0] = bought_;
    overnight_units_[1] = sold_;
    before_today_ = made_;
  }

  /// Counts to the end; afterwards the members below are of this moment.
  void Finish() {
    day_buy = Sum(day_units_[0]);
    day_sell = Sum(day_units_[1]);
    overnight_buy = Sum(overnight_units_[0]);
    overnight_sell = Sum(overnight_units_[1]);
    open = Net();
    const std::int64_t held_before = std::ssize(held_);
    if (holds_) Meet(held_, sold_);
    from_holdings = held_before - std::ssize(held_);
    uncovered = Net();
    held = Sum(held_);
    made = made_;
    made_today = made_ - before_today_;
  }

  Counted open;                    ///< the position, signed
  Counted uncovered;               ///< of it, what is not sold out of holdings
  std::int64_t from_holdings = 0;  ///< units
  Counted held;                    ///< and not sold
  Counted day_buy, day_sell, overnight_buy, overnight_sell;
  std::int64_t made = 0;  ///< by what was closed
  std::int64_t made_today = 0;

 private:
  Units& Open(Side side) { return side == Side::kBuy ? bought_ : sold_; }

  Counted Sum(const Units& units) const {
    Counted sum{.quantity = std::ssize(units)};
    for (const Unit& unit : units) sum.value += unit.price * multiplier_;
    return sum;
  }

  Counted Net() const {
    const Counted bought = Sum(bought_);
    const Counted sold = Sum(sold_);
    return {bought.quantity - sold.quantity, bought.value - sold.value};
  }

  void Forget(const Unit& unit, Side side) {
    Units& counted = (unit.of_day ? day_units_ : overnight_units_)[side == Side::kBuy ? 0 : 1];
    counted.erase(std::find_if(counted.begin(), counted.end(),
                               [&](const Unit& u) { return u.number == unit.number; }));
  }

  void Meet(Units& bought, Units& sold) {
    const std::ptrdiff_t both = std::min(std::ssize(bought), std::ssize(sold));
    for (std::ptrdiff_t i = 0; i < both; ++i) {
      const auto place = static_cast<std::size_t>(i);
      made_ += (sold[place].price - bought[place].price) * multiplier_;
    }
    bought.erase(bought.begin(), bought.begin() + both);
    sold.erase(sold.begin(), sold.begin() + both);
  }

  std::int64_t multiplier_;
  bool holds_;
  Units bought_;
  Units sold_;
  Units held_;
  Units day_units_[2];  // bought, sold
  Units overnight_units_[2];
  std::int64_t made_ = 0;
  std::int64_t before_today_ = 0;
};

}  // namespace sauda::orders::portfolio
