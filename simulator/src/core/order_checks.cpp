#include "simulator/src/core/order_checks.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace sauda::sim {
namespace {

using exchange::OrderTerms;
using exchange::OrderType;
using exchange::Side;
using exchange::Validity;

ApiError Bad(const char* code, const char* property, std::string message) {
  return {.http = 400, .code = code, .message = std::move(message), .property = property};
}

ApiError Required(const char* code, const char* property) {
  return Bad(code, property, std::string{"The '"} + property + "' is required");
}

ApiError Invalid(const char* code, const char* property, const std::string& value) {
  ApiError error = Bad(code, property, std::string{"The '"} + property + "' is invalid");
  error.invalid_value = value;
  return error;
}

std::optional<OrderType> OrderTypeOf(std::string_view text) {
  if (text == "MARKET") return OrderType::kMarket;
  if (text == "LIMIT") return OrderType::kLimit;
  if (text == "SL") return OrderType::kStop;
  if (text == "SL-M") return OrderType::kStopMarket;
  return std::nullopt;
}

std::optional<Validity> ValidityOf(std::string_view text) {
  if (text == "DAY") return Validity::kDay;
  if (text == "IOC") return Validity::kIoc;
  return std::nullopt;
}

std::optional<ApiError> CheckQuantity(const TermsRequest& request, const Listing& listing) {
  if (!request.quantity) return Required("UDAPI100036", "quantity");
  const std::int64_t quantity = *request.quantity;
  if (quantity <= 0) return Bad("UDAPI1052", "quantity", "The quantity cannot be zero");
  const std::int64_t lot = listing.lot_size.value_or(1);
  if (lot > 1 && quantity % lot != 0) {
    return Bad("UDAPI1104", "quantity",
               "The quantity must be a multiple of the lot " + std::to_string(lot));
  }
  const std::int64_t disclosed = request.disclosed_quantity.value_or(0);
  if (disclosed < 0 || disclosed > quantity) {
    return Invalid("UDAPI100036", "disclosed_quantity", std::to_string(disclosed));
  }
  if (disclosed > 0 && disclosed < (quantity + 9) / 10) {
    return Bad("UDAPI1039", "disclosed_quantity",
               "Disclosed quantity cannot be less than 10% of the quantity");
  }
  return std::nullopt;
}

std::optional<ApiError> CheckPrices(OrderType type, const TermsRequest& request) {
  if (!request.price) return Required("UDAPI1008", "price");
  if (!request.trigger_price) return Required("UDAPI1036", "trigger_price");
  const Decimal zero;
  if (*request.price < zero) {
    return Invalid("UDAPI1043", "price", request.price->ToString());
  }
  if (*request.trigger_price < zero) {
    return Invalid("UDAPI1036", "trigger_price", request.trigger_price->ToString());
  }
  const bool priced = *request.price > zero;
  const bool triggered = *request.trigger_price > zero;
  switch (type) {
    case OrderType::kMarket:
      if (priced) return Bad("UDAPI1030", "price", "Price is not allowed for a MARKET order");
      break;
    case OrderType::kLimit:
      if (!priced) return Bad("UDAPI1029", "price", "Price is required for a LIMIT order");
      break;
    case OrderType::kStop:
      if (!priced || !triggered) {
        return Bad("UDAPI1031", priced ? "trigger_price" : "price",
                   "Price and trigger_price are both required for an SL order");
      }
      break;
    case OrderType::kStopMarket:
      if (priced) return Bad("UDAPI1032", "price", "Only trigger_price is wanted for SL-M");
      if (!triggered) return Required("UDAPI1036", "trigger_price");
      break;
  }
  return std::nullopt;
}

Answer<std::optional<std::int32_t>> CheckProtection(OrderType type, const TermsRequest& request,
                                                    std::int64_t market_ms) {
  const std::int64_t percent = request.market_protection.value_or(-1);
  if (percent > 25) {
    return Refuse(Bad("UDAPI1159", "market_protection", "market_protection cannot exceed 25"));
  }
  if (percent < -1) {
    return Refuse(Invalid("UDAPI1160", "market_protection", std::to_string(percent)));
  }
  if (type != OrderType::kMarket && type != OrderType::kStopMarket) return std::nullopt;
  if (percent == -1) return std::optional{exchange::kAutomaticProtectionPercent};
  if (percent > 0) return std::optional{static_cast<std::int32_t>(percent)};
  if (market_ms >= kProtectionNeededFromMs) {
    return Refuse(Bad("UDAPI1158", "order_type",
                      "MARKET and SL-M orders without market protection are not allowed"));
  }
  return std::nullopt;
}

}  // namespace

