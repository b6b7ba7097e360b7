#include "simulator/src/core/portfolio.hpp"

#include <algorithm>
#include <limits>

namespace sauda::sim {
namespace {

Decimal Percent(Decimal value, std::int64_t percent) {
  return Decimal::FromNanos(value.nanos() / 100 * percent);
}

Decimal PerUnit(Decimal value, std::int64_t quantity) {
  if (quantity == 0) return {};
  return Decimal::FromNanos((value.nanos() + quantity / 2) / quantity);
}

}  // namespace

Decimal Position::buy_price() const { return PerUnit(buy_value, bought); }
Decimal Position::sell_price() const { return PerUnit(sell_value, sold); }

Decimal Position::average_price() const {
  if (net() == 0) return {};
  return net() > 0 ? buy_price() : sell_price();
}

Decimal Position::realised() const {
  const std::int64_t closed = std::min(bought, sold);
  return sell_price() * closed - buy_price() * closed;
}

Decimal ValueOf(Decimal price, std::int64_t quantity) {
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(price.nanos(), quantity, &nanos)) {
    nanos = std::numeric_limits<std::int64_t>::max();
  }
  return Decimal::FromNanos(nanos);
}

Decimal MarginOf(const Listing& listing, exchange::Side side, std::string_view product,
                 Decimal price, std::int64_t quantity) {
  const bool buys = side == exchange::Side::kBuy;
  const auto multiplier = static_cast<std::int64_t>(listing.qty_multiplier.value_or(1));
  const Decimal value = ValueOf(ValueOf(price, quantity), std::max<std::int64_t>(multiplier, 1));
  if (listing.IsOption() && buys) return value;
  if (listing.IsOption()) {
    const auto strike = static_cast<std::int64_t>(listing.strike_price.value_or(0));
    return Percent(ValueOf(Decimal::FromUnits(strike), quantity), 15);
  }
  if (listing.IsFuture()) return Percent(value, 15);
  if (product == "I") return Percent(value, 20);
  if (!buys) return {};
  return product == "MTF" ? Percent(value, 25) : value;
}

const Position& Portfolio::Enter(ListingId listing, const std::string& product, exchange::Side side,
                                 Decimal price, std::int64_t quantity) {
  Position& position = positions_[{listing, product}];
  position.listing = listing;
  position.product = product;
  const Decimal value = ValueOf(price, quantity);
  if (side == exchange::Side::kBuy) {
    position.bought += quantity;
    position.buy_value = position.buy_value + value;
  } else {
    position.sold += quantity;
    position.sell_value = position.sell_value + value;
  }
  return position;
}

const Holding* Portfolio::Use(ListingId listing, std::int64_t quantity) {
  for (Holding& holding : holdings_) {
    if (holding.listing != listing) continue;
    const std::int64_t used = std::min(quantity, holding.quantity - holding.used);
    if (used == 0) return nullptr;
    holding.used += used;
    return &holding;
  }
  return nullptr;
}

std::int64_t Portfolio::Deliverable(ListingId listing) const {
  std::int64_t units = 0;
  for (const Holding& holding : holdings_) {
    if (holding.listing == listing) units += holding.quantity;
  }
  const auto found = positions_.find({listing, "D"});
  return found == positions_.end() ? units : units + found->second.net();
}

std::vector<Position> Portfolio::positions() const {
  std::vector<Position> list;
  list.reserve(positions_.size());
  for (const auto& [key, position] : positions_) list.push_back(position);
  return list;
}

}  // namespace sauda::sim
