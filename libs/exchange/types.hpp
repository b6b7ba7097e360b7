#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/decimal.hpp"

namespace sauda::exchange {

/// Names an order for its whole life. Chosen by the caller, never reused, never 0.
using OrderId = std::uint64_t;

/// Stands for the other side of a trade made with the market's own quantity.
inline constexpr OrderId kMarketSide = 0;

enum class Side : std::uint8_t { kBuy, kSell };

/// kStop is the broker's SL (trigger, then LIMIT), kStopMarket its SL-M (trigger, then MARKET).
enum class OrderType : std::uint8_t { kMarket, kLimit, kStop, kStopMarket };

enum class Validity : std::uint8_t { kDay, kIoc };

/// What an automatic market protection allows, in percent; the broker does not publish its own.
inline constexpr std::int32_t kAutomaticProtectionPercent = 3;

constexpr bool IsStop(OrderType type) {
  return type == OrderType::kStop || type == OrderType::kStopMarket;
}

/// What an order asks for; everything of it but the side may be modified.
struct OrderTerms {
  Side side = Side::kBuy;
  OrderType type = OrderType::kLimit;
  Validity validity = Validity::kDay;
  /// Units of the instrument, filled ones included; above 0.
  std::int64_t quantity = 0;
  /// Rupees; unused by kMarket and kStopMarket.
  Decimal price;
  /// Rupees; used by the two stop types only.
  Decimal trigger;
  /// How far from the last price kMarket and kStopMarket may trade, in percent, 1..25. Absent: any
  /// price, and what finds no counterpart is cancelled.
  std::optional<std::int32_t> protection_percent;

  friend bool operator==(const OrderTerms&, const OrderTerms&) = default;
};

/// Quantity offered at one price.
struct Level {
  Decimal price;
  std::int64_t quantity = 0;
};

/// What the market offers at one instant, best price first. Levels without price or quantity are
/// skipped.
struct Depth {
  std::vector<Level> bids;
  std::vector<Level> asks;
  /// Absent before the first trade of the instrument.
  std::optional<Decimal> last_price;
  /// Numbers the levels of one instrument: the same number again brings no new quantity, only a
  /// last price. 0: not numbered, always new.
  std::uint64_t sequence = 0;
};

/// A number for Depth::sequence by what the levels say: the same levels, the same number; never 0.
/// The broker repeats the levels with each trade until it has newer ones, so that a repeat offers
/// nothing new whatever traded. Seen in recordings of 2025-12-15: five levels
/// stand unchanged while trades below and above them are told.
std::uint64_t NumberOf(const Depth& depth);

/// One step of an order inside the exchange.
struct BookEvent {
  enum class Kind : std::uint8_t {
    kTriggerPending,  ///< accepted, waits for its trigger
    kTriggered,       ///< goes on as LIMIT or MARKET
    kOpen,            ///< in the book; trades follow
    kTrade,           ///< `quantity` at `price` with `counter`
    kModified,        ///< stands with its new terms; trades may follow
    kCancelled,  ///< out of the book, `quantity` unfilled; `why` says the rule, empty when asked
    kRejected,   ///< never was in the book; `why` says the rule
  };
  Kind kind = Kind::kOpen;
  OrderId order = 0;
  Decimal price;
  std::int64_t quantity = 0;
  OrderId counter = kMarketSide;
  std::string why;
};

}  // namespace sauda::exchange
