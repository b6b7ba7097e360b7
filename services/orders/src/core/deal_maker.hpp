#pragma once

#include <optional>
#include <vector>

#include "libs/charges/types.hpp"
#include "services/orders/src/core/deal.hpp"

namespace sauda::orders {

/// What the schedule of charges calls an instrument under a product; absent: it has no name for it
/// (farm goods, commodities at NSE). Funds that trade like shares cannot be told from shares and
/// count as such.
std::optional<charges::Kind> ChargeKindOf(const Instrument& instrument, Product product);

/// What can be said of an order's instrument when nobody knows it any more: its segment, by its
/// key. Derivatives are of no kind then, and not charged.
Instrument BareInstrument(const Order& order);

/// The trades of an order for its executions, in their order, with charges. `kept` are the trades
/// that the ledger has of the order already, in their order: brokerage is for the order as a whole,
/// so each trade pays what the order costs with it, less what it cost without. What they pay
/// together is what the order costs. An execution of an unknown kind, day or price is not charged.
std::vector<Deal> MakeDeals(const Order& order, const Instrument& instrument,
                            const std::vector<KeptDeal>& kept,
                            const std::vector<Execution>& executions);

}  // namespace sauda::orders
