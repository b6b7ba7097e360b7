#pragma once

#include <cstdint>
#include <vector>

#include <pqxx/pqxx>

#include "services/orders/src/adapters/order_rows.hpp"
#include "services/orders/src/core/ledger.hpp"

namespace sauda::orders {

/// Writes those trades of an order that `orders.trades` does not have, and gives these. Fails with
/// kDataLoss / TRADE_CONFLICT; the transaction is to be given up then.
Result<std::vector<KeptDeal>> KeepDeals(pqxx::work& work, const NumberedOrder& order,
                                        const std::vector<Deal>& deals, std::int64_t now_ms);

Ledger::DealPage SelectDeals(pqxx::work& work, const Ledger::DealQuery& query);

}  // namespace sauda::orders
