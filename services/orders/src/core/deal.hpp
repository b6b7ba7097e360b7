#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/portfolio/trade.hpp"

namespace sauda::orders {

/// A trade with what is known of its charges.
struct Deal {
  portfolio::Trade trade;
  bool charged = false;  ///< false: the schedule has nothing for it, and `trade.charges` is 0
};

/// A trade as the ledger keeps it, for ever.
struct KeptDeal {
  std::int64_t number = 0;  ///< rises as trades are written
  OrderName order;
  Route route = Route::kUnknown;
  bool simulated = false;
  std::int64_t at_ms = 0;  ///< wall clock when it was written, UTC
  Deal deal;
};

/// The trade as the ledger is to keep it, still without a number.
KeptDeal AsKept(const Order& order, Deal deal, std::int64_t at_ms);

/// Whether two trades of one name say the same; charges, symbol and time of day aside, which
/// sources give differently.
bool IsSameDeal(const KeptDeal& a, const KeptDeal& b);

/// kDataLoss / TRADE_CONFLICT: what is kept under its name is another trade.
Error TradeConflict(const KeptDeal& told);

std::vector<Deal> DealsIn(const std::vector<KeptDeal>& kept);

/// One execution of an order, as the paper engine or the broker tells it.
struct Execution {
  std::string trade_id;
  std::string broker_order_id;
  std::int64_t quantity = 0;
  Decimal price;
  std::int64_t market_ms = 0;  ///< market time, UTC
};

/// Hears of trades once they are committed. Called by the thread that wrote them: must not block.
class DealListener {
 public:
  virtual ~DealListener() = default;
  virtual void OnDeals(const std::vector<KeptDeal>& deals) = 0;
  /// Trades may have been committed that nobody will be told of: read them all again.
  virtual void OnDoubt() = 0;
};

}  // namespace sauda::orders
