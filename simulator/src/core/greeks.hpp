#pragma once

#include "simulator/src/core/market.hpp"

namespace sauda::sim {

/// What an option is worth depends on these.
struct OptionTerms {
  bool call = true;
  double spot = 0;        ///< price of the underlying, above 0
  double strike = 0;      ///< above 0
  double years = 0;       ///< to expiry, of 365 days; 0 or less: expired
  double rate = 0;        ///< continuous, a fraction a year; 0 when the underlying is a future
  double volatility = 0;  ///< a fraction a year
};

/// The Black-Scholes price of a European option. At or after expiry, and without volatility, what
/// it would pay (discounted).
double OptionPrice(const OptionTerms& terms);

/// Its greeks in the broker's units: theta per day, vega and rho per percentage point. All zero but
/// delta at expiry.
Greeks OptionGreeks(const OptionTerms& terms);

}  // namespace sauda::sim
