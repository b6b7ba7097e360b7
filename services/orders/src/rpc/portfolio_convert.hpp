#pragma once

#include "sauda/orders/v1alpha1/portfolio.pb.h"
#include "services/orders/src/core/deal.hpp"
#include "services/orders/src/core/pnl_reader.hpp"
#include "services/orders/src/core/portfolio_desk.hpp"
#include "services/orders/src/rpc/convert.hpp"

namespace sauda::orders {

void ToWire(const KeptDeal& kept, wire::Trade& out);
void ToWire(const portfolio::Position& position, bool simulated, wire::Position& out);
void ToWire(const portfolio::Holding& holding, bool simulated, wire::Holding& out);
void ToWire(const Portfolio& view, wire::Positions& out);
void ToWire(const Portfolio& view, wire::Holdings& out);
void ToWire(const Portfolio& view, wire::Profit& out);
void ToWire(const portfolio::PnlRow& row, wire::PnlRow& out);
/// The sums; rows are the caller's.
void ToWire(const LedgerPnl& pnl, wire::PnlReport& out);

}  // namespace sauda::orders
