#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "simulator/src/core/market.hpp"

namespace sauda::sim {

/// What a listing's price follows. Made once per listing by PriceModel::PricingOf.
struct Pricing {
  enum class Kind : std::uint8_t { kSpot, kFuture, kOption, kOptionOnFuture };
  Kind kind = Kind::kSpot;
  std::uint64_t root = 0;  ///< the underlying's own noise
  double reference = 0;    ///< where the underlying's price starts, rupees
  double volatility = 0;   ///< of the underlying, a fraction a year
  double beta = 0;         ///< how much of the whole market's move it takes part in
  double strike = 0;
  bool call = false;
  std::int64_t expires_ms = 0;             ///< when trading in it ends, epoch ms; 0: never
  std::int64_t underlying_expires_ms = 0;  ///< of the future below a kOptionOnFuture
};

/// A fair price, and the option figures that belong to it.
struct Fair {
  double price = 0;
  double iv = 0;  ///< a fraction, with the grain of a float as the broker sends it
  Greeks greeks;  ///< rounded to four decimals
};

/// Prices as a function of market time alone: smooth noise in many octaves round a reference. So
/// any listing's price at any time can be had without living through the time before, and an option
/// always fits its underlying. Never changes; any thread may use it.
class PriceModel {
 public:
  /// References are the middle strike of an underlying's options, else a known level, else hashed
  /// from the name. `master` must outlive the model.
  PriceModel(const Master& master, std::uint64_t seed);

  Pricing PricingOf(ListingId id) const;

  /// The fair price only; cheap.
  double PriceAt(const Pricing& pricing, std::int64_t ms) const;

  /// The fair price with greeks.
  Fair FairAt(const Pricing& pricing, std::int64_t ms) const;

  static constexpr double kRate = 0.065;  ///< risk-free, a year

 private:
  double SpotAt(const Pricing& pricing, std::int64_t ms) const;
  double BaseOf(const Pricing& pricing, std::int64_t ms) const;

  const Master& master_;
  const std::uint64_t seed_;
  const std::uint64_t market_root_;
  std::unordered_map<std::string, double> references_;
};

}  // namespace sauda::sim
