#include "simulator/src/core/market_price.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "simulator/src/core/greeks.hpp"
#include "simulator/src/core/market_hours.hpp"
#include "simulator/src/core/master_reference.hpp"

namespace sauda::sim {
namespace {

constexpr double kYearMs = 365.0 * 86'400'000.0;
constexpr double kTradingDays = 252;

/// What the listing's price is rooted in: shares by ISIN on either exchange, indices by key, the
/// rest by symbol.
std::string RootOf(const Listing& listing) {
  if (listing.IsIndex()) return listing.instrument_key;
  if (!listing.expiry_ms) return listing.isin.empty() ? listing.trading_symbol : listing.isin;
  const std::string& key = listing.underlying_key;
  if (key.rfind("NSE_EQ|", 0) == 0 || key.rfind("BSE_EQ|", 0) == 0) return key.substr(7);
  if (key.find("_INDEX|") != std::string::npos) return key;
  return listing.underlying_symbol;
}

double Unit(std::uint64_t hash) { return static_cast<double>(hash >> 11U) * 0x1.0p-53; }

/// Smooth noise of one period: random values at whole periods, eased between; -1 to 1.
double Octave(std::uint64_t root, std::uint64_t octave, double at) {
  const double whole = std::floor(at);
  const auto step = static_cast<std::uint64_t>(static_cast<std::int64_t>(whole));
  const std::uint64_t lane = root ^ (octave * 0xd6e8feb86659fd93ULL);
  const double from = Unit(Mix(lane + step)) * 2 - 1;
  const double to = Unit(Mix(lane + step + 1)) * 2 - 1;
  const double part = at - whole;
  return from + (to - from) * part * part * (3 - 2 * part);
}

/// A walk without memory: octaves from 3 seconds to two days, each as strong as a random walk would
/// have moved in its period. About 1 over a trading day.
double Walk(std::uint64_t root, std::int64_t ms) {
  constexpr double kSessionSeconds = 22'500;
  const double seconds = static_cast<double>(ms) / 1'000;
  double sum = 0;
  double period = 3;
  for (std::uint64_t octave = 0; octave < 9; ++octave, period *= 4) {
    sum += std::sqrt(period / kSessionSeconds) * Octave(root, octave, seconds / period);
  }
  return sum;
}

double Rounded4(double value) { return std::round(value * 1e4) / 1e4; }

std::optional<double> KnownLevel(const std::string& root) {
  for (const Index& index : NseIndices()) {
    if (root == "NSE_INDEX|" + std::string{index.name}) return index.level;
  }
  for (const Index& index : BseIndices()) {
    if (root == "BSE_INDEX|" + std::string{index.name}) return index.level;
  }
  for (const Company& company : KnownCompanies()) {
    if (root == company.isin) return company.price;
  }
  for (const auto& known : {CurrencyPairs(), McxCommodities(), NseCommodities()}) {
    for (const Underlying& underlying : known) {
      if (root == underlying.symbol) return underlying.price;
    }
  }
  return std::nullopt;
}

double VolatilityOf(const Listing& listing, std::uint64_t root) {
  if (listing.segment == "NCD_FO" || listing.segment == "BCD_FO") return 0.05;
  if (listing.segment == "MCX_FO" || listing.segment == "NSE_COM") return 0.22;
  if (listing.IsIndex() || listing.underlying_type == "INDEX") return 0.12;
  return 0.18 + 0.25 * Unit(Mix(root));
}

double BetaOf(const Listing& listing, std::uint64_t root) {
  if (listing.segment == "NCD_FO" || listing.segment == "BCD_FO" || listing.segment == "MCX_FO" ||
      listing.segment == "NSE_COM") {
    return 0;
  }
  if (listing.IsIndex() || listing.underlying_type == "INDEX") return 0.9;
  return 0.4 + 0.9 * Unit(Mix(root + 1));
}

/// Trading in a contract ends with its segment's session on the day of expiry.
std::int64_t ExpiresMs(const Listing& listing) {
  return listing.expiry_ms ? CloseMs(listing.segment, *listing.expiry_ms) : 0;
}

}  // namespace

PriceModel::PriceModel(const Master& master, std::uint64_t seed)
    : master_{master}, seed_{seed}, market_root_{Mix(seed ^ HashText("the whole market"))} {
  std::unordered_map<std::string, std::vector<double>> strikes;
  for (const Listing& listing : master.listings()) {
    if (listing.IsOption()) strikes[RootOf(listing)].push_back(listing.strike_price.value_or(0));
  }
  for (auto& [root, all] : strikes) {
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    if (*middle > 0) references_.emplace(root, *middle);
  }
}

Pricing PriceModel::PricingOf(ListingId id) const {
  const Listing& listing = master_.at(id);
  const std::string name = RootOf(listing);
  const std::uint64_t root = Mix(seed_ ^ HashText(name));
  Pricing made{.root = root,
               .volatility = VolatilityOf(listing, root),
               .beta = BetaOf(listing, root),
               .strike = listing.strike_price.value_or(0),
               .call = listing.instrument_type == "CE",
               .expires_ms = ExpiresMs(listing)};
  const auto known = references_.find(name);
  made.reference =
      known != references_.end() ? known->second : KnownLevel(name).value_or(HashedPrice(name));
  if (!listing.expiry_ms) return made;
  made.kind =
      listing.IsOption() && made.strike > 0 ? Pricing::Kind::kOption : Pricing::Kind::kFuture;
  if (made.kind != Pricing::Kind::kOption) return made;
  const auto underlying = master_.Find(listing.underlying_key);
  if (underlying && master_.at(*underlying).IsFuture()) {
    made.kind = Pricing::Kind::kOptionOnFuture;
    made.underlying_expires_ms = ExpiresMs(master_.at(*underlying));
  }
  return made;
}

double PriceModel::SpotAt(const Pricing& pricing, std::int64_t ms) const {
  const double daily = pricing.volatility / std::sqrt(kTradingDays);
  const double own = daily * std::sqrt(std::max(0.1, 1 - pricing.beta * pricing.beta));
  constexpr double kMarketDaily = 0.0075;
  const double moved =
      pricing.beta * kMarketDaily * Walk(market_root_, ms) + own * Walk(pricing.root, ms);
  return pricing.reference * std::exp(moved);
}

/// The price that an option's strike is compared with.
double PriceModel::BaseOf(const Pricing& pricing, std::int64_t ms) const {
  const double spot = SpotAt(pricing, ms);
  if (pricing.kind != Pricing::Kind::kOptionOnFuture) return spot;
  const auto left =
      static_cast<double>(std::max<std::int64_t>(0, pricing.underlying_expires_ms - ms));
  return spot * std::exp(kRate * left / kYearMs);
}

Fair PriceModel::FairAt(const Pricing& pricing, std::int64_t ms) const {
  Fair fair;
  if (pricing.kind == Pricing::Kind::kSpot || pricing.kind == Pricing::Kind::kFuture) {
    fair.price = PriceAt(pricing, ms);
    return fair;
  }
  const double base = BaseOf(pricing, ms);
  const double away = std::log(pricing.strike / base) / 0.1;
  const double smile = 1 + 0.12 * std::min(away * away, 6.0) - 0.05 * std::clamp(away, -2.0, 2.0);
  fair.iv = static_cast<double>(static_cast<float>(pricing.volatility * smile));
  const OptionTerms terms{.call = pricing.call,
                          .spot = base,
                          .strike = pricing.strike,
                          .years = static_cast<double>(pricing.expires_ms - ms) / kYearMs,
                          .rate = pricing.kind == Pricing::Kind::kOption ? kRate : 0,
                          .volatility = fair.iv};
  fair.price = OptionPrice(terms);
  fair.greeks = OptionGreeks(terms);
  for (double* greek : {&fair.greeks.delta, &fair.greeks.theta, &fair.greeks.gamma,
                        &fair.greeks.vega, &fair.greeks.rho}) {
    *greek = Rounded4(*greek) + 0.0;  // never a negative zero
  }
  return fair;
}

double PriceModel::PriceAt(const Pricing& pricing, std::int64_t ms) const {
  switch (pricing.kind) {
    case Pricing::Kind::kSpot:
      return SpotAt(pricing, ms);
    case Pricing::Kind::kFuture: {
      const auto left = static_cast<double>(std::max<std::int64_t>(0, pricing.expires_ms - ms));
      return SpotAt(pricing, ms) * std::exp(kRate * left / kYearMs);
    }
    case Pricing::Kind::kOption:
    case Pricing::Kind::kOptionOnFuture:
      return FairAt(pricing, ms).price;
  }
  return 0;
}

}  // namespace sauda::sim
