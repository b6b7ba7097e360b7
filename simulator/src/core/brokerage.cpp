#include "simulator/src/core/brokerage.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "simulator/src/core/ist.hpp"

namespace sauda::sim {
namespace {

using exchange::OrderId;
using exchange::OrderTerms;
using exchange::OrderType;

constexpr std::uint64_t kIdSpan = 1'000'000'000;  // nine digits after the day

/// A market price, which the feed gives to at most four decimals.
Decimal ToDecimal(double rupees) {
  return Decimal::FromNanos(std::llround(rupees * 10'000) * 100'000);
}

exchange::Depth ToDepth(const FullState& state) {
  exchange::Depth depth;
  for (const DepthLevel& level : state.depth) {
    depth.bids.push_back({.price = ToDecimal(level.bid), .quantity = level.bid_qty});
    depth.asks.push_back({.price = ToDecimal(level.ask), .quantity = level.ask_qty});
  }
  if (state.ltp > 0) depth.last_price = ToDecimal(state.ltp);
  depth.sequence = exchange::NumberOf(depth);
  return depth;
}

Decimal TickOf(const Listing& listing) {
  return Decimal::FromNanos(listing.TickUnits() * 100'000);  // of 0.0001 rupees
}

std::int64_t FreezeOf(const Listing& listing) {
  constexpr std::int64_t kNoFreeze = 1'000'000;
  return listing.freeze_quantity ? static_cast<std::int64_t>(*listing.freeze_quantity) : kNoFreeze;
}

std::optional<std::size_t> IndexOf(std::string_view segment) {
  const auto* const found = std::find(kFeedSegments.begin(), kFeedSegments.end(), segment);
  if (found == kFeedSegments.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kFeedSegments.begin());
}

ApiError ServiceClosed() {
  return {.http = 423,
          .code = "UDAPI100074",
          .message = "The Order service is accessible from 5:30 AM to 12:00 AM IST"};
}

/// Whether an update says that a modify was taken.
bool IsModified(const exchange::Update& update) {
  return update.order.status == exchange::Status::kModified ||
         update.order.status == exchange::Status::kModifyAfterMarketReqReceived;
}

/// Quantities of the slices of an order: as many whole freeze limits (in lots) as fit, and a rest.
std::vector<std::int64_t> Slices(std::int64_t quantity, const Listing& listing) {
  const std::int64_t lot = std::max<std::int64_t>(listing.lot_size.value_or(1), 1);
  const std::int64_t most = std::max(FreezeOf(listing) / lot * lot, lot);
  std::vector<std::int64_t> slices;
  for (; quantity > 0 && slices.size() <= static_cast<std::size_t>(kMaxSlices); quantity -= most) {
    slices.push_back(std::min(quantity, most));
  }
  return slices;
}

}  // namespace

Brokerage::Brokerage(Market& market, BrokerageListener& listener, Options options)
    : market_{market},
      listener_{listener},
      options_{std::move(options)},
      desk_{NewDesk()},
      portfolio_{options_.holdings},
      told_{market.statuses()},
      cash_{options_.opening_cash},
      last_number_{options_.first_number} {}

Brokerage::~Brokerage() {
  if (!market_.Movable()) return;
  for (const auto& [key, listing] : followed_) market_.Unfollow(listing);
}

exchange::Desk Brokerage::NewDesk() {
  return exchange::Desk{[this](std::string_view key) { return DepthOf(key); }};
}

exchange::Depth Brokerage::DepthOf(std::string_view key) {
  const auto listing = market_.master().Find(key);
  const FullState* const state = listing ? market_.State(*listing) : nullptr;
  return state == nullptr ? exchange::Depth{} : ToDepth(*state);
}

bool Brokerage::IsOpen(std::string_view segment) const {
  const auto index = IndexOf(segment);
  return index && market_.statuses().at(*index) == SegmentStatus::kNormalOpen;
}

Answer<std::vector<OrderId>> Brokerage::Place(const PlaceRequest& request, std::int64_t market_ms) {
  OnDay(market_ms);
  if (!InServiceWindow(market_ms)) return Refuse(ServiceClosed());
  const auto id_of_listing = market_.master().Find(request.instrument_token.value_or(""));
  const Listing* const listing = id_of_listing ? &market_.master().at(*id_of_listing) : nullptr;
  if (const auto bad = CheckPlace(request, listing, market_ms)) return Refuse(*bad);
  const auto side =
      *request.transaction_type == "BUY" ? exchange::Side::kBuy : exchange::Side::kSell;
  const auto terms = CheckTerms(request.terms, side, *listing, market_ms);
  if (!terms) return Refuse(terms.error());
  const auto slices = request.slice ? Slices(terms->quantity, *listing)
                                    : std::vector<std::int64_t>{terms->quantity};
  if (slices.size() > static_cast<std::size_t>(kMaxSlices)) {
    return Refuse({.http = 400,
                   .code = "UDAPI1118",
                   .message = "An order can be cut into at most 25 slices",
                   .property = "quantity"});
  }
  if (orders_.size() + slices.size() > kMaxOrders) {
    return Refuse({.http = 503, .code = "UDAPI100500", .message = "The simulator's book is full"});
  }
  std::vector<OrderId> ids;
  const OrderId day = std::stoull(FormatIstDay(market_ms)) * kIdSpan;
  for (const std::int64_t quantity : slices) {
    const OrderId id = day + ++last_number_ % kIdSpan;
    Kept& kept = orders_[id];
    kept.row.listing = *id_of_listing;
    kept.row.product = *request.product;
    kept.row.tag = request.tag.value_or("");
    kept.row.disclosed = request.terms.disclosed_quantity.value_or(0);
    kept.row.placed_ms = market_ms;
    exchange::NewOrder order{.id = id,
                             .instrument_key = listing->instrument_key,
                             .tick = TickOf(*listing),
                             .terms = *terms,
                             .after_market = !IsOpen(listing->segment)};
    order.terms.quantity = quantity;
    kept.row.state.terms = order.terms;
    order.refusal = Refusal(kept.row, quantity);
    if (order.after_market && !order.refusal) after_market_.insert(id);
    Record(desk_.Place(order), market_ms);
    FollowOrNot(listing->instrument_key, *id_of_listing);
    ids.push_back(id);
  }
  return ids;
}

Decimal Brokerage::PriceOf(const OrderRow& row) const {
  const OrderTerms& terms = row.state.terms;
  if (terms.type == OrderType::kLimit || terms.type == OrderType::kStop) return terms.price;
  if (terms.type == OrderType::kStopMarket) return terms.trigger;
  const FullState* const state = market_.State(row.listing);
  return state == nullptr ? Decimal{} : ToDecimal(state->ltp);
}

std::optional<std::string> Brokerage::Refusal(const OrderRow& row, std::int64_t quantity) const {
  const Listing& listing = market_.master().at(row.listing);
  const OrderTerms& terms = row.state.terms;
  if (quantity > FreezeOf(listing)) {
    return "RMS: the quantity exceeds the exchange's freeze limit of " +
           std::to_string(FreezeOf(listing));
  }
  const Decimal tick = TickOf(listing);
  if (!terms.price.IsMultipleOf(tick) || !terms.trigger.IsMultipleOf(tick)) {
    return "Exchange: the price is not a multiple of the tick size " + tick.ToString();
  }
  // NSE trading regulations: a stop-limit order's trigger lies on the market's side of its limit.
  const bool buys = terms.side == exchange::Side::kBuy;
  if (terms.type == OrderType::kStop &&
      (buys ? terms.trigger > terms.price : terms.trigger < terms.price)) {
    return std::string{"Exchange: the trigger price is "} + (buys ? "above" : "below") +
           " the limit price";
  }
  const FullState* const state = market_.State(row.listing);
  const bool banded = !listing.IsOption() && state != nullptr && state->cp > 0;
  if (banded && terms.price > Decimal{}) {
    const double price = terms.price.ToDouble();
    if (price > state->cp * 1.2 || price < state->cp * 0.8) {
      return "Exchange: the price is outside the circuit limits";
    }
  }
  return MoneyRefusal(row, quantity);
}

std::optional<std::string> Brokerage::MoneyRefusal(const OrderRow& row,
                                                   std::int64_t quantity) const {
  const Listing& listing = market_.master().at(row.listing);
  const exchange::Side side = row.state.terms.side;
  const bool cash = !listing.IsOption() && !listing.IsFuture();
  if (cash && side == exchange::Side::kSell && row.product != "I") {
    std::int64_t asked = quantity;
    for (const OrderId id : live_) {
      const OrderRow& other = orders_.at(id).row;
      if (other.listing == row.listing && other.product == row.product &&
          other.state.terms.side == side) {
        asked += other.state.pending();
      }
    }
    if (asked > portfolio_.Deliverable(row.listing, row.product))
      return "RMS: insufficient holdings to sell";
  }
  const Decimal needed = MarginOf(listing, side, row.product, PriceOf(row), quantity);
  const Decimal available = available_margin();
  if (needed > available) {
    return "RMS: insufficient funds, required " + needed.ToString() + ", available " +
           available.ToString();
  }
  return std::nullopt;
}

Decimal Brokerage::used_margin() const {
  Decimal used;
  const auto add = [&used](Decimal more) {
    std::int64_t sum = 0;  // one saturated margin must not wrap the sum round
    used =
        __builtin_add_overflow(used.nanos(), more.nanos(), &sum) ? used : Decimal::FromNanos(sum);
  };
  for (const OrderId id : live_) {
    const OrderRow& row = orders_.at(id).row;
    add(MarginOf(market_.master().at(row.listing), row.state.terms.side, row.product, PriceOf(row),
                 row.state.pending()));
  }
  for (const Position& position : portfolio_.positions()) {
    if (position.net() == 0) continue;
    const auto side = position.net() > 0 ? exchange::Side::kBuy : exchange::Side::kSell;
    add(MarginOf(market_.master().at(position.listing), side, position.product,
                 position.average_price(), std::abs(position.net())));
  }
  return used;
}

Decimal Brokerage::available_margin() const {
  Decimal cash = cash_;
  for (const Position& position : portfolio_.positions()) {
    cash = cash + TimesMultiplier(market_.master().at(position.listing), position.realised());
  }
  return cash - used_margin();
}

Answer<Brokerage::Kept*> Brokerage::FindToChange(const std::optional<std::string>& order_id,
                                                 std::int64_t market_ms) {
  OnDay(market_ms);
  const auto id = CheckOrderId(order_id, "UDAPI1003");
  if (!id) return Refuse(id.error());
  if (!InServiceWindow(market_ms)) return Refuse(ServiceClosed());
  const auto found = orders_.find(*id);
  if (found == orders_.end()) {
    return Refuse({.http = 400,
                   .code = "UDAPI100010",
                   .message = "Order not found",
                   .property = "order_id",
                   .invalid_value = *order_id});
  }
  return &found->second;
}

Answer<OrderId> Brokerage::Modify(const ModifyRequest& request, std::int64_t market_ms) {
  const auto found = FindToChange(request.order_id, market_ms);
  if (!found) return Refuse(found.error());
  Kept& kept = **found;
  const OrderId id = kept.row.state.id;
  if (exchange::IsTerminal(kept.row.state.status)) {
    return Refuse({.http = 400,
                   .code = "UDAPI100041",
                   .message = "The order is already complete, rejected or cancelled"});
  }
  const Listing& listing = market_.master().at(kept.row.listing);
  TermsRequest wanted = request.terms;
  const OrderTerms& standing = kept.row.state.terms;
  if (!wanted.quantity) wanted.quantity = standing.quantity;
  if (!wanted.disclosed_quantity) wanted.disclosed_quantity = kept.row.disclosed;
  if (!wanted.market_protection) wanted.market_protection = standing.protection_percent;
  const auto terms = CheckTerms(wanted, standing.side, listing, market_ms);
  if (!terms) return Refuse(terms.error());
  OrderRow asked = kept.row;
  asked.state.terms = *terms;
  // Only what is asked for beyond the standing order needs money.
  const std::int64_t more = std::max<std::int64_t>(terms->quantity - standing.quantity, 0);
  auto refusal = Refusal(asked, more);
  if (!refusal && terms->quantity > FreezeOf(listing)) {
    refusal = "RMS: the quantity exceeds the exchange's freeze limit";
  }
  auto updates = desk_.Modify(id, *terms, refusal);
  if (!updates && refusal) updates = NotModified(kept.row, *refusal);  // it waits for its session
  if (!updates) {
    return Refuse({.http = 400, .code = "UDAPI100041", .message = updates.error().message});
  }
  ++kept.row.request_number;
  if (std::any_of(updates->begin(), updates->end(), IsModified)) {
    kept.row.disclosed = *wanted.disclosed_quantity;
  }
  Record(*updates, market_ms);
  FollowOrNot(listing.instrument_key, kept.row.listing);
  return id;
}

Answer<OrderId> Brokerage::Cancel(const std::optional<std::string>& order_id,
                                  std::int64_t market_ms) {
  const auto found = FindToChange(order_id, market_ms);
  if (!found) return Refuse(found.error());
  Kept& kept = **found;
  const OrderId id = kept.row.state.id;
  const auto updates = desk_.Cancel(id);
  if (!updates) {
    return Refuse({.http = 400,
                   .code = "UDAPI100040",
                   .message = "The order is already complete, rejected or cancelled"});
  }
  ++kept.row.request_number;
  after_market_.erase(id);
  Record(*updates, market_ms);
  FollowOrNot(kept.row.state.instrument_key, kept.row.listing);
  return id;
}

std::vector<exchange::Update> Brokerage::NotModified(const OrderRow& row,
                                                     const std::string& why) const {
  std::vector<exchange::Update> updates(2, exchange::Update{.order = row.state, .fill = {}});
  updates.front().order.status = exchange::Status::kNotModified;
  updates.front().order.message = why;
  return updates;
}

void Brokerage::Record(const std::vector<exchange::Update>& updates, std::int64_t market_ms) {
  for (const exchange::Update& update : updates) {
    Kept& kept = orders_.at(update.order.id);
    kept.row.state = update.order;
    if (update.order.at_exchange && kept.row.exchange_order_id.empty()) {
      kept.row.exchange_order_id = "11" + std::to_string(update.order.id % kIdSpan + kIdSpan);
    }
    if (update.order.at_exchange) kept.row.exchange_ms = market_ms;
    if (exchange::IsTerminal(update.order.status)) {
      live_.erase(update.order.id);
    } else {
      live_.insert(update.order.id);
    }
    if (kept.steps.size() >= kMaxSteps) kept.steps.erase(kept.steps.begin() + 1);
    kept.steps.push_back(kept.row);
    listener_.OnOrder(kept.row);
    if (update.fill) EnterTrade(kept.row, *update.fill, market_ms);
  }
}

void Brokerage::EnterTrade(const OrderRow& row, const exchange::Fill& fill,
                           std::int64_t market_ms) {
  trades_.push_back({.order = row,
                     .fill = fill,
                     .exchange_trade_id = options_.first_number + fill.trade_id,
                     .market_ms = market_ms});
  listener_.OnTrade(trades_.back());
  const exchange::Side side = row.state.terms.side;
  if (row.product == "D" && side == exchange::Side::kSell) {
    if (const Holding* const used = portfolio_.Use(row.listing, fill.quantity)) {
      listener_.OnHolding(*used);
    }
  }
  listener_.OnPosition(portfolio_.Enter(row.listing, row.product, side, fill.price, fill.quantity));
  if (fill.trade_id == last_printed_trade_) return;  // the other side of the same trade
  last_printed_trade_ = fill.trade_id;
  const Side aggressor = side == exchange::Side::kBuy ? Side::kBuy : Side::kSell;
  market_.PrintTrade(row.listing, fill.price.ToDouble(), fill.quantity, aggressor,
                     fill.against_market);
}

void Brokerage::FollowOrNot(const std::string& key, ListingId listing) {
  const bool waits = desk_.Waits(key);
  const bool changed = waits ? followed_.emplace(key, listing).second : followed_.erase(key) > 0;
  // A recording gives every update anyway, and waits for subscribers, which orders are not.
  if (!changed || !market_.Movable()) return;
  waits ? market_.Follow(listing) : market_.Unfollow(listing);
}

void Brokerage::OnUpdates(std::span<const Update> updates, std::int64_t market_ms) {
  OnDay(market_ms);
  struct Moved {
    std::string key;
    ListingId listing = 0;
    exchange::Depth depth;
  };
  std::vector<Moved> moved;  // copied first: a trade moves the market, and with it the states
  for (const Update& update : updates) {
    const std::string& key = market_.master().at(update.id).instrument_key;
    if (followed_.contains(key)) {
      // An incremental recording's element is laid over what was known before.
      const bool whole = update.state->parts == kAllParts;
      const FullState& state = whole ? *update.state : *market_.State(update.id);
      moved.push_back({.key = key, .listing = update.id, .depth = ToDepth(state)});
    }
  }
  for (const Moved& one : moved) {
    Record(desk_.OnMarket(one.key, one.depth), market_ms);
    FollowOrNot(one.key, one.listing);
  }
  OnSegments(market_ms);
}

void Brokerage::OnSegments(std::int64_t market_ms) {
  const SegmentStatuses now = market_.statuses();
  if (now == told_) return;
  const SegmentStatuses before = std::exchange(told_, now);
  const auto in = [this](const OrderRow& row, std::size_t index) {
    return market_.master().at(row.listing).segment == kFeedSegments.at(index);
  };
  for (std::size_t i = 0; i < now.size(); ++i) {
    const bool is_open = now.at(i) == SegmentStatus::kNormalOpen;
    const bool was_open = before.at(i) == SegmentStatus::kNormalOpen;
    if (was_open && !is_open) {
      Record(desk_.Expire(
                 [&](const exchange::OrderState& state) { return in(orders_.at(state.id).row, i); },
                 "Exchange: the session is over"),
             market_ms);
    }
    if (was_open || !is_open) continue;
    const auto waiting = after_market_;
    for (const OrderId id : waiting) {
      const OrderRow& row = orders_.at(id).row;
      if (!in(row, i)) continue;
      after_market_.erase(id);
      const auto updates = desk_.Release(id);
      if (updates) Record(*updates, market_ms);
    }
  }
  for (const auto& [id, kept] : orders_) {
    FollowOrNot(kept.row.state.instrument_key, kept.row.listing);
  }
}

void Brokerage::OnDay(std::int64_t market_ms) {
  const std::int64_t day = TradingDayOf(market_ms);
  if (day_ && *day_ != day) EndDay(market_ms);
  day_ = day;
}

void Brokerage::EndDay(std::int64_t market_ms) {
  Record(desk_.Expire([](const exchange::OrderState&) { return true; },
                      "Exchange: the trading day is over"),
         market_ms);
  for (const auto& [key, listing] : std::map{followed_}) {
    FollowOrNot(key, listing);
  }
  std::erase_if(orders_, [this](const auto& entry) { return !live_.contains(entry.first); });
  trades_.clear();
  last_printed_trade_ = 0;
  // The desk keeps finished orders: a new one takes over those that still wait for their session.
  desk_ = NewDesk();
  for (const auto& [id, kept] : orders_) {
    const exchange::OrderState& state = kept.row.state;
    desk_.Place({.id = id,
                 .instrument_key = state.instrument_key,
                 .tick = TickOf(market_.master().at(kept.row.listing)),
                 .terms = state.terms,
                 .after_market = true});
  }
  const auto close_of = [this](ListingId listing) -> std::optional<Decimal> {
    const FullState* const state = market_.State(listing);
    if (state == nullptr || state->ltp <= 0) return std::nullopt;
    return ToDecimal(state->ltp);
  };
  cash_ = cash_ + portfolio_.EndDay(market_.master(), market_ms, close_of);
}

std::vector<OrderRow> Brokerage::Orders() const {
  std::vector<OrderRow> rows;
  rows.reserve(orders_.size());
  for (const auto& [id, kept] : orders_) rows.push_back(kept.row);
  return rows;
}

const OrderRow* Brokerage::Find(OrderId id) const {
  const auto found = orders_.find(id);
  return found == orders_.end() ? nullptr : &found->second.row;
}

std::vector<OrderRow> Brokerage::History(OrderId id) const {
  const auto found = orders_.find(id);
  return found == orders_.end() ? std::vector<OrderRow>{} : found->second.steps;
}

std::vector<OrderRow> Brokerage::HistoryOfTag(std::string_view tag) const {
  std::vector<OrderRow> rows;
  for (const auto& [id, kept] : orders_) {
    if (kept.row.tag == tag) rows.insert(rows.end(), kept.steps.begin(), kept.steps.end());
  }
  return rows;
}

}  // namespace sauda::sim
