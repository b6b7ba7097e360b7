#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/amount.hpp"
#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/calendar/ist.hpp"
#include "services/orders/src/core/order.hpp"

// The portfolio has a namespace of its own: trades, positions and contracts are words that other
// parts of the service use for other things.
namespace sauda::orders::portfolio {

using calendar::IstDate;

/// What a contract is: EQ, FUT, OPT in the broker's P&L report.
enum class Kind : std::uint8_t { kUnknown = 0, kEquity = 1, kFuture = 2, kOption = 3 };

/// The sections of the broker's P&L report: EQ, FO, COM, CD.
enum class Section : std::uint8_t {
  kUnknown = 0,
  kEquity = 1,
  kDerivatives = 2,
  kCommodity = 3,
  kCurrency = 4
};

/// The section of a segment of the master, `NSE_EQ` or `MCX_FO`; kUnknown where nothing trades.
Section SectionOf(std::string_view segment);

/// What is traded.
struct Contract {
  std::int64_t instrument_id = 0;  ///< durable number of the contract
  std::string key;                 ///< the broker's, `NSE_EQ|INE009A01021`
  std::string trading_symbol;
  std::string segment;  ///< `NSE_EQ`, `NSE_FO`, …
  Kind kind = Kind::kUnknown;
  /// Rupees per rupee of price and unit of quantity: 1, except where quantities are lots.
  std::int64_t multiplier = 1;

  Section section() const { return SectionOf(segment); }
  bool is_equity() const { return kind == Kind::kEquity; }

  friend bool operator==(const Contract&, const Contract&) = default;
};

/// One execution of an order. Neither id is the broker's alone: together with day, segment and side
/// the trade's id names it (both sides of a trade between two orders of ours share one).
struct Trade {
  std::string id;
  std::string order_id;
  Contract contract;
  Product product = Product::kUnknown;
  Side side = Side::kUnknown;
  std::int64_t quantity = 0;   ///< above 0
  Decimal price;               ///< rupees
  std::int64_t market_ms = 0;  ///< market time, UTC
  Amount charges;              ///< brokerage, taxes and fees of this trade; 0 or more

  IstDate day() const { return IstDate::Of(market_ms); }
};

/// Whether a trade can be booked. Fails with kInvalidArgument: TRADE_ID_MISSING,
/// INSTRUMENT_MISSING, SEGMENT_UNKNOWN, KIND_UNKNOWN (none, or not one of its segment),
/// MULTIPLIER_INVALID (1 to 10^5), PRODUCT_UNKNOWN, SIDE_UNKNOWN, QUANTITY_INVALID (1 to 10^9),
/// PRICE_NEGATIVE (only commodities go below 0; 0 is the price of a bonus share and of an option
/// that ended worthless), CHARGES_NEGATIVE.
Result<void> CheckTrade(const Trade& trade);

/// Whether two trades that go by one name say the same, as far as money is concerned: the time
/// within the day and the symbol may differ, sources give them differently.
bool SameTrade(const Trade& a, const Trade& b);

}  // namespace sauda::orders::portfolio
