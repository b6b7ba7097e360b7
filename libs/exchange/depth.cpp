#include <initializer_list>

#include "libs/exchange/types.hpp"

namespace sauda::exchange {

std::uint64_t NumberOf(const Depth& depth) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;  // FNV-1a, a number at a time
  const auto mix = [&hash](std::int64_t value) {
    hash = (hash ^ static_cast<std::uint64_t>(value)) * 1'099'511'628'211ULL;
  };
  for (const auto* side : {&depth.bids, &depth.asks}) {
    for (const Level& level : *side) {
      if (level.quantity <= 0) continue;
      mix(level.quantity);
      mix(level.price.nanos());
    }
    mix(0);  // where one side ends
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace sauda::exchange
