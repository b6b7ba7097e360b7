#pragma once

#include <array>
#include <string_view>

namespace sauda::scenarios {

/// Where an order on paper may end otherwise than on the simulator.
struct Difference {
  std::string_view name;    ///< as `differs` in the scenario that shows it
  std::string_view reason;  ///< of the market; docs/paper-trading.md has the same words
};

/// At most this many, each shown by a scenario: the tests hold that.
inline constexpr std::size_t kMostDifferences = 10;

inline constexpr std::array kDifferences{
    Difference{"CIRCUIT_LIMITS",
               "the exchange's price band of the day is neither in the V3 feed nor in the "
               "instrument files, so paper does not know it"},
    Difference{"MONEY_AND_SHARES",
               "a broker blocks money and shares of an account; a paper account has none, and what "
               "it may do is for the risk limits to say"},
    Difference{"FIVE_LEVELS",
               "an exchange fills from its whole book; the feed shows five levels of it, and paper "
               "fills from what is shown"},
    Difference{
        "FIRST_TICK",
        "an exchange always has a price of its own; paper has none before the first tick, so "
        "it takes no order that needs one, and lets others meet the first market as it is"},
};

}  // namespace sauda::scenarios
