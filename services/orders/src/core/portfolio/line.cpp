#include "services/orders/src/core/portfolio/line.hpp"

#include <utility>

namespace sauda::orders::portfolio {
namespace {

Tally Both(const Tally& a, const Tally& b) {
  return {.quantity = a.quantity + b.quantity, .value = a.value + b.value};
}

/// Figures of the holding's price.
void Price(Holding& holding, const Quote& quote) {
  const std::int64_t units = holding.free_quantity() * holding.contract.multiplier;
  holding.average_price = MeanPrice(holding.invested, units);
  holding.last_price = quote.last;
  holding.close_price = quote.close;
  if (units == 0) holding.pnl = Amount{};
  if (!quote.last) return;
  holding.pnl = Amount::Of(*quote.last, units) - holding.invested;
  if (!quote.close) return;
  holding.day_change = *quote.last - *quote.close;
  holding.day_change_percentage = PercentMoved(*quote.close, *quote.last);
}

}  // namespace

std::int64_t Line::open_of_day() const {
  std::int64_t sum = 0;
  for (const Lot& lot : open_.lots()) sum += lot.carried ? 0 : lot.quantity;
  return sum;
}

std::int64_t Line::deliverable() const {
  const std::int64_t open = open_.quantity();
  return held_.quantity() + (open_.side() == Side::kSell ? -open : open);
}

Tally& Line::TallyOf(const Lot& lot) {
  if (lot.side == Side::kBuy) return lot.carried ? overnight_buy_ : day_buy_;
  return lot.carried ? overnight_sell_ : day_sell_;
}

void Line::Count(const Lot& lot, std::int64_t sign) {
  Tally& tally = TallyOf(lot);
  tally.quantity += lot.quantity * sign;
  tally.value += Amount::Of(lot.price, lot.quantity * contract_.multiplier * sign);
}

std::vector<ClosedLot> Line::Closed(const std::vector<Pair>& pairs, IstDate today) const {
  std::vector<ClosedLot> closed;
  closed.reserve(pairs.size());
  for (const Pair& pair : pairs) {
    closed.push_back({.contract = contract_,
                      .product = product_,
                      .quantity = pair.quantity,
                      .buy_day = pair.bought.day,
                      .buy_price = pair.bought.price,
                      .sell_day = pair.sold.day,
                      .sell_price = pair.sold.price,
                      .closed_on = today});
  }
  return closed;
}

std::vector<ClosedLot> Line::Add(Lot lot, IstDate today) {
  Count(lot, 1);
  std::vector<ClosedLot> closed = Closed(open_.Close(lot), today);
  if (lot.quantity > 0) open_.Put(std::move(lot));
  realised_ += ProfitOf(closed);
  return closed;
}

std::vector<Lot> Line::Remove(std::int64_t quantity, bool of_day_only) {
  std::vector<Lot> lots =
      open_.Take(quantity, [&](const Lot& lot) { return !of_day_only || !lot.carried; });
  for (const Lot& lot : lots) Count(lot, -1);
  return lots;
}

std::vector<Pair> Line::Delivered() const {
  if (held_.empty() || open_.side() != Side::kSell) return {};
  LotQueue sold = open_;
  LotQueue held = held_;
  return CloseBoth(sold, held);
}

std::vector<ClosedLot> Line::Deliveries(IstDate today) const { return Closed(Delivered(), today); }

std::vector<ClosedLot> Line::EndDay(IstDate today) {
  std::vector<ClosedLot> delivered;
  if (open_.side() == Side::kSell) delivered = Closed(CloseBoth(open_, held_), today);
  open_.Carry();
  if (becomes_holding() && open_.side() == Side::kBuy) {
    for (const Lot& lot : open_.lots()) held_.Put(lot);
    open_.Clear();
  }
  overnight_buy_ = overnight_sell_ = day_buy_ = day_sell_ = {};
  realised_ = charges_ = {};
  for (const Lot& lot : open_.lots()) Count(lot, 1);
  return delivered;
}

bool Line::has_position() const {
  const Tally none;
  return !open_.empty() || overnight_buy_ != none || overnight_sell_ != none || day_buy_ != none ||
         day_sell_ != none || charges_ != Amount{};
}

Position Line::ViewPosition(const Quote& quote) const {
  const std::int64_t multiplier = contract_.multiplier;
  const std::int64_t sign = open_.side() == Side::kSell ? -1 : 1;
  const Tally buy = Both(overnight_buy_, day_buy_);
  const Tally sell = Both(overnight_sell_, day_sell_);
  const auto price = [&](const Tally& tally) {
    return MeanPrice(tally.value, tally.quantity * multiplier);
  };
  const Tally open{.quantity = open_.quantity(), .value = open_.Value(multiplier)};
  Position view{.contract = contract_,
                .product = product_,
                .quantity = open.quantity * sign,
                .average_price = price(open),
                .value = open.value * sign,
                .buy = buy,
                .sell = sell,
                .buy_price = price(buy),
                .sell_price = price(sell),
                .overnight_buy = overnight_buy_,
                .overnight_sell = overnight_sell_,
                .day_buy = day_buy_,
                .day_sell = day_sell_,
                .day_buy_price = price(day_buy_),
                .day_sell_price = price(day_sell_),
                .last_price = quote.last,
                .close_price = quote.close,
                .realised = realised_,
                .charges = charges_};
  Mark(view, Delivered());
  return view;
}

void Line::Mark(Position& view, const std::vector<Pair>& delivered) const {
  Amount cost = view.value;
  for (const Pair& pair : delivered) {
    const std::int64_t units = pair.quantity * contract_.multiplier;
    const Amount sold_for = Amount::Of(pair.sold.price, units);
    view.from_holdings += pair.quantity;
    view.realised += sold_for - Amount::Of(pair.bought.price, units);
    cost += sold_for;
  }
  const std::int64_t open = view.quantity + view.from_holdings;
  if (open == 0) {
    view.unrealised = Amount{};
  } else if (view.last_price) {
    view.unrealised = Amount::Of(*view.last_price, open * contract_.multiplier) - cost;
  }
  if (view.unrealised) view.pnl = view.realised + *view.unrealised;
}

std::optional<Holding> Line::ViewHolding(IstDate settled_through, const Quote& quote) const {
  if (held_.empty()) return std::nullopt;
  Holding view{.contract = contract_, .invested = held_.Value(contract_.multiplier)};
  for (const Lot& lot : held_.lots()) {
    (lot.day <= settled_through ? view.quantity : view.t1_quantity) += lot.quantity;
  }
  for (const Pair& pair : Delivered()) {
    view.cnc_used_quantity += pair.quantity;
    view.invested -= Amount::Of(pair.bought.price, pair.quantity * contract_.multiplier);
  }
  Price(view, quote);
  return view;
}

}  // namespace sauda::orders::portfolio
