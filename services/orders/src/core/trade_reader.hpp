#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/ledger.hpp"
#include "services/orders/src/core/order_desk.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// Brings the broker's trades of the day into the ledger, for orders whose fills no trade confirms
/// yet: ours and those placed elsewhere. Owned by the live link's thread; not thread-safe.
class TradeReader {
 public:
  struct Parts {
    std::string account_id;
    OrderDesk& desk;
    Ledger& ledger;
    BrokerBook& book;
    InstrumentDirectory& instruments;
    const Clock& clock;
    /// Hears of trades that the ledger refuses. Must not block.
    std::function<void(const Order&, const Error&)> on_refused;
  };

  explicit TradeReader(Parts parts) : parts_{std::move(parts)} {}

  struct Summary {
    std::int64_t taken = 0;        ///< trades that are new to the ledger
    std::int64_t unconfirmed = 0;  ///< orders with fills that still lack trades
  };

  /// One look. The broker is asked only when there are such orders; those that have not changed for
  /// 20 hours are of another day, which its list of the day does not show. Fails with what the
  /// ports fail with; to be repeated then.
  Result<Summary> Run();

 private:
  /// Whether the order is confirmed now.
  Result<bool> TakeTrades(const Order& order, const std::vector<BrokerTrade>& trades,
                          Summary& summary);

  const Parts parts_;
};

}  // namespace sauda::orders
