#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/portfolio/trade.hpp"

namespace sauda::orders::portfolio {

/// What is known of an instrument's price; absent: not known, which is never taken for 0.
struct Quote {
  std::optional<Decimal> last;
  std::optional<Decimal> close;  ///< of the trading day before
};

/// By instrument id.
using Quotes = std::unordered_map<std::int64_t, Quote>;

/// Units and what they were bought or sold for.
struct Tally {
  std::int64_t quantity = 0;
  Amount value;

  friend bool operator==(const Tally&, const Tally&) = default;
};

/// One instrument under one product, with the field groups of the broker's `short-term-positions`
/// and `mtf-positions`. Money is exact; prices that are means are rounded to 10^-9. A position that
/// was squared off stays, with quantity 0, until the day ends.
///
/// What the broker's samples leave open, as it is here:
/// - Buy and sell figures include what was carried, so price times quantity is the value. (A
///   carried position of the broker's may show it in the price and not in the value; who needs that
///   has the day's figures.)
/// - Hence pnl = sell.value - buy.value + quantity * multiplier * last, except for units that were
///   sold out of holdings: their cost is the holdings', and counts instead of the last price.
struct Position {
  Contract contract;
  Product product = Product::kUnknown;

  std::int64_t quantity = 0;  ///< net; negative: short, or sold out of holdings
  /// How much of a negative quantity the holdings cover. It is closed, not short.
  std::int64_t from_holdings = 0;
  std::optional<Decimal> average_price;  ///< of the open units; absent when there are none
  Amount value;                          ///< what the open units cost; negative when short

  Tally buy;   ///< carried and of the day
  Tally sell;  ///< likewise
  std::optional<Decimal> buy_price;
  std::optional<Decimal> sell_price;

  Tally overnight_buy;  ///< what was carried into the day, at what it was traded for
  Tally overnight_sell;
  std::int64_t overnight_quantity() const {
    return overnight_buy.quantity - overnight_sell.quantity;
  }

  Tally day_buy;
  Tally day_sell;
  std::optional<Decimal> day_buy_price;
  std::optional<Decimal> day_sell_price;

  std::optional<Decimal> last_price;
  std::optional<Decimal> close_price;
  Amount realised;                   ///< of the day, before charges
  std::optional<Amount> unrealised;  ///< absent: units are open and there is no last price
  std::optional<Amount> pnl;         ///< realised and unrealised; absent as unrealised
  Amount charges;                    ///< of the day's trades
};

}  // namespace sauda::orders::portfolio
