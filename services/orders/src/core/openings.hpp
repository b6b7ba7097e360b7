#pragma once

#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/orders/src/core/ledger.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// Whose openings, up to which day.
struct OpeningsQuery {
  Ledger::Place place;
  portfolio::IstDate today;
};

/// What was owned before.
struct Openings {
  std::vector<KeptDeal> deals;
  std::vector<std::string> unknown;  ///< keys of shares that the master does not have (yet)
};

/// Shares that the broker shows as owned and that no trade of the ledger has brought: what was
/// there before Sauda, came by another way, or was traded while nobody read its trades. Each is a
/// purchase for delivery at the broker's average, ten days before the ledger's first trade, so
/// that it counts as settled, number 0. The broker's list is of the beginning of the day, less what
/// it shows as used, so that today's trades do not matter. Where the ledger has more than the
/// broker nothing is made of it. Fails with what the ports fail with.
Result<Openings> ReadOpenings(Ledger& ledger, BrokerBook& book, InstrumentDirectory& instruments,
                              const OpeningsQuery& query);

}  // namespace sauda::orders
