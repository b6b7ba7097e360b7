#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/decimal.hpp"
#include "libs/exchange/types.hpp"
#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// What was bought and sold of a listing under one product: today, and before that what is still
/// open of it, as if it had been one trade at its average price.
struct Position {
  ListingId listing = 0;
  std::string product;
  std::int64_t bought = 0;
  std::int64_t sold = 0;
  Decimal buy_value;                  ///< rupees, all buys together
  Decimal sell_value;                 ///< rupees, all sells together
  std::int64_t overnight_bought = 0;  ///< of `bought`: carried over from the days before
  std::int64_t overnight_sold = 0;
  Decimal overnight_buy_value;
  Decimal overnight_sell_value;

  std::int64_t net() const { return bought - sold; }
  /// Rupees a unit, rounded to nanos; 0 without any.
  Decimal buy_price() const;
  Decimal sell_price() const;
  /// Of what is open now: the side that is larger.
  Decimal average_price() const;
  /// Profit of what was both bought and sold, without the listing's multiplier.
  Decimal realised() const;
};

/// What the user owned before today. During a day only `used` changes: units sold today.
struct Holding {
  ListingId listing = 0;
  std::int64_t quantity = 0;
  Decimal average_price;
  std::int64_t used = 0;
};

/// `price` times `quantity`; the largest Decimal when that is out of its range.
Decimal ValueOf(Decimal price, std::int64_t quantity);

/// `value` times what one unit of the listing stands for (currency and commodity contracts).
Decimal TimesMultiplier(const Listing& listing, Decimal value);

/// What must be set aside for an order or an open position: cash 20 % intraday, 25 % MTF, all of it
/// for delivery (a delivery sell comes from holdings: nothing); options bought all of the premium;
/// futures and options sold 15 % of the contract's value. Simpler than any broker's.
Decimal MarginOf(const Listing& listing, exchange::Side side, std::string_view product,
                 Decimal price, std::int64_t quantity);

/// Positions and holdings of the simulated user. Not thread-safe; one owner.
class Portfolio {
 public:
  explicit Portfolio(std::vector<Holding> holdings) : holdings_{std::move(holdings)} {}

  /// Enters a trade; gives the position it changed, valid until the next call.
  const Position& Enter(ListingId listing, const std::string& product, exchange::Side side,
                        Decimal price, std::int64_t quantity);

  /// The holding that a delivery sell of this many units changed; null when there is none.
  const Holding* Use(ListingId listing, std::int64_t quantity);

  /// Units that may still be sold under a product that delivers: for D those owned or bought today,
  /// for MTF those bought under it.
  std::int64_t Deliverable(ListingId listing, const std::string& product) const;

  /// Ends the day: intraday positions and expired contracts are closed at `close_of`, delivery
  /// trades of shares become holdings, every other position is carried over. Gives what the cash
  /// gained by it (profit, shares sold less shares bought).
  Decimal EndDay(const Master& master, std::int64_t market_ms,
                 const std::function<std::optional<Decimal>(ListingId)>& close_of);

  /// Squared-off positions stay for the day.
  std::vector<Position> positions() const;
  const std::vector<Holding>& holdings() const { return holdings_; }

 private:
  void Deliver(const Position& position);

  std::map<std::pair<ListingId, std::string>, Position> positions_;
  std::vector<Holding> holdings_;
};

}  // namespace sauda::sim
