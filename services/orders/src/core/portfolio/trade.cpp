#include "services/orders/src/core/portfolio/trade.hpp"

#include <utility>

namespace sauda::orders::portfolio {
namespace {

// Bounds of what one trade may be. They keep every sum of units of a day within 64 bits; the
// exchanges freeze orders far below them.
constexpr std::int64_t kMostQuantity = 1'000'000'000;
constexpr std::int64_t kMostMultiplier = 100'000;

Error Unbookable(const Trade& trade, const char* reason, const char* why) {
  return {Code::kInvalidArgument, reason,
          "trade '" + trade.id + "' of " + trade.contract.key + " cannot be booked: " + why};
}

Result<void> CheckTraded(const Trade& trade) {
  const Contract& contract = trade.contract;
  if (contract.instrument_id <= 0 || contract.key.empty()) {
    return Unbookable(trade, "INSTRUMENT_MISSING", "it names no instrument");
  }
  const Section section = contract.section();
  if (section == Section::kUnknown) {
    return Unbookable(trade, "SEGMENT_UNKNOWN", "nothing trades in its segment");
  }
  if (contract.kind == Kind::kUnknown || contract.is_equity() != (section == Section::kEquity)) {
    return Unbookable(trade, "KIND_UNKNOWN", "a share, a future or an option, as its segment has");
  }
  if (contract.multiplier < 1 || contract.multiplier > kMostMultiplier) {
    return Unbookable(trade, "MULTIPLIER_INVALID", "the multiplier is 1 to 100000");
  }
  return {};
}

}  // namespace

Section SectionOf(std::string_view segment) {
  if (segment == "NSE_EQ" || segment == "BSE_EQ") return Section::kEquity;
  if (segment == "NSE_FO" || segment == "BSE_FO") return Section::kDerivatives;
  if (segment == "MCX_FO" || segment == "NSE_COM") return Section::kCommodity;
  if (segment == "NCD_FO" || segment == "BCD_FO") return Section::kCurrency;
  return Section::kUnknown;
}

Result<void> CheckTrade(const Trade& trade) {
  if (trade.id.empty()) return Unbookable(trade, "TRADE_ID_MISSING", "it has no id");
  if (auto checked = CheckTraded(trade); !checked) return checked;
  if (trade.product == Product::kUnknown) {
    return Unbookable(trade, "PRODUCT_UNKNOWN", "its product is not one we know");
  }
  if (trade.side == Side::kUnknown) {
    return Unbookable(trade, "SIDE_UNKNOWN", "it neither buys nor sells");
  }
  if (trade.quantity < 1 || trade.quantity > kMostQuantity) {
    return Unbookable(trade, "QUANTITY_INVALID", "the quantity is 1 to 1000000000");
  }
  if (trade.price < Decimal{} && trade.contract.section() != Section::kCommodity) {
    return Unbookable(trade, "PRICE_NEGATIVE", "only commodities trade below 0");
  }
  if (trade.charges < Amount{}) {
    return Unbookable(trade, "CHARGES_NEGATIVE", "charges are 0 or more");
  }
  return {};
}

bool SameTrade(const Trade& a, const Trade& b) {
  return a.id == b.id && a.order_id == b.order_id &&
         a.contract.instrument_id == b.contract.instrument_id && a.product == b.product &&
         a.side == b.side && a.quantity == b.quantity && a.price == b.price &&
         a.charges == b.charges && a.day() == b.day();
}

}  // namespace sauda::orders::portfolio
