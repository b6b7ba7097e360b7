#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "libs/base/amount.hpp"
#include "services/orders/src/core/portfolio/trade.hpp"

namespace sauda::orders::portfolio {

/// What is left open of one trade.
struct Lot {
  Side side = Side::kUnknown;
  std::int64_t quantity = 0;  ///< above 0
  Decimal price;
  IstDate day;              ///< of the trade
  std::int64_t number = 0;  ///< place of the trade among all that were booked
  bool carried = false;     ///< from an earlier day than the book's
};

/// So many units bought, and sold.
struct Pair {
  std::int64_t quantity = 0;
  Lot bought;
  Lot sold;
};

/// Money over units at a price, rounded to 10^-9 for display; absent when there are no units.
std::optional<Decimal> MeanPrice(Amount value, std::int64_t units);

/// Open lots of one side, oldest first. What closes them takes the oldest: first in, first out,
/// which is how the broker computes the average of delivery positions and of holdings, long and
/// short. No rounding anywhere: a lot is whole units at its own price.
/// Source: the broker's help pages, "How is the average price calculated for delivery positions and
/// holdings" (248590) and "… for intraday trade" (248699).
class LotQueue {
 public:
  bool empty() const { return lots_.empty(); }
  /// kUnknown when empty.
  Side side() const { return lots_.empty() ? Side::kUnknown : lots_.front().side; }
  const std::deque<Lot>& lots() const { return lots_; }

  std::int64_t quantity() const;
  /// What the open units were bought or sold for, at a multiplier; 0 or more at prices so.
  Amount Value(std::int64_t multiplier) const;

  /// Closes lots against one of the other side, which keeps what found no counterpart.
  std::vector<Pair> Close(Lot& incoming);

  /// Takes the oldest lot out. There must be one.
  Lot Pop();

  /// Adds a lot of the queue's side in its place: by the number of its trade.
  void Put(Lot lot);

  /// Takes out so many units of the oldest lots that `may_go` allows. There must be enough.
  std::vector<Lot> Take(std::int64_t quantity, const std::function<bool(const Lot&)>& may_go);

  /// All lots are of earlier days from now on.
  void Carry();

  void Clear() { lots_.clear(); }

 private:
  std::deque<Lot> lots_;
};

/// Closes the lots of two queues of opposite sides against each other.
std::vector<Pair> CloseBoth(LotQueue& a, LotQueue& b);

}  // namespace sauda::orders::portfolio
