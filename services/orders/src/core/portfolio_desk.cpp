#include "services/orders/src/core/portfolio_desk.hpp"

#include <algorithm>

namespace sauda::orders {

using portfolio::IstDate;

Error PortfolioDesk::NotReady() {
  return {Code::kUnavailable, "PORTFOLIO_NOT_READY",
          "the trades are being read from the ledger, or the broker has not said what day it is "
          "there; ask again in a moment"};
}

std::optional<IstDate> PortfolioDesk::Today() const {
  // Until then it is this machine's day, while a replay may be of another.
  const bool unsaid =
      parts_.clock_source == MarketClock::Source::kBroker && !parts_.market_clock.offset_ms();
  if (unsaid) return std::nullopt;
  return IstDate::Of(parts_.market_clock.NowMs());
}

bool PortfolioDesk::IsHere(const KeptDeal& kept) const {
  return kept.order.account_id == parts_.account_id && kept.route == parts_.venue.route() &&
         kept.simulated == simulated_;
}

bool PortfolioDesk::Take(Made& made, const KeptDeal& kept) {
  const auto taken = made.book.Take(kept);
  if (taken) return true;
  const std::string& reason = taken.error().reason;
  if (reason == "TRADE_OUT_OF_ORDER" || reason == "TRADE_OF_EARLIER_DAY") return false;
  ++made.unbookable;
  if (parts_.on_unbookable) parts_.on_unbookable(kept, taken.error());
  return true;
}

Result<void> PortfolioDesk::Refresh() {
  const std::lock_guard one{refreshing_};
  const auto today = Today();
  if (!today) return NotReady();
  const bool learn = CanLearnMore();
  bool read = false;
  {
    const std::lock_guard lock{mutex_};
    // A new day is read anew as well: trades of another run of that day may be there.
    read = !made_ || read_again_ || read_for_ != *today || simulated_ != parts_.venue.simulated() ||
           learn;
  }
  if (read) {
    if (auto rebuilt = Rebuild(*today); !rebuilt) return rebuilt;
  }
  FollowPrices();
  return {};
}

bool PortfolioDesk::CanLearnMore() {
  std::vector<std::string> unknown;
  {
    const std::lock_guard lock{mutex_};
    if (!made_ || (made_->openings_known && made_->openings.unknown.empty())) return false;
    unknown = made_->openings.unknown;
  }
  // Once the route is ready the ledger and the broker have been compared.
  if (++looks_ <= kLooksBetween || !parts_.venue.CheckReady()) return false;
  if (unknown.empty()) return true;
  looks_ = 0;
  return std::any_of(unknown.begin(), unknown.end(), [this](const std::string& key) {
    return parts_.instruments->Find(key).has_value();
  });
}

Result<void> PortfolioDesk::Rebuild(IstDate today) {
  auto made = std::make_unique<Made>(parts_.calendar.Current());
  Ledger::DealQuery query{.account_id = parts_.account_id,
                          .route = parts_.venue.route(),
                          .to = today,
                          .limit = kPageSize};
  {
    const std::lock_guard lock{mutex_};
    simulated_ = query.simulated = parts_.venue.simulated();
    read_for_ = today;
    made_.reset();
    reading_ = true;
    read_again_ = false;
    waiting_.clear();
  }
  TakeOpenings(*made, query);
  const Result<void> done = TakeAll(*made, query);
  const std::lock_guard lock{mutex_};
  reading_ = false;
  if (!done) return done;
  made->book.BeginDay(today);
  for (const KeptDeal& kept : waiting_) {
    if (IsHere(kept) && kept.deal.trade.day() <= today && !Take(*made, kept)) read_again_ = true;
  }
  waiting_.clear();
  if (read_again_) return NotReady();
  made_ = std::move(made);
  Count();
  return {};
}

void PortfolioDesk::TakeOpenings(Made& made, const Ledger::DealQuery& query) {
  made.openings_known = parts_.broker == nullptr;
  if (made.openings_known || !parts_.venue.CheckReady()) return;
  auto openings = ReadOpenings(parts_.ledger, *parts_.broker, *parts_.instruments,
                               {.place = {.account_id = query.account_id,
                                          .route = query.route,
                                          .simulated = query.simulated},
                                .today = query.to});
  looks_ = 0;
  if (!openings) return;
  for (const KeptDeal& opening : openings->deals) (void)Take(made, opening);
  made.openings = *std::move(openings);
  made.openings_known = true;
}

Result<void> PortfolioDesk::TakeAll(Made& made, Ledger::DealQuery query) {
  for (bool more = true; more;) {
    const auto page = parts_.ledger.Deals(query);
    if (!page) return page.error();
    for (const KeptDeal& kept : page->deals) (void)Take(made, kept);  // in order: all are taken
    more = page->next.has_value();
    if (more) query.after = *page->next;
  }
  return {};
}

void PortfolioDesk::OnDeals(const std::vector<KeptDeal>& deals) {
  const std::lock_guard lock{mutex_};
  if (reading_) {
    read_again_ = read_again_ || waiting_.size() + deals.size() > kMaxWaiting;
    if (!read_again_) waiting_.insert(waiting_.end(), deals.begin(), deals.end());
    return;
  }
  if (!made_) return;  // they are in the ledger when it is read
  const IstDate today = IstDate::Of(parts_.market_clock.NowMs());
  for (const KeptDeal& kept : deals) {
    if (!IsHere(kept) || kept.deal.trade.day() > today) continue;
    if (Take(*made_, kept)) continue;
    made_.reset();  // better no figures than wrong ones
    return;
  }
  Count();
}

void PortfolioDesk::OnDoubt() {
  const std::lock_guard lock{mutex_};
  made_.reset();
  read_again_ = true;
}

void PortfolioDesk::Count() {
  net_.clear();
  const auto& book = made_->book.book();
  if (!book) return;
  for (const auto& position : book->Positions({})) {
    net_[{position.contract.instrument_id, position.product}] +=
        position.quantity + position.from_holdings;
  }
  for (const auto& holding : book->Holdings({})) {
    net_[{holding.contract.instrument_id, Product::kDelivery}] += holding.free_quantity();
  }
}

std::optional<std::int64_t> PortfolioDesk::Position(std::int64_t instrument_id, Product product) {
  const std::lock_guard lock{mutex_};
  if (!made_ || (product == Product::kDelivery && !made_->openings_known)) return std::nullopt;
  const auto found = net_.find({instrument_id, product});
  return found == net_.end() ? 0 : found->second;
}

std::vector<std::string> PortfolioDesk::OpenKeys() const {
  std::vector<std::string> keys;
  const auto& book = made_->book.book();
  if (!book) return keys;
  for (const auto& position : book->Positions({})) {
    if (position.quantity + position.from_holdings != 0) keys.push_back(position.contract.key);
  }
  for (const auto& holding : book->Holdings({})) keys.push_back(holding.contract.key);
  return keys;
}

void PortfolioDesk::FollowPrices() {
  std::set<std::string> keys;
  {
    const std::lock_guard lock{mutex_};
    if (!made_) return;
    for (std::string& key : OpenKeys()) keys.insert(std::move(key));
  }
  parts_.prices.Follow(keys);
}

portfolio::Quotes PortfolioDesk::QuotesNow() const {
  portfolio::Quotes quotes;
  const auto quote = [&](const portfolio::Contract& contract) {
    const auto price = parts_.prices.Of(contract.key);
    if (price) quotes[contract.instrument_id] = {.last = price->price, .close = price->close};
  };
  const auto& book = made_->book.book();
  if (!book) return quotes;
  for (const auto& position : book->Positions({})) quote(position.contract);
  for (const auto& holding : book->Holdings({})) quote(holding.contract);
  return quotes;
}

Result<Portfolio> PortfolioDesk::Look() {
  const std::lock_guard lock{mutex_};
  if (!made_ || !made_->book.book()) return NotReady();
  const portfolio::Quotes quotes = QuotesNow();
  const auto& book = *made_->book.book();
  Portfolio view{.day = made_->book.day(),
                 .route = parts_.venue.route(),
                 .simulated = simulated_,
                 .positions = book.Positions(quotes),
                 .holdings = book.Holdings(quotes),
                 .trades = made_->book.trades_of_day(),
                 .uncharged_trades = made_->book.uncharged_of_day(),
                 .openings_known = made_->openings_known,
                 .openings = made_->openings,
                 .unbookable_trades = made_->unbookable};
  view.totals = portfolio::MarkToMarket(view.positions);
  return view;
}

DayProfit PortfolioDesk::Profit() {
  const std::lock_guard lock{mutex_};
  if (!made_ || !made_->book.book()) return {};
  const auto totals = portfolio::MarkToMarket(made_->book.book()->Positions(QuotesNow()));
  return {.realised = totals.realised - totals.charges, .unrealised = totals.unrealised()};
}

}  // namespace sauda::orders
