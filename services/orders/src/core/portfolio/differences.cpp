#include "services/orders/src/core/portfolio/differences.hpp"

#include <map>
#include <utility>

namespace sauda::orders::portfolio {
namespace {

constexpr Decimal kPaisa = Decimal::FromNanos(10'000'000);

struct BothSides {
  std::optional<Stand> ours;
  std::optional<Stand> theirs;
  bool twice = false;
};

void Note(std::optional<Stand>& place, const Stand& stand, BothSides& sides) {
  if (place) {
    sides.twice = true;
  } else {
    place = stand;
  }
}

bool AveragesDiffer(const Stand& ours, const Stand& theirs) {
  const auto said = [](const Stand& stand) {
    return stand.quantity != 0 && stand.average_price && *stand.average_price != Decimal{};
  };
  if (!said(ours) || !said(theirs)) return false;
  const Decimal apart = *ours.average_price - *theirs.average_price;
  return apart > kPaisa || apart < Decimal{} - kPaisa;
}

/// Absent: they agree.
std::optional<Difference::What> Compare(const BothSides& sides) {
  using What = Difference::What;
  if (!sides.theirs) {
    return sides.ours->quantity == 0 ? std::nullopt : std::optional{What::kMissingThere};
  }
  if (!sides.ours) {
    return sides.theirs->quantity == 0 ? std::nullopt : std::optional{What::kMissingHere};
  }
  if (sides.ours->quantity != sides.theirs->quantity) return What::kQuantity;
  if (AveragesDiffer(*sides.ours, *sides.theirs)) return What::kAverage;
  return std::nullopt;
}

}  // namespace

Stand StandOf(const Position& position) {
  return {.instrument_key = position.contract.key,
          .product = position.product,
          .quantity = position.quantity,
          .average_price = position.average_price};
}

Stand StandOf(const Holding& holding) {
  return {.instrument_key = holding.contract.key,
          .product = Product::kDelivery,
          .quantity = holding.free_quantity(),
          .average_price = holding.average_price};
}

std::vector<Difference> Differences(const std::vector<Stand>& ours,
                                    const std::vector<Stand>& theirs) {
  std::map<std::pair<std::string, Product>, BothSides> all;
  for (const Stand& stand : ours) {
    BothSides& sides = all[{stand.instrument_key, stand.product}];
    Note(sides.ours, stand, sides);
  }
  for (const Stand& stand : theirs) {
    BothSides& sides = all[{stand.instrument_key, stand.product}];
    Note(sides.theirs, stand, sides);
  }
  std::vector<Difference> differences;
  for (const auto& [key, sides] : all) {
    const auto tell = [&](Difference::What what) {
      differences.push_back({.what = what,
                             .instrument_key = key.first,
                             .product = key.second,
                             .ours = sides.ours,
                             .theirs = sides.theirs});
    };
    if (sides.twice) tell(Difference::What::kListedTwice);
    if (const auto what = Compare(sides)) tell(*what);
  }
  return differences;
}

}  // namespace sauda::orders::portfolio
