#pragma once

#include <cstdint>
#include <string>

#include "libs/base/decimal.hpp"

namespace sauda::charges {

enum class Exchange : std::uint8_t { kNse, kBse, kMcx };

enum class Side : std::uint8_t { kBuy, kSell };

/// What was traded, as far as charges tell it apart.
enum class Kind : std::uint8_t {
  /// Shares that change accounts. Units of funds (ETF) pay other STT and have no kind here.
  kEquityDelivery,
  kEquityIntraday,  ///< shares bought and sold again on the same day
  kStockFutures,
  kIndexFutures,
  kStockOptions,  ///< also BSE's options on the Sensex 50, which pay what its stock options do
  kIndexOptions,  ///< on BSE: on the Sensex and the Bankex
  kCurrencyFutures,
  kCurrencyOptions,
  /// Bullion, metals, energy and their indices. Farm goods pay no CTT and a tenth of the SEBI fee;
  /// they have no kind here.
  kCommodityFutures,
  kCommodityOptions,
};

/// A day in India, written as a number: 2026'04'01 is 1 April 2026.
using Day = std::int32_t;

/// What the charges of an order depend on, but for its fills.
struct ChargedOrder {
  Exchange exchange = Exchange::kNse;
  Kind kind = Kind::kEquityDelivery;
  Side side = Side::kBuy;
  Day day = 0;
  /// The scrip's group, for shares on BSE only: `instrument_type` of the broker's master.
  std::string bse_group = "A";
};

/// A trade of an order.
struct Fill {
  Decimal price;  ///< rupees for one unit, above 0; of options the premium
  /// Units, above 0: lots times the lot size, and for commodities times the units that the price
  /// is for (`multiplier` of a position).
  std::int64_t quantity = 0;
};

}  // namespace sauda::charges
