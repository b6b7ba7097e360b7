#include "services/orders/src/core/portfolio/lots.hpp"

#include <algorithm>
#include <utility>

#include "libs/base/check.hpp"

namespace sauda::orders::portfolio {
namespace {

Pair PairOf(const Lot& a, const Lot& b, std::int64_t quantity) {
  const bool a_bought = a.side == Side::kBuy;
  Pair pair{.quantity = quantity, .bought = a_bought ? a : b, .sold = a_bought ? b : a};
  pair.bought.quantity = pair.sold.quantity = quantity;
  return pair;
}

}  // namespace

std::optional<Decimal> MeanPrice(Amount value, std::int64_t units) {
  if (units == 0) return std::nullopt;
  const auto mean = value.Per(units).ToDecimal();
  Check(mean.has_value(), "a mean of prices is a price");
  return *mean;
}

std::int64_t LotQueue::quantity() const {
  std::int64_t sum = 0;
  for (const Lot& lot : lots_) sum += lot.quantity;
  return sum;
}

Amount LotQueue::Value(std::int64_t multiplier) const {
  Amount sum;
  for (const Lot& lot : lots_) sum += Amount::Of(lot.price, lot.quantity * multiplier);
  return sum;
}

std::vector<Pair> LotQueue::Close(Lot& incoming) {
  std::vector<Pair> pairs;
  while (incoming.quantity > 0 && !lots_.empty() && lots_.front().side != incoming.side) {
    Lot& oldest = lots_.front();
    const std::int64_t quantity = std::min(oldest.quantity, incoming.quantity);
    pairs.push_back(PairOf(oldest, incoming, quantity));
    incoming.quantity -= quantity;
    oldest.quantity -= quantity;
    if (oldest.quantity == 0) lots_.pop_front();
  }
  return pairs;
}

Lot LotQueue::Pop() {
  Check(!lots_.empty(), "there is a lot to take");
  Lot oldest = std::move(lots_.front());
  lots_.pop_front();
  return oldest;
}

void LotQueue::Put(Lot lot) {
  Check(lots_.empty() || lot.side == side(), "a queue of lots has one side");
  const auto place = std::upper_bound(lots_.begin(), lots_.end(), lot.number,
                                      [](std::int64_t n, const Lot& l) { return n < l.number; });
  lots_.insert(place, std::move(lot));
}

std::vector<Lot> LotQueue::Take(std::int64_t quantity,
                                const std::function<bool(const Lot&)>& may_go) {
  std::vector<Lot> taken;
  for (auto lot = lots_.begin(); lot != lots_.end() && quantity > 0;) {
    if (!may_go(*lot)) {
      ++lot;
      continue;
    }
    taken.push_back(*lot);
    taken.back().quantity = std::min(lot->quantity, quantity);
    quantity -= taken.back().quantity;
    lot->quantity -= taken.back().quantity;
    lot = lot->quantity == 0 ? lots_.erase(lot) : std::next(lot);
  }
  Check(quantity == 0, "no more is taken out than there is");
  return taken;
}

void LotQueue::Carry() {
  for (Lot& lot : lots_) lot.carried = true;
}

std::vector<Pair> CloseBoth(LotQueue& a, LotQueue& b) {
  std::vector<Pair> pairs;
  while (!a.empty() && !b.empty()) {
    Lot oldest = a.Pop();
    for (Pair& pair : b.Close(oldest)) pairs.push_back(std::move(pair));
    if (oldest.quantity > 0) a.Put(std::move(oldest));
  }
  return pairs;
}

}  // namespace sauda::orders::portfolio
