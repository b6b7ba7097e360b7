#include "libs/charges/charges.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "libs/charges/schedule.hpp"

namespace sauda::charges {
namespace {

constexpr Decimal kPaisa = Decimal::FromNanos(Decimal::kNanosPerUnit / 100);
constexpr std::int64_t kMostScrips = 1'000'000;
/// A lakh crore: no order comes near, and a share of it cannot overflow.
constexpr Amount kMostTurnover = Amount::FromPaise(100'000'000'000'000);

Error InvalidCharge(std::string message) {
  return {Code::kInvalidArgument, "CHARGES_INVALID", std::move(message)};
}

/// The one place that rounds: to the paisa, halves away from zero, from the exact product.
Amount ShareInPaise(Amount of, Decimal rate) {
  return (of * rate.nanos()).RoundedTo(kPaisa * Decimal::kNanosPerUnit).Per(Decimal::kNanosPerUnit);
}

Result<Amount> TurnoverOf(std::span<const Fill> fills) {
  Amount turnover;
  for (const Fill& fill : fills) {
    if (fill.price <= Decimal{} || fill.quantity <= 0) {
      return InvalidCharge("a fill of " + std::to_string(fill.quantity) + " at " +
                           fill.price.ToString() + ": both have to be above 0");
    }
    turnover += Amount::Of(fill.price, fill.quantity);
    if (turnover > kMostTurnover) {
      return InvalidCharge("fills of over " + kMostTurnover.ToString() +
                           " rupees: check prices and quantities");
    }
  }
  if (fills.empty()) return InvalidCharge("an order without fills has no charges: leave it out");
  return turnover;
}

Amount BrokerageFor(const BrokerageRate& rate, Amount turnover) {
  if (rate.share == Decimal{}) return rate.flat;
  return std::min<Amount>(rate.flat, ShareInPaise(turnover, rate.share));
}

/// GST is on services: taxes, STT and stamp duty, bear none.
Amount ServicesOf(const Charges& charges) {
  return charges.brokerage + charges.transaction + charges.clearing + charges.ipft +
         charges.sebi_turnover + charges.demat_transaction;
}

}  // namespace

Amount Charges::Total() const { return ServicesOf(*this) + stt + stamp_duty + gst; }

Charges& Charges::operator+=(const Charges& other) {
  brokerage += other.brokerage;
  stt += other.stt;
  stamp_duty += other.stamp_duty;
  transaction += other.transaction;
  clearing += other.clearing;
  ipft += other.ipft;
  sebi_turnover += other.sebi_turnover;
  demat_transaction += other.demat_transaction;
  gst += other.gst;
  return *this;
}

Result<Charges> OrderCharges(const ChargedOrder& order, std::span<const Fill> fills) {
  if (order.side != Side::kBuy && order.side != Side::kSell) {
    return InvalidCharge("side: neither buy nor sell");
  }
  const auto turnover = TurnoverOf(fills);
  if (!turnover) return turnover.error();
  const auto rates = RatesOf(order);
  if (!rates) return rates.error();
  Charges charges;
  charges.brokerage = BrokerageFor(rates->brokerage, *turnover);
  charges.stt = ShareInPaise(*turnover, rates->stt);
  charges.stamp_duty = ShareInPaise(*turnover, rates->stamp_duty);
  charges.transaction = ShareInPaise(*turnover, rates->transaction);
  charges.ipft = ShareInPaise(*turnover, rates->ipft);
  charges.sebi_turnover = ShareInPaise(*turnover, rates->sebi_turnover);
  charges.gst = ShareInPaise(ServicesOf(charges), rates->gst);
  return charges;
}

Result<Charges> LineCharges(const ChargedOrder& order, const Fill& fill) {
  return OrderCharges(order, std::span{&fill, 1});
}

Result<Charges> DematCharges(Day day, std::int64_t scrips) {
  if (scrips < 0 || scrips > kMostScrips) {
    return InvalidCharge(std::to_string(scrips) + " scrips: 0 to " + std::to_string(kMostScrips));
  }
  const auto rates = DematRatesOn(day);
  if (!rates) return rates.error();
  Charges charges;
  charges.demat_transaction = Amount{rates->for_scrip} * scrips;
  charges.gst = ShareInPaise(ServicesOf(charges), rates->gst);
  return charges;
}

Result<Charges> ExerciseCharges(Kind kind, Day day, const Fill& intrinsic) {
  const auto value = TurnoverOf(std::span{&intrinsic, 1});
  if (!value) return value.error();
  const auto rate = ExerciseRateOn(kind, day);
  if (!rate) return rate.error();
  Charges charges;
  charges.stt = ShareInPaise(*value, *rate);
  return charges;
}

}  // namespace sauda::charges
