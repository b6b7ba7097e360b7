#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/amount.hpp"
#include "libs/charges/charges.hpp"

namespace sauda::charges {

inline constexpr Day kToday = 2026'11'27;

inline constexpr std::array kKinds{
    Kind::kEquityDelivery,   Kind::kEquityIntraday,  Kind::kStockFutures,    Kind::kIndexFutures,
    Kind::kStockOptions,     Kind::kIndexOptions,    Kind::kCurrencyFutures, Kind::kCurrencyOptions,
    Kind::kCommodityFutures, Kind::kCommodityOptions};
inline constexpr std::array kExchanges{Exchange::kNse, Exchange::kBse, Exchange::kMcx};
inline constexpr std::array kSides{Side::kBuy, Side::kSell};

/// Commodities trade at MCX and at MCX alone.
constexpr bool IsTraded(Exchange exchange, Kind kind) {
  return (exchange == Exchange::kMcx) ==
         (kind == Kind::kCommodityFutures || kind == Kind::kCommodityOptions);
}

/// A crore of turnover: what it costs is what circulars name.
inline constexpr Fill kCrore{.price = Decimal::FromUnits(100'000), .quantity = 100};

inline Amount Rupees(std::string_view text) { return *Amount::Parse(text); }
inline Fill At(std::string_view price, std::int64_t quantity) {
  return {.price = *Decimal::Parse(price), .quantity = quantity};
}

inline std::string ReasonOf(const Result<Charges>& charges) {
  return charges ? "" : charges.error().reason;
}

}  // namespace sauda::charges