Answer<OrderTerms> CheckTerms(const TermsRequest& request, Side side, const Listing& listing,
                              std::int64_t market_ms) {
  if (!request.order_type) return Refuse(Required("UDAPI1004", "order_type"));
  const auto type = OrderTypeOf(*request.order_type);
  if (!type) return Refuse(Invalid("UDAPI1056", "order_type", *request.order_type));
  if (!request.validity) return Refuse(Required("UDAPI1007", "validity"));
  const auto validity = ValidityOf(*request.validity);
  if (!validity) return Refuse(Invalid("UDAPI1055", "validity", *request.validity));
  if (const auto bad = CheckQuantity(request, listing)) return Refuse(*bad);
  if (const auto bad = CheckPrices(*type, request)) return Refuse(*bad);
  const auto protection = CheckProtection(*type, request, market_ms);
  if (!protection) return Refuse(protection.error());
  return OrderTerms{.side = side,
                    .type = *type,
                    .validity = *validity,
                    .quantity = *request.quantity,
                    .price = *request.price,
                    .trigger = *request.trigger_price,
                    .protection_percent = *protection};
}

std::optional<ApiError> CheckPlace(const PlaceRequest& request, const Listing* listing,
                                   std::int64_t market_ms) {
  static constexpr std::array<std::string_view, 3> kProducts = {"I", "D", "MTF"};
  if (!request.instrument_token || request.instrument_token->empty()) {
    return Required("UDAPI1026", "instrument_token");
  }
  if (listing == nullptr || ExchangeCodeOf(listing->segment).empty() ||
      listing->expiry_ms.value_or(market_ms) < market_ms) {
    return Invalid("UDAPI100011", "instrument_token", *request.instrument_token);
  }
  if (listing->segment == "MCX_FO") {
    return Bad("UDAPI1161", "instrument_key", "Order entry for MCX is not available through API");
  }
  if (!request.product) return Required("UDAPI100036", "product");
  if (std::find(kProducts.begin(), kProducts.end(), *request.product) == kProducts.end()) {
    return Invalid("UDAPI100036", "product", *request.product);
  }
  if (!request.transaction_type) return Required("UDAPI100036", "transaction_type");
  if (*request.transaction_type != "BUY" && *request.transaction_type != "SELL") {
    return Invalid("UDAPI100036", "transaction_type", *request.transaction_type);
  }
  constexpr std::size_t kMaxTag = 40;
  if (request.tag && request.tag->size() > kMaxTag) {
    return Bad("UDAPI1119", "tag", "The tag cannot exceed 40 characters");
  }
  return std::nullopt;
}

Answer<std::uint64_t> CheckOrderId(const std::optional<std::string>& text, const char* missing) {
  if (!text || text->empty()) return Refuse(Required(missing, "order_id"));
  const bool sane = std::all_of(text->begin(), text->end(),
                                [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
  if (!sane) return Refuse(Invalid("UDAPI1010", "order_id", *text));
  std::uint64_t id = 0;
  const char* const end = text->data() + text->size();
  const auto [read_to, failure] = std::from_chars(text->data(), end, id);
  return failure == std::errc{} && read_to == end ? id : 0;
}

std::string_view ExchangeCodeOf(std::string_view segment) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kCodes = {
      {{"NSE_EQ", "NSE"},
       {"BSE_EQ", "BSE"},
       {"NSE_FO", "NFO"},
       {"BSE_FO", "BFO"},
       {"NCD_FO", "CDS"},
       {"BCD_FO", "BCD"},
       {"MCX_FO", "MCX"},
       {"NSE_COM", "NSCOM"}}};
  const auto* const found = std::find_if(
      kCodes.begin(), kCodes.end(), [segment](const auto& code) { return code.first == segment; });
  return found == kCodes.end() ? std::string_view{} : found->second;
}

std::string_view ToText(Side side) { return side == Side::kBuy ? "BUY" : "SELL"; }

std::string_view ToText(OrderType type) {
  switch (type) {
    case OrderType::kMarket:
      return "MARKET";
    case OrderType::kLimit:
      return "LIMIT";
    case OrderType::kStop:
      return "SL";
    case OrderType::kStopMarket:
      return "SL-M";
  }
  return "";
}

std::string_view ToText(Validity validity) { return validity == Validity::kDay ? "DAY" : "IOC"; }

}  // namespace sauda::sim
