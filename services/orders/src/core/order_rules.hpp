#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "libs/base/result.hpp"
#include "services/orders/src/core/order.hpp"

namespace sauda::orders {

/// What a modify asks for; absent: unchanged.
struct TermsChange {
  std::optional<std::int64_t> quantity;
  std::optional<OrderType> type;
  std::optional<Decimal> price;
  std::optional<Decimal> trigger;
  std::optional<Validity> validity;

  friend bool operator==(const TermsChange&, const TermsChange&) = default;
};

/// Reads a price of a request; empty text is no price. `field` names it in the message. Fails with
/// kInvalidArgument / PRICE_MALFORMED.
Result<std::optional<Decimal>> ParsePrice(std::string_view field, std::string_view text);

/// What can be said of an order without its instrument. Fails with kInvalidArgument:
/// CLIENT_ORDER_ID_INVALID, INSTRUMENT_MISSING, SIDE_UNKNOWN, TYPE_UNKNOWN, PRODUCT_UNKNOWN,
/// VALIDITY_UNKNOWN, QUANTITY_NOT_POSITIVE, PRICE_MISSING, PRICE_NOT_ALLOWED, PRICE_NOT_POSITIVE,
/// TRIGGER_MISSING, TRIGGER_NOT_ALLOWED, TRIGGER_WRONG_SIDE, DISCLOSED_INVALID, PROTECTION_INVALID,
/// TAGS_INVALID. Source: the broker's documents, place order v3 and error codes UDAPI1004..1160.
Result<void> CheckForm(const NewOrder& order);

/// Whether the exchange would take these terms, as far as can be told without asking it. Fails with
/// kFailedPrecondition: INSTRUMENT_NOT_TRADABLE, INSTRUMENT_EXPIRED; or kInvalidArgument:
/// QUANTITY_NOT_IN_LOTS, QUANTITY_TOO_LARGE, PRICE_OFF_TICK. `market_now_ms` is the market clock's.
Result<void> CheckAgainst(const Instrument& instrument, const Terms& terms,
                          std::int64_t market_now_ms);

/// The terms after a modify. Fails with kInvalidArgument: NOTHING_TO_CHANGE, TYPE_UNKNOWN,
/// VALIDITY_UNKNOWN, QUANTITY_NOT_POSITIVE, QUANTITY_BELOW_FILLED, DISCLOSED_INVALID (the order's
/// own does not go with the new quantity), and the price and trigger reasons of CheckForm. A price
/// or trigger that the new type has no use for goes away with the old type.
Result<Terms> ChangedTerms(const Order& order, const TermsChange& change);

/// Whether a repeated request asks for the order that is kept: equal in everything, the instrument
/// by the name it was first asked by, its key or its symbol.
bool SameOrder(const Order& kept, const NewOrder& asked);

}  // namespace sauda::orders
