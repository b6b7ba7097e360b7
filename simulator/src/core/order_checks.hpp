#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/decimal.hpp"
#include "libs/exchange/types.hpp"
#include "simulator/src/core/api_error.hpp"
#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// The part of a request that placing and modifying share; absent is what was not sent.
struct TermsRequest {
  std::optional<std::int64_t> quantity;
  std::optional<std::string> validity;    ///< DAY, IOC
  std::optional<std::string> order_type;  ///< MARKET, LIMIT, SL, SL-M
  std::optional<Decimal> price;
  std::optional<Decimal> trigger_price;
  std::optional<std::int64_t> disclosed_quantity;
  std::optional<std::int64_t> market_protection;  ///< −1: automatic, 0: none, 1..25: percent
};

/// The body of a place call.
struct PlaceRequest {
  TermsRequest terms;
  std::optional<std::string> product;           ///< I, D, MTF
  std::optional<std::string> transaction_type;  ///< BUY, SELL
  std::optional<std::string> instrument_token;
  std::optional<std::string> tag;
  bool slice = false;
};

/// The body of a modify call.
struct ModifyRequest {
  std::optional<std::string> order_id;
  TermsRequest terms;
};

/// From here on MARKET and SL-M orders need a protection: 1 April 2026, 00:00 IST.
inline constexpr std::int64_t kProtectionNeededFromMs = 1'774'981'800'000;

/// Most slices one order may be cut into.
inline constexpr std::int64_t kMaxSlices = 25;

/// Reads the terms of an order of `listing`, or gives the error of its documents: UDAPI1004,
/// 1056 (order_type), 1007, 1055 (validity), 1052, 1104 (quantity), 1008, 1029, 1030, 1031, 1032
/// (price), 1036 (trigger_price), 1039 (disclosed_quantity), 1158, 1159, 1160 (protection), 100036.
Answer<exchange::OrderTerms> CheckTerms(const TermsRequest& request, exchange::Side side,
                                        const Listing& listing, std::int64_t market_ms);

/// The rest of a place call: UDAPI1026, 100011 (instrument), 1161 (MCX), 1119 (tag), 100036
/// (product, transaction_type). `listing` is null for an unknown key.
std::optional<ApiError> CheckPlace(const PlaceRequest& request, const Listing* listing,
                                   std::int64_t market_ms);

/// The number in an order id: digits. UDAPI1010 for characters no id has; 0 for an id that is none.
/// `missing` is the code for an absent one: UDAPI1003 to modify and cancel, 1023 to query.
Answer<std::uint64_t> CheckOrderId(const std::optional<std::string>& text, const char* missing);

/// What orders and positions call a segment: NSE_FO is NFO. Empty for one without orders.
std::string_view ExchangeCodeOf(std::string_view segment);

std::string_view ToText(exchange::Side side);
std::string_view ToText(exchange::OrderType type);
std::string_view ToText(exchange::Validity validity);

}  // namespace sauda::sim
