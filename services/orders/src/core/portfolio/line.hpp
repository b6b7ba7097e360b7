#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/portfolio/closed_lot.hpp"
#include "services/orders/src/core/portfolio/holding.hpp"
#include "services/orders/src/core/portfolio/lots.hpp"
#include "services/orders/src/core/portfolio/position.hpp"

namespace sauda::orders::portfolio {

/// One instrument under one product: its open lots, what of it is held, and the day's figures. A
/// part of PositionBook.
///
/// Shares bought for delivery become holdings when the day ends. What is sold for delivery is first
/// set against the day's own purchases, as settlement does, and only what is left over comes out of
/// the holdings. So during the day the holdings are used, not gone: a purchase later in the day
/// gives them back. Source: the broker's help pages, "Where can I check the sold quantity on the
/// holdings page" (251449): a sale out of holdings shows as a negative position of the day; and
/// 248699: shares sold and bought back on one day leave the average of the holdings as it was.
class Line {
 public:
  Line(Contract contract, Product product) : contract_{std::move(contract)}, product_{product} {}

  const Contract& contract() const { return contract_; }
  Product product() const { return product_; }
  /// kUnknown when nothing is open.
  Side side() const { return open_.side(); }
  std::int64_t open_quantity() const { return open_.quantity(); }
  /// Of the open units, those traded today.
  std::int64_t open_of_day() const;
  /// How much more could be sold for delivery: holdings and the day's purchases, less its sales.
  std::int64_t deliverable() const;
  bool empty() const { return open_.empty() && held_.empty(); }

  /// The newest name; all else of a contract is fixed.
  void Rename(const std::string& trading_symbol) { contract_.trading_symbol = trading_symbol; }

  /// Takes a lot in: closes what is open on the other side, opens the rest.
  std::vector<ClosedLot> Add(Lot lot, IstDate today);
  void AddCharges(Amount charges) { charges_ += charges; }

  /// Gives up so many open units with all their figures, oldest first; `of_day_only` passes over
  /// carried ones. There must be enough.
  std::vector<Lot> Remove(std::int64_t quantity, bool of_day_only);

  /// What the day's sales out of holdings would close if the day ended now.
  std::vector<ClosedLot> Deliveries(IstDate today) const;

  /// Ends the day: delivers, turns purchases for delivery into holdings, carries the rest at what
  /// it was traded for, and clears the day's figures. Returns what was delivered.
  std::vector<ClosedLot> EndDay(IstDate today);

  Position ViewPosition(const Quote& quote) const;
  /// Units bought up to `settled_through` are settled. Absent when nothing is held.
  std::optional<Holding> ViewHolding(IstDate settled_through, const Quote& quote) const;
  /// False: nothing is open, and nothing was traded or carried today that would show.
  bool has_position() const;

 private:
  bool becomes_holding() const { return contract_.is_equity() && product_ == Product::kDelivery; }
  /// Where a lot is counted.
  Tally& TallyOf(const Lot& lot);
  void Count(const Lot& lot, std::int64_t sign);
  /// What the day's sales take out of the holdings, as things stand.
  std::vector<Pair> Delivered() const;
  std::vector<ClosedLot> Closed(const std::vector<Pair>& pairs, IstDate today) const;
  /// Fills in what follows from the price.
  void Mark(Position& view, const std::vector<Pair>& delivered) const;

  Contract contract_;
  Product product_;
  LotQueue open_;
  LotQueue held_;  // bought on earlier days; the day's sales are still in it
  Tally overnight_buy_;
  Tally overnight_sell_;
  Tally day_buy_;
  Tally day_sell_;
  Amount realised_;  // today, for good
  Amount charges_;   // today
};

}  // namespace sauda::orders::portfolio
