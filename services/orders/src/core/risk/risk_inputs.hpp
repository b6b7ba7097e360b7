#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/amount.hpp"
#include "libs/base/decimal.hpp"
#include "services/orders/src/core/order.hpp"

namespace sauda::orders {

/// Quantities, in units, and sums of money beyond these are not an account's: they count as not
/// read, and no arithmetic below them overflows.
inline constexpr std::int64_t kMostRiskUnits = 1'000'000'000'000;
inline constexpr Amount kMostRiskSum = Amount{Decimal::FromUnits(1'000'000'000)} * 1'000'000'000;

/// How much of the account's trading the day's loss has stopped; see trip_wire.hpp. The numbers are
/// stored: they never change.
enum class RiskMode : std::uint8_t {
  kUnknown = 0,  ///< what cannot be read becomes this; counts as kKilled
  kNormal = 1,
  kReduceOnly = 2,  ///< only orders that reduce a position
  kKilled = 3,      ///< no orders at all
};

/// What the market of one instrument is doing.
enum class MarketPhase : std::uint8_t {
  kUnknown = 0,  ///< counts as not read
  kClosed = 1,   ///< also the pauses around the closing auction
  kPreOpen = 2,
  kOpen = 3,            ///< continuous trading
  kClosingAuction = 4,  ///< its order entry; of instruments that take part in it, others are open
};

struct MarketState {
  MarketPhase phase = MarketPhase::kUnknown;
  std::optional<std::int64_t> opens_ms;  ///< next opening, market clock; only told to people
};

struct LastPrice {
  Decimal price;  ///< rupees
  /// Since the feed last stood by it: 0 while the instrument's subscription is live, however long
  /// ago it traded; else the time since it was.
  std::int64_t age_ms = 0;
};

/// What orders of one instrument and product may still trade, those under way and of unknown fate
/// included; quantities like an order's, not below 0.
struct OpenQuantities {
  std::int64_t buy = 0;
  std::int64_t sell = 0;
};

/// Sums over an account or one of its segments. Absent: cannot be read.
struct DayTotals {
  std::optional<std::int64_t> open_orders;  ///< those under way and of unknown fate included
  std::optional<std::int64_t> orders;       ///< placed today, however they ended
  std::optional<Amount> turnover;           ///< traded today, and what open orders may still trade
};

/// An order of the last duplicate_seconds, older ones do no harm; not those that were refused.
struct RecentOrder {
  std::string instrument_key;
  Side side = Side::kUnknown;
  std::int64_t quantity = 0;
  std::int64_t placed_ms = 0;  ///< wall clock, UTC
};

/// All that the rules may ask about one order of one account, gathered before. Absent is what
/// cannot be read, and never stands for 0. Quantities are as orders have them: units, or lots where
/// the exchange counts lots.
struct RiskInputs {
  /// Units in each of these quantities, so that price times quantity times this is rupees: the
  /// master's qty_multiplier where order quantities are lots (NCD_FO, BCD_FO, MCX_FO, NSE_COM),
  /// else 1.
  std::int64_t units_per_quantity = 1;
  std::optional<LastPrice> last_price;

  /// Net quantity of the instrument in the order's product, below 0: short. For delivery it
  /// includes what is held and free to be sold.
  std::optional<std::int64_t> position;
  std::optional<OpenQuantities> open;  ///< of the instrument in the order's product

  std::optional<Amount> realised;    ///< profit of the day, a loss below 0
  std::optional<Amount> unrealised;  ///< from live prices; absent when one of them is not live

  DayTotals account;
  DayTotals segment;  ///< of the order's segment; asked for only when a rule of it is set

  std::optional<std::vector<RecentOrder>> recent;

  std::optional<MarketState> market;
  std::optional<std::int64_t> market_ms;  ///< market clock, UTC
  std::optional<std::int64_t> wall_ms;    ///< wall clock, UTC

  std::optional<RiskMode> mode;      ///< as stored by the trip wire
  bool duplicate_confirmed = false;  ///< the caller says that an equal order is meant
};

}  // namespace sauda::orders
