#include "simulator/src/core/greeks.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sauda::sim {
namespace {

constexpr double kDaysAYear = 365;
constexpr double kPointsPerUnit = 100;

double NormalBelow(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double NormalDensity(double x) {
  return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

bool Certain(const OptionTerms& terms) { return terms.years <= 0 || terms.volatility <= 0; }

double DiscountedStrike(const OptionTerms& terms) {
  return terms.strike * std::exp(-terms.rate * std::max(terms.years, 0.0));
}

double D1(const OptionTerms& terms) {
  const double spread = terms.volatility * std::sqrt(terms.years);
  return (std::log(terms.spot / terms.strike) + terms.rate * terms.years) / spread + spread / 2;
}

}  // namespace

double OptionPrice(const OptionTerms& terms) {
  const double sign = terms.call ? 1 : -1;
  const double strike = DiscountedStrike(terms);
  if (Certain(terms)) return std::max(0.0, sign * (terms.spot - strike));
  const double d1 = D1(terms);
  const double d2 = d1 - terms.volatility * std::sqrt(terms.years);
  return sign * (terms.spot * NormalBelow(sign * d1) - strike * NormalBelow(sign * d2));
}

Greeks OptionGreeks(const OptionTerms& terms) {
  const double sign = terms.call ? 1 : -1;
  const double strike = DiscountedStrike(terms);
  if (Certain(terms)) return {.delta = sign * (terms.spot - strike) > 0 ? sign : 0};
  const double root = std::sqrt(terms.years);
  const double d1 = D1(terms);
  const double d2 = d1 - terms.volatility * root;
  const double decay = -terms.spot * NormalDensity(d1) * terms.volatility / (2 * root);
  const double carry = -sign * terms.rate * strike * NormalBelow(sign * d2);
  return {.delta = sign * NormalBelow(sign * d1),
          .theta = (decay + carry) / kDaysAYear,
          .gamma = NormalDensity(d1) / (terms.spot * terms.volatility * root),
          .vega = terms.spot * NormalDensity(d1) * root / kPointsPerUnit,
          .rho = sign * terms.years * strike * NormalBelow(sign * d2) / kPointsPerUnit};
}

}  // namespace sauda::sim
