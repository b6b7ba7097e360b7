#include "services/orders/src/core/deal_maker.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "libs/charges/charges.hpp"

namespace sauda::orders {
namespace {

// Underlyings at MCX that are no farm goods: bullion, metals, energy and their indices, as MCX
// lists them. Farm goods pay other taxes, for which the schedule has no kind.
constexpr std::array<std::string_view, 25> kNoFarmGoods{
    "GOLD",       "GOLDM",      "GOLDGUINEA", "GOLDPETAL", "GOLDTEN",    "SILVER",     "SILVERM",
    "SILVERMIC",  "SILVER1000", "CRUDEOIL",   "CRUDEOILM", "NATURALGAS", "NATGASMINI", "ALUMINIUM",
    "ALUMINI",    "COPPER",     "LEAD",       "LEADMINI",  "NICKEL",     "ZINC",       "ZINCMINI",
    "MCXBULLDEX", "MCXMETLDEX", "MCXENRGDEX", "STEELREBAR"};

using portfolio::Section;

portfolio::Kind ContractKind(const Instrument& instrument) {
  const std::string& type = instrument.type;
  if (type == "FUT") return portfolio::Kind::kFuture;
  if (type == "CE" || type == "PE") return portfolio::Kind::kOption;
  return portfolio::SectionOf(instrument.segment) == Section::kEquity ? portfolio::Kind::kEquity
                                                                      : portfolio::Kind::kUnknown;
}

portfolio::Contract ContractOf(const Instrument& instrument) {
  return {.instrument_id = instrument.id,
          .key = instrument.key,
          .trading_symbol = instrument.trading_symbol,
          .segment = instrument.segment,
          .kind = ContractKind(instrument),
          .multiplier = instrument.multiplier};
}

/// On an index, as far as charges tell: BSE's options on the Sensex 50 pay what stock options do.
bool IsOnIndex(const Instrument& instrument) {
  if (instrument.segment == "BSE_FO") {
    return instrument.underlying_symbol == "SENSEX" || instrument.underlying_symbol == "BANKEX";
  }
  return instrument.underlying_key.find("_INDEX|") != std::string::npos;
}

charges::Exchange ExchangeOf(std::string_view segment) {
  if (segment.starts_with("MCX")) return charges::Exchange::kMcx;
  return segment.starts_with("B") ? charges::Exchange::kBse : charges::Exchange::kNse;
}

charges::Day ChargeDay(std::int64_t market_ms) {
  const auto date = portfolio::IstDate::Of(market_ms);
  return date.year * 10'000 + date.month * 100 + date.day;
}

/// What an order costs as its fills come, one after the other.
class RunningCharges {
 public:
  RunningCharges(const Order& order, const Instrument& instrument)
      : kind_{ChargeKindOf(instrument, order.request.product)},
        multiplier_{instrument.multiplier},
        order_{
            .exchange = ExchangeOf(instrument.segment),
            .kind = kind_.value_or(charges::Kind::kEquityDelivery),
            .side = order.request.side == Side::kSell ? charges::Side::kSell : charges::Side::kBuy,
            .bse_group = instrument.type} {}

  /// What one more execution adds; absent: the schedule cannot say.
  std::optional<Amount> Add(std::int64_t quantity, Decimal price, std::int64_t market_ms) {
    if (!kind_) return std::nullopt;
    order_.day = ChargeDay(market_ms);
    fills_.push_back({.price = price, .quantity = quantity * multiplier_});
    const auto with = charges::OrderCharges(order_, fills_);
    if (!with) {
      fills_.pop_back();
      return std::nullopt;
    }
    const Amount before = total_;
    total_ = with->Total();
    return total_ - before;
  }

 private:
  const std::optional<charges::Kind> kind_;
  const std::int64_t multiplier_;
  charges::ChargedOrder order_;
  std::vector<charges::Fill> fills_;
  Amount total_;
};

}  // namespace

std::optional<charges::Kind> ChargeKindOf(const Instrument& instrument, Product product) {
  using charges::Kind;
  const bool future = ContractKind(instrument) == portfolio::Kind::kFuture;
  const bool option = ContractKind(instrument) == portfolio::Kind::kOption;
  const auto either = [&](Kind as_future, Kind as_option) -> std::optional<Kind> {
    if (future) return as_future;
    return option ? std::optional{as_option} : std::nullopt;
  };
  switch (portfolio::SectionOf(instrument.segment)) {
    case Section::kEquity:
      return product == Product::kIntraday ? Kind::kEquityIntraday : Kind::kEquityDelivery;
    case Section::kDerivatives:
      return IsOnIndex(instrument) ? either(Kind::kIndexFutures, Kind::kIndexOptions)
                                   : either(Kind::kStockFutures, Kind::kStockOptions);
    case Section::kCurrency:
      return either(Kind::kCurrencyFutures, Kind::kCurrencyOptions);
    case Section::kCommodity: {
      const bool known = std::find(kNoFarmGoods.begin(), kNoFarmGoods.end(),
                                   instrument.underlying_symbol) != kNoFarmGoods.end();
      return known && instrument.segment == "MCX_FO"
                 ? either(Kind::kCommodityFutures, Kind::kCommodityOptions)
                 : std::nullopt;
    }
    case Section::kUnknown:
      break;
  }
  return std::nullopt;
}

Instrument BareInstrument(const Order& order) {
  return {.id = order.instrument_id,
          .key = order.instrument_key,
          .trading_symbol = order.trading_symbol,
          .segment = order.instrument_key.substr(0, order.instrument_key.find('|'))};
}

std::vector<Deal> MakeDeals(const Order& order, const Instrument& instrument,
                            const std::vector<KeptDeal>& kept,
                            const std::vector<Execution>& executions) {
  RunningCharges charges{order, instrument};
  for (const KeptDeal& each : kept) {
    const portfolio::Trade& trade = each.deal.trade;
    (void)charges.Add(trade.quantity, trade.price, trade.market_ms);
  }
  std::vector<Deal> deals;
  deals.reserve(executions.size());
  for (const Execution& execution : executions) {
    const auto charged = charges.Add(execution.quantity, execution.price, execution.market_ms);
    deals.push_back({.trade = {.id = execution.trade_id,
                               .order_id = execution.broker_order_id,
                               .contract = ContractOf(instrument),
                               .product = order.request.product,
                               .side = order.request.side,
                               .quantity = execution.quantity,
                               .price = execution.price,
                               .market_ms = execution.market_ms,
                               .charges = charged.value_or(Amount{})},
                     .charged = charged.has_value()});
  }
  return deals;
}

}  // namespace sauda::orders
