#include "simulator/src/core/portfolio.hpp"

#include <algorithm>
#include <cstdlib>
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

Decimal TimesMultiplier(const Listing& listing, Decimal value) {
  const auto multiplier = static_cast<std::int64_t>(listing.qty_multiplier.value_or(1));
  return ValueOf(value, std::max<std::int64_t>(multiplier, 1));
}

Decimal MarginOf(const Listing& listing, exchange::Side side, std::string_view product,
                 Decimal price, std::int64_t quantity) {
  const bool buys = side == exchange::Side::kBuy;
  const Decimal value = TimesMultiplier(listing, ValueOf(price, quantity));
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

std::int64_t Portfolio::Deliverable(ListingId listing, const std::string& product) const {
  std::int64_t units = 0;
  for (const Holding& holding : holdings_) {
    if (holding.listing == listing && product == "D") units += holding.quantity;
  }
  const auto found = positions_.find({listing, product});
  return found == positions_.end() ? units : units + found->second.net();
}

Decimal Portfolio::EndDay(const Master& master, std::int64_t market_ms,
                          const std::function<std::optional<Decimal>(ListingId)>& close_of) {
  Decimal gained;
  decltype(positions_) carried;
  for (const auto& [key, position] : positions_) {
    const Listing& listing = master.at(position.listing);
    const std::int64_t net = position.net();
    const Decimal average = position.average_price();
    gained = gained + TimesMultiplier(listing, position.realised());
    if (net == 0) continue;
    const bool expired = listing.expiry_ms && *listing.expiry_ms <= market_ms;
    const bool shares = !listing.IsOption() && !listing.IsFuture();
    if (position.product == "I" || expired) {
      const Decimal close = close_of(position.listing).value_or(average);
      gained = gained + TimesMultiplier(listing, (close - average) * net);
    } else if (shares && position.product == "D") {
      gained = gained - average * net;
      Deliver(position);
    } else {
      Position& kept = carried[key];
      kept = {.listing = position.listing, .product = position.product};
      const Decimal value = ValueOf(average, std::abs(net));
      (net > 0 ? kept.bought : kept.sold) = std::abs(net);
      (net > 0 ? kept.buy_value : kept.sell_value) = value;
      (net > 0 ? kept.overnight_bought : kept.overnight_sold) = std::abs(net);
      (net > 0 ? kept.overnight_buy_value : kept.overnight_sell_value) = value;
    }
  }
  positions_ = std::move(carried);
  std::erase_if(holdings_, [](const Holding& holding) { return holding.quantity <= 0; });
  for (Holding& holding : holdings_) holding.used = 0;
  return gained;
}

/// A day's net of a delivery share goes into the holding, or out of it.
void Portfolio::Deliver(const Position& position) {
  const auto found = std::find_if(holdings_.begin(), holdings_.end(), [&](const Holding& holding) {
    return holding.listing == position.listing;
  });
  const std::int64_t net = position.net();
  if (found == holdings_.end()) {
    holdings_.push_back(
        {.listing = position.listing, .quantity = net, .average_price = position.average_price()});
    return;
  }
  if (net > 0) {
    const Decimal value =
        ValueOf(found->average_price, found->quantity) + ValueOf(position.average_price(), net);
    found->average_price = PerUnit(value, found->quantity + net);
  }
  found->quantity += net;
}

std::vector<Position> Portfolio::positions() const {
  std::vector<Position> list;
  list.reserve(positions_.size());
  for (const auto& [key, position] : positions_) list.push_back(position);
  return list;
}

}  // namespace sauda::sim
