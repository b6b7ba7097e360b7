#include "libs/exchange/order_book.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "libs/base/check.hpp"

namespace sauda::exchange {
namespace {

using Kind = BookEvent::Kind;

/// Keeps usable levels, best last.
std::vector<Level> BestLast(const std::vector<Level>& levels, Side side) {
  std::vector<Level> kept;
  kept.reserve(levels.size());
  std::copy_if(levels.begin(), levels.end(), std::back_inserter(kept),
               [](const Level& level) { return level.quantity > 0 && level.price > Decimal{}; });
  std::stable_sort(kept.begin(), kept.end(), [side](const Level& a, const Level& b) {
    return side == Side::kBuy ? a.price < b.price : a.price > b.price;
  });
  return kept;
}

/// Whether an order of `side` with this limit may trade at `price`.
bool Allows(Side side, const std::optional<Decimal>& limit, Decimal price) {
  if (!limit) return true;
  return side == Side::kBuy ? price <= *limit : price >= *limit;
}

/// Whether `a` is the better price for one who takes from the other side.
bool BetterForTaker(Side taker, Decimal a, Decimal b) {
  return taker == Side::kBuy ? a < b : a > b;
}

Error NotInBook(OrderId id) {
  return {Code::kNotFound, "ORDER_NOT_IN_BOOK", "order " + std::to_string(id) + " is not open"};
}

}  // namespace

bool OrderBook::Reached(const OrderTerms& terms) const {
  if (!last_price_) return false;
  return terms.side == Side::kBuy ? *last_price_ >= terms.trigger : *last_price_ <= terms.trigger;
}

std::optional<Decimal> OrderBook::ProtectionPrice(const OrderTerms& terms) const {
  if (!terms.protection_percent || !last_price_) return std::nullopt;
  const std::int64_t away = last_price_->nanos() / 100 * *terms.protection_percent;
  const bool buy = terms.side == Side::kBuy;
  std::int64_t nanos = buy ? last_price_->nanos() + away : last_price_->nanos() - away;
  if (const std::int64_t step = tick_.nanos(); step > 0) {
    const std::int64_t over = nanos % step;
    if (over != 0) nanos = buy ? nanos - over : nanos - over + step;  // towards the last price
  }
  return Decimal::FromNanos(nanos);
}

void OrderBook::Submit(OrderId id, const OrderTerms& terms, std::vector<BookEvent>& events) {
  Check(id != kMarketSide && !places_.contains(id), "the order's id is new");
  Check(terms.quantity > 0, "the order's quantity is positive");
  Entry entry{.id = id, .terms = terms};
  if (!IsStop(terms.type)) return Work(entry, Kind::kOpen, events);
  events.push_back({.kind = Kind::kTriggerPending, .order = id});
  if (!Reached(terms)) return Rest(entry);
  events.push_back({.kind = Kind::kTriggered, .order = id});
  Work(entry, Kind::kOpen, events);
}

void OrderBook::Work(Entry entry, Kind first, std::vector<BookEvent>& events) {
  const OrderType type = entry.terms.type;
  const bool priced = type == OrderType::kLimit || type == OrderType::kStop;
  entry.limit = priced ? std::optional{entry.terms.price} : ProtectionPrice(entry.terms);
  if (!priced && !entry.limit && entry.terms.protection_percent) {
    const char* const why = "no last price to protect a market order against";
    const bool fresh = first == Kind::kOpen;
    if (!fresh) events.push_back({.kind = first, .order = entry.id});
    events.push_back({.kind = fresh ? Kind::kRejected : Kind::kCancelled,
                      .order = entry.id,
                      .quantity = entry.remaining(),
                      .why = why});
    return;
  }
  events.push_back({.kind = first, .order = entry.id});
  Match(entry, events);
  if (entry.remaining() == 0) return;
  if (entry.terms.validity == Validity::kDay && entry.limit) {
    entry.terms.type = OrderType::kLimit;  // a triggered or protected order rests as a limit
    entry.terms.price = *entry.limit;
    return Rest(entry);
  }
  const char* const why = entry.terms.validity == Validity::kIoc
                              ? "IOC: the rest found no counterpart"
                              : "the rest of a market order found no counterpart";
  events.push_back(
      {.kind = Kind::kCancelled, .order = entry.id, .quantity = entry.remaining(), .why = why});
}

void OrderBook::Match(Entry& entry, std::vector<BookEvent>& events) {
  const bool buy = entry.terms.side == Side::kBuy;
  while (entry.remaining() > 0 && (buy ? TakeOne(entry, market_asks_, asks_, events)
                                       : TakeOne(entry, market_bids_, bids_, events))) {
  }
}

template <typename Ours>
bool OrderBook::TakeOne(Entry& entry, std::vector<Level>& market, Ours& ours,
                        std::vector<BookEvent>& events) {
  const Side side = entry.terms.side;
  const bool have_ours = !ours.empty();
  // At the same price the market's quantity goes first.
  const bool from_market =
      !market.empty() &&
      (!have_ours || !BetterForTaker(side, ours.begin()->first, market.back().price));
  if (!from_market && !have_ours) return false;
  const Decimal price = from_market ? market.back().price : ours.begin()->first;
  if (!Allows(side, entry.limit, price)) return false;
  if (from_market) {
    Level& level = market.back();
    const std::int64_t quantity = std::min(level.quantity, entry.remaining());
    entry.filled += quantity;
    level.quantity -= quantity;
    if (level.quantity == 0) market.pop_back();
    events.push_back(
        {.kind = Kind::kTrade, .order = entry.id, .price = price, .quantity = quantity});
    return true;
  }
  Queue& queue = ours.begin()->second;
  Entry& resting = queue.front();
  const OrderId resting_id = resting.id;
  const std::int64_t quantity = std::min(resting.remaining(), entry.remaining());
  entry.filled += quantity;
  resting.filled += quantity;
  if (resting.remaining() == 0) {
    places_.erase(resting_id);
    queue.pop_front();
    if (queue.empty()) ours.erase(ours.begin());
  }
  events.push_back({.kind = Kind::kTrade,
                    .order = entry.id,
                    .price = price,
                    .quantity = quantity,
                    .counter = resting_id});
  events.push_back({.kind = Kind::kTrade,
                    .order = resting_id,
                    .price = price,
                    .quantity = quantity,
                    .counter = entry.id});
  return true;
}

template <typename Ours>
void OrderBook::FillResting(Ours& ours, std::vector<Level>& market,
                            std::vector<BookEvent>& events) {
  while (!ours.empty() && !market.empty()) {
    Queue& queue = ours.begin()->second;
    Entry& resting = queue.front();
    Level& level = market.back();
    if (!Allows(resting.terms.side, resting.limit, level.price)) return;
    const std::int64_t quantity = std::min(resting.remaining(), level.quantity);
    resting.filled += quantity;
    level.quantity -= quantity;
    events.push_back({.kind = Kind::kTrade,
                      .order = resting.id,
                      .price = ours.begin()->first,
                      .quantity = quantity});
    if (level.quantity == 0) market.pop_back();
    if (resting.remaining() == 0) {
      places_.erase(resting.id);
      queue.pop_front();
      if (queue.empty()) ours.erase(ours.begin());
    }
  }
}

void OrderBook::Rest(Entry entry) {
  const OrderId id = entry.id;
  const bool waits = IsStop(entry.terms.type);  // one that fired rests as a limit
  const bool buy = entry.terms.side == Side::kBuy;
  Queue& queue = waits ? stops_ : buy ? bids_[*entry.limit] : asks_[*entry.limit];
  queue.push_back(entry);
  const Where where = waits ? Where::kStop : buy ? Where::kBid : Where::kAsk;
  places_[id] = {.where = where, .entry = std::prev(queue.end())};
}

OrderBook::Entry OrderBook::Take(OrderId id) {
  const Place place = places_.at(id);
  places_.erase(id);
  Entry entry = *place.entry;
  const auto remove_from = [&](auto& ours) {
    const auto level = ours.find(*entry.limit);
    level->second.erase(place.entry);
    if (level->second.empty()) ours.erase(level);
  };
  switch (place.where) {
    case Where::kStop:
      stops_.erase(place.entry);
      break;
    case Where::kBid:
      remove_from(bids_);
      break;
    case Where::kAsk:
      remove_from(asks_);
      break;
  }
  return entry;
}

Result<void> OrderBook::Modify(OrderId id, const OrderTerms& terms,
                               std::vector<BookEvent>& events) {
  const auto found = places_.find(id);
  if (found == places_.end()) return NotInBook(id);
  Entry& standing = *found->second.entry;
  if (terms.side != standing.terms.side) {
    return Error{Code::kFailedPrecondition, "SIDE_FIXED", "an order's side cannot be modified"};
  }
  if (terms.quantity <= standing.filled) {
    return Error{Code::kFailedPrecondition, "QUANTITY_BELOW_FILLED",
                 "quantity must exceed the " + std::to_string(standing.filled) + " filled"};
  }
  OrderTerms same_but_less = standing.terms;
  same_but_less.quantity = terms.quantity;
  if (same_but_less == terms && terms.quantity <= standing.terms.quantity) {
    standing.terms = terms;  // keeps its place
    events.push_back({.kind = Kind::kModified, .order = id});
    return {};
  }
  Entry entry = Take(id);
  entry.terms = terms;
  entry.limit.reset();
  if (!IsStop(terms.type)) {
    Work(entry, Kind::kModified, events);
    return {};
  }
  events.push_back({.kind = Kind::kModified, .order = id});
  if (!Reached(terms)) {
    Rest(entry);
    return {};
  }
  events.push_back({.kind = Kind::kTriggered, .order = id});
  Work(entry, Kind::kOpen, events);
  return {};
}

Result<void> OrderBook::Cancel(OrderId id, std::vector<BookEvent>& events) {
  if (!places_.contains(id)) return NotInBook(id);
  const Entry entry = Take(id);
  events.push_back({.kind = Kind::kCancelled, .order = id, .quantity = entry.remaining()});
  return {};
}

void OrderBook::OnMarket(const Depth& depth, std::vector<BookEvent>& events) {
  if (depth.last_price) last_price_ = depth.last_price;
  const bool known = depth.sequence != 0 && depth.sequence == sequence_;
  if (!known) {
    sequence_ = depth.sequence;
    market_bids_ = BestLast(depth.bids, Side::kBuy);
    market_asks_ = BestLast(depth.asks, Side::kSell);
    FillResting(bids_, market_asks_, events);
    FillResting(asks_, market_bids_, events);
  }
  FireTriggers(events);
}

void OrderBook::ForgetMarket() {
  market_bids_.clear();
  market_asks_.clear();
  last_price_.reset();
  sequence_ = 0;
}

void OrderBook::FireTriggers(std::vector<BookEvent>& events) {
  std::vector<OrderId> fired;  // trades do not move the last price, so one pass finds them all
  for (const Entry& stop : stops_) {
    if (Reached(stop.terms)) fired.push_back(stop.id);
  }
  for (const OrderId id : fired) {
    Entry entry = Take(id);
    events.push_back({.kind = Kind::kTriggered, .order = id});
    Work(entry, Kind::kOpen, events);
  }
}

std::optional<Decimal> OrderBook::best_bid() const {
  std::optional<Decimal> best;
  if (!bids_.empty()) best = bids_.begin()->first;
  if (!market_bids_.empty()) best = std::max(best.value_or(Decimal{}), market_bids_.back().price);
  return best;
}

std::optional<Decimal> OrderBook::best_ask() const {
  std::optional<Decimal> best;
  if (!asks_.empty()) best = asks_.begin()->first;
  if (!market_asks_.empty()) {
    best = best ? std::min(*best, market_asks_.back().price) : market_asks_.back().price;
  }
  return best;
}

std::optional<std::int64_t> OrderBook::remaining(OrderId id) const {
  const auto found = places_.find(id);
  if (found == places_.end()) return std::nullopt;
  return found->second.entry->remaining();
}

}  // namespace sauda::exchange
