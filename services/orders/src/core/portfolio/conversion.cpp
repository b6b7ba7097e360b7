#include "services/orders/src/core/portfolio/conversion.hpp"

#include <string>
#include <utility>

namespace sauda::orders::portfolio {
namespace {

Error CannotConvert(Code code, const char* reason, std::string why) {
  return {code, reason, "position not converted: " + std::move(why)};
}

Error NotAllowed(const std::string& why) {
  return CannotConvert(Code::kFailedPrecondition, "CONVERT_NOT_ALLOWED", why);
}

/// What the product forbids, whatever the quantity.
Result<void> CheckProduct(const Conversion& conversion, const Contract& contract) {
  if (conversion.to != Product::kMtf) return {};
  if (!contract.is_equity()) return NotAllowed(contract.key + " is no share: none is funded");
  if (conversion.side != Side::kBuy) return NotAllowed("only purchases are funded");
  return {};
}

}  // namespace

bool TakesOnlyTheDays(const Contract& contract, Product to) {
  return contract.is_equity() && to == Product::kIntraday;
}

Result<void> CheckConversion(const Conversion& conversion, const Line* from, const Line* to) {
  const std::int64_t quantity = conversion.quantity;
  if (quantity <= 0) {
    return CannotConvert(Code::kInvalidArgument, "QUANTITY_NOT_POSITIVE", "quantity: above 0");
  }
  if (conversion.from == Product::kUnknown || conversion.to == Product::kUnknown ||
      conversion.from == conversion.to) {
    return NotAllowed("from one known product to another");
  }
  if (conversion.side == Side::kUnknown || from == nullptr || from->side() != conversion.side) {
    return CannotConvert(Code::kNotFound, "POSITION_UNKNOWN",
                         "nothing is open of instrument " +
                             std::to_string(conversion.instrument_id) +
                             " under that product and side");
  }
  const Contract& contract = from->contract();
  if (quantity > from->open_quantity()) {
    return CannotConvert(
        Code::kFailedPrecondition, "QUANTITY_TOO_LARGE",
        "of " + contract.key + " only " + std::to_string(from->open_quantity()) + " are open");
  }
  if (auto checked = CheckProduct(conversion, contract); !checked) return checked;
  if (TakesOnlyTheDays(contract, conversion.to) && quantity > from->open_of_day()) {
    return NotAllowed("of " + contract.key + " only " + std::to_string(from->open_of_day()) +
                      " were traded today: shares carried overnight do not become intraday");
  }
  const bool short_delivery =
      contract.is_equity() && conversion.to == Product::kDelivery && conversion.side == Side::kSell;
  const std::int64_t deliverable = to == nullptr ? 0 : to->deliverable();
  if (short_delivery && quantity > deliverable) {
    return NotAllowed("of " + contract.key + " " + std::to_string(deliverable) +
                      " can be delivered: shares sold short cannot");
  }
  return {};
}

}  // namespace sauda::orders::portfolio
