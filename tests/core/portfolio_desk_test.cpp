#include "services/orders/src/core/portfolio_desk.hpp"

#include <memory>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using portfolio::IstDate;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr auto kShareKey = "NSE_EQ|INE009A01021";

class FakePrices final : public LivePrices {
 public:
  void Follow(const std::set<std::string>& keys) override { followed = keys; }
  std::optional<LivePrice> Of(const std::string& key) override {
    const auto found = prices.find(key);
    if (found == prices.end()) return std::nullopt;
    return found->second;
  }
  std::set<std::string> followed;
  std::map<std::string, LivePrice> prices;
};

Deal ShareDeal(std::string id, Side side, std::int64_t quantity, const char* price,
               std::int64_t market_ms = kMondayMs, Product product = Product::kDelivery) {
  Deal deal = FutureDeal(std::move(id), quantity, price, market_ms);
  deal.trade.contract = {.instrument_id = 8,
                         .key = kShareKey,
                         .trading_symbol = "INFY",
                         .segment = "NSE_EQ",
                         .kind = portfolio::Kind::kEquity};
  deal.trade.side = side;
  deal.trade.product = product;
  return deal;
}

class PortfolioDeskTest : public testing::Test, protected DeskFixture {
 protected:
  explicit PortfolioDeskTest(MarketClock::Source source = MarketClock::Source::kWall)
      : time_{clock, source}, source_{source}, folio_{Make()} {
    for (const char* id : {"c1", "c2"}) {
      Order order{.request = BuyOneLot(id),
                  .terms = {.quantity = 1'000'000, .type = OrderType::kMarket},
                  .tag = id,
                  .version = 1,
                  .route = Route::kLive,
                  .simulated = true};
      EXPECT_TRUE(ledger.Begin(order));
    }
  }
  std::unique_ptr<PortfolioDesk> Make() {
    return std::make_unique<PortfolioDesk>(
        PortfolioDesk::Parts{.account_id = "main",
                             .ledger = ledger,
                             .venue = venue,
                             .prices = prices_,
                             .market_clock = time_,
                             .clock_source = source_,
                             .calendar = calendar_,
                             .on_unbookable = [this](const KeptDeal& kept, const Error&) {
                               unbookable_.push_back(kept.deal.trade.id);
                             }});
  }
  /// Written to the ledger, and told unless `silently`.
  std::vector<KeptDeal> Traded(Deal deal, bool silently = false) {
    const auto change = ledger.Apply({"main", "c1"}, orders::Traded{{std::move(deal)}}, 1);
    EXPECT_TRUE(change) << change.error().message;
    if (!silently) folio_->OnDeals(change->deals);
    return change->deals;
  }
  void ToNextDay() { clock.Advance(std::chrono::hours{24}); }
  std::optional<std::int64_t> Shares() { return folio_->Position(8, Product::kDelivery); }

  FakePrices prices_;
  MarketClock time_;
  const MarketClock::Source source_;
  calendar::CalendarKeeper calendar_;
  std::vector<std::string> unbookable_;
  std::unique_ptr<PortfolioDesk> folio_;
};

TEST_F(PortfolioDeskTest, NothingCanBeToldBeforeTheTradesAreRead) {
  EXPECT_FALSE(folio_->Position(7, Product::kIntraday));
  EXPECT_FALSE(folio_->Profit().realised);
  EXPECT_EQ(folio_->Look().error().reason, "PORTFOLIO_NOT_READY");
  ledger.Break(1);
  EXPECT_EQ(folio_->Refresh().error().reason, "DATABASE_DOWN");
  EXPECT_FALSE(folio_->Position(7, Product::kIntraday));
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(folio_->Position(7, Product::kIntraday), 0);
  EXPECT_EQ(folio_->Look()->day, IstDate::Of(kMondayMs));
}

TEST_F(PortfolioDeskTest, FollowsTradesAndARestartSeesTheSame) {
  ASSERT_TRUE(folio_->Refresh());
  Traded(FutureDeal("t1", 75));
  Deal sale = FutureDeal("t2", 50, "26010");
  sale.trade.side = Side::kSell;
  Traded(sale);
  EXPECT_EQ(folio_->Position(7, Product::kIntraday), 25);
  EXPECT_EQ(folio_->Position(7, Product::kDelivery), 0);
  prices_.prices["NSE_FO|53001"] = {.price = D("26004")};
  for (int run = 0; run < 2; ++run) {
    SCOPED_TRACE(run);
    EXPECT_EQ(folio_->Profit().realised, *Amount::Parse("405.5"));  // 500 less two charges of 47.25
    EXPECT_EQ(folio_->Profit().unrealised, *Amount::Parse("100"));
    const auto view = folio_->Look();
    ASSERT_EQ(view->positions.size(), 1U);
    EXPECT_EQ(view->totals.net(), *Amount::Parse("505.5"));
    EXPECT_EQ(view->trades, 2);
    EXPECT_TRUE(view->simulated);
    folio_ = Make();
    ASSERT_TRUE(folio_->Refresh());
  }
}

TEST_F(PortfolioDeskTest, WithoutALivePriceTheProfitOfWhatIsOpenIsAbsent) {
  ASSERT_TRUE(folio_->Refresh());
  Traded(FutureDeal("t1", 75));
  EXPECT_TRUE(folio_->Profit().realised);
  EXPECT_FALSE(folio_->Profit().unrealised);
  EXPECT_EQ(folio_->Look()->totals.unpriced.size(), 1U);
}

TEST_F(PortfolioDeskTest, PricesOfWhatIsOpenAreFollowed) {
  ASSERT_TRUE(folio_->Refresh());
  Traded(FutureDeal("t1", 75));
  Traded(ShareDeal("t2", Side::kBuy, 10, "1500"));
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(prices_.followed, (std::set<std::string>{"NSE_FO|53001", kShareKey}));
  Deal sale = FutureDeal("t3", 75);
  sale.trade.side = Side::kSell;
  Traded(sale);
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(prices_.followed, (std::set<std::string>{kShareKey}));
}

TEST_F(PortfolioDeskTest, SharesOfEarlierDaysAreFreeToBeSold) {
  ASSERT_TRUE(folio_->Refresh());
  Traded(ShareDeal("t1", Side::kBuy, 100, "1500"));
  EXPECT_EQ(Shares(), 100);
  ToNextDay();
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 100);
  EXPECT_TRUE(folio_->Look()->positions.empty());
  ASSERT_EQ(folio_->Look()->holdings.size(), 1U);
  EXPECT_EQ(folio_->Look()->holdings.front().t1_quantity, 100);
  Traded(ShareDeal("t2", Side::kSell, 30, "1510", kMondayMs + kDayMs));
  EXPECT_EQ(Shares(), 70);
  EXPECT_EQ(folio_->Look()->positions.front().from_holdings, 30);
  ToNextDay();
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(folio_->Look()->holdings.front().quantity, 70);  // Monday's, on Wednesday
  EXPECT_EQ(Shares(), 70);
}

TEST_F(PortfolioDeskTest, SettlementKnowsHolidays) {
  using calendar::Segment;
  const calendar::Calendar closed{{{.date = {2025, 12, 16},
                                    .segment = Segment::kNseEquity,
                                    .day = {.why = "Test", .origin = calendar::DayOrigin::kFile}}}};
  const IstDate wednesday{2025, 12, 17};
  EXPECT_EQ(portfolio::MarketDayOf(calendar::ShippedCalendar(), wednesday).settled_through,
            (IstDate{2025, 12, 15}));
  EXPECT_EQ(portfolio::MarketDayOf(closed, wednesday).settled_through, (IstDate{2025, 12, 12}));
}

TEST_F(PortfolioDeskTest, TradesOfLaterDaysDoNotCountUntilTheirDay) {
  Traded(ShareDeal("later", Side::kBuy, 7, "1500", kMondayMs + kDayMs), true);
  ASSERT_TRUE(folio_->Refresh());
  Traded(ShareDeal("now", Side::kBuy, 5, "1500"));
  EXPECT_EQ(Shares(), 5);
  ToNextDay();
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 12);
}

TEST_F(PortfolioDeskTest, ATradeOfAnEarlierDayHasEverythingReadAgain) {
  ASSERT_TRUE(folio_->Refresh());
  Traded(ShareDeal("t1", Side::kBuy, 5, "1500"));
  Traded(ShareDeal("late", Side::kBuy, 7, "1400", kMondayMs - 3 * kDayMs));
  EXPECT_FALSE(Shares());  // better nothing than what is wrong
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 12);
  EXPECT_EQ(folio_->Look()->holdings.front().free_quantity(), 7);
}

TEST_F(PortfolioDeskTest, TradesToldInAnotherOrderThanWrittenAreReadAgain) {
  ASSERT_TRUE(folio_->Refresh());
  const auto first = Traded(ShareDeal("t1", Side::kBuy, 5, "1500"), true);
  Traded(ShareDeal("t2", Side::kSell, 5, "1510"));
  folio_->OnDeals(first);
  EXPECT_FALSE(Shares());
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 0);
}

TEST_F(PortfolioDeskTest, ATradeToldTwiceCountsOnce) {
  ASSERT_TRUE(folio_->Refresh());
  folio_->OnDeals(Traded(ShareDeal("t1", Side::kBuy, 5, "1500")));
  EXPECT_EQ(Shares(), 5);
}

TEST_F(PortfolioDeskTest, WhatIsWrittenWhileTradesAreReadIsNotLost) {
  Traded(ShareDeal("t1", Side::kBuy, 5, "1500"), true);
  bool written = false;
  ledger.before_deals = [&] {
    if (std::exchange(written, true)) return;
    Traded(ShareDeal("t2", Side::kBuy, 3, "1500"));  // also in what is read: counts once
  };
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 8);
}

TEST_F(PortfolioDeskTest, AfterDoubtAboutACommitEverythingIsReadAgain) {
  ASSERT_TRUE(folio_->Refresh());
  Traded(ShareDeal("t1", Side::kBuy, 5, "1500"), true);
  folio_->OnDoubt();
  EXPECT_FALSE(Shares());
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 5);
}

TEST_F(PortfolioDeskTest, TradesOfAnotherRouteAreNotOurs) {
  Order paper{.request = BuyOneLot("p"),
              .terms = {.quantity = 100},
              .tag = "p",
              .version = 1,
              .route = Route::kPaper,
              .simulated = true};
  ASSERT_TRUE(ledger.Begin(paper));
  ASSERT_TRUE(folio_->Refresh());
  const auto change =
      ledger.Apply({"main", "p"}, orders::Traded{{ShareDeal("t1", Side::kBuy, 5, "1")}}, 1);
  folio_->OnDeals(change->deals);
  EXPECT_EQ(Shares(), 0);
  folio_ = Make();
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 0);
}

TEST_F(PortfolioDeskTest, ATradeThatCannotBeBookedIsToldAndCounted) {
  ASSERT_TRUE(folio_->Refresh());
  Deal strange = ShareDeal("t1", Side::kBuy, 5, "1500");
  strange.trade.product = Product::kUnknown;  // a cover order placed elsewhere
  Traded(strange);
  EXPECT_EQ(unbookable_, (std::vector<std::string>{"t1"}));
  EXPECT_EQ(folio_->Look()->unbookable_trades, 1);
  EXPECT_EQ(Shares(), 0);
}

TEST_F(PortfolioDeskTest, TradesWithoutChargesAreCounted) {
  ASSERT_TRUE(folio_->Refresh());
  Deal free = ShareDeal("t1", Side::kBuy, 5, "1500");
  free.charged = false;
  free.trade.charges = {};
  Traded(free);
  Traded(ShareDeal("t2", Side::kBuy, 5, "1500"));
  EXPECT_EQ(folio_->Look()->uncharged_trades, 1);
  EXPECT_EQ(folio_->Look()->trades, 2);
}

/// Where the broker can be asked what is owned.
class PortfolioDeskOpenings : public PortfolioDeskTest {
 protected:
  PortfolioDeskOpenings() {
    instruments.known[kShareKey] = {.id = 8,
                                    .key = kShareKey,
                                    .trading_symbol = "INFY",
                                    .lot = 1,
                                    .tradable = true,
                                    .active = true,
                                    .segment = "NSE_EQ",
                                    .type = "EQ"};
    book_.holdings = {{.instrument_key = kShareKey, .quantity = 100, .average_price = D("1400")}};
    folio_ = std::make_unique<PortfolioDesk>(PortfolioDesk::Parts{.account_id = "main",
                                                                  .ledger = ledger,
                                                                  .venue = venue,
                                                                  .prices = prices_,
                                                                  .market_clock = time_,
                                                                  .calendar = calendar_,
                                                                  .broker = &book_,
                                                                  .instruments = &instruments});
  }
  FakeBook book_;
};

TEST_F(PortfolioDeskOpenings, WhatWasOwnedBeforeCanBeSold) {
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 100);
  const auto view = folio_->Look();
  ASSERT_EQ(view->holdings.size(), 1U);
  EXPECT_EQ(view->holdings.front().quantity, 100);  // settled
  EXPECT_EQ(view->holdings.front().average_price, D("1400"));
  EXPECT_TRUE(view->openings_known);
  EXPECT_EQ(view->trades, 0);
  Traded(ShareDeal("t1", Side::kSell, 30, "1500"));
  EXPECT_EQ(Shares(), 70);
  EXPECT_EQ(folio_->Look()->totals.realised, *Amount::Parse("3000"));
}

TEST_F(PortfolioDeskOpenings, SalesOfEarlierDaysAreNoHoldingsAnyMore) {
  Traded(ShareDeal("t1", Side::kSell, 30, "1500", kMondayMs - 3 * kDayMs), true);
  Traded(ShareDeal("t2", Side::kBuy, 20, "1450", kMondayMs - 3 * kDayMs), true);
  book_.holdings.front().quantity = 90;  // as the broker shows it after these
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 90);
  EXPECT_EQ(folio_->Look()->openings.deals.front().deal.trade.quantity, 100);
}

TEST_F(PortfolioDeskOpenings, SharesThatTheLedgerBroughtAreNotCountedTwice) {
  Traded(ShareDeal("t1", Side::kBuy, 100, "1450", kMondayMs - 3 * kDayMs), true);
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 100);
  EXPECT_TRUE(folio_->Look()->openings.deals.empty());
}

TEST_F(PortfolioDeskOpenings, WhatTheMasterLacksIsTakenInOnceItIsThere) {
  const Instrument share = instruments.known[kShareKey];
  instruments.known.erase(kShareKey);
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(folio_->Look()->openings.unknown, (std::vector<std::string>{kShareKey}));
  EXPECT_EQ(Shares(), 0);
  for (int look = 0; look < 40; ++look) ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(book_.holding_reads, 1);  // nothing new can be learnt
  instruments.known[kShareKey] = share;
  for (int look = 0; look < 16; ++look) ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 100);
  EXPECT_TRUE(folio_->Look()->openings.unknown.empty());
}

TEST_F(PortfolioDeskOpenings, UntilTheBrokerHasSaidItDeliveryIsUnknown) {
  venue.ready = Error{Code::kUnavailable, "NOT_RECONCILED", "the test says so"};
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_FALSE(Shares());
  EXPECT_EQ(folio_->Position(8, Product::kIntraday), 0);
  EXPECT_FALSE(folio_->Look()->openings_known);
  EXPECT_EQ(book_.holding_reads, 0);
  venue.ready = {};
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 100);
}

TEST_F(PortfolioDeskOpenings, ABrokerThatDoesNotAnswerIsNotAskedAtEveryLook) {
  book_.down = true;
  for (int look = 0; look < 16; ++look) ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(book_.holding_reads, 1);
  book_.down = false;
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 100);
  for (int look = 0; look < 40; ++look) ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(book_.holding_reads, 2);
}

class PortfolioDeskAtABroker : public PortfolioDeskTest {
 protected:
  PortfolioDeskAtABroker() : PortfolioDeskTest{MarketClock::Source::kBroker} {}
};

TEST_F(PortfolioDeskAtABroker, NobodyKnowsTheDayUntilTheBrokerHasSaidIt) {
  EXPECT_EQ(folio_->Refresh().error().reason, "PORTFOLIO_NOT_READY");
  EXPECT_FALSE(Shares());
  time_.Observe(kMondayMs - 7 * kDayMs);
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(folio_->Look()->day, IstDate::Of(kMondayMs - 7 * kDayMs));
}

TEST_F(PortfolioDeskAtABroker, ARecordingThatBeginsAgainSeesWhatWasThereBefore) {
  time_.Observe(kMondayMs + kDayMs);
  ASSERT_TRUE(folio_->Refresh());
  Traded(ShareDeal("t1", Side::kBuy, 5, "1500", kMondayMs));
  ASSERT_TRUE(folio_->Refresh());
  Traded(ShareDeal("t2", Side::kBuy, 3, "1500", kMondayMs + kDayMs));
  EXPECT_EQ(Shares(), 8);
  time_.Observe(kMondayMs);
  ASSERT_TRUE(folio_->Refresh());
  EXPECT_EQ(Shares(), 5);
  EXPECT_EQ(folio_->Look()->holdings.size(), 0U);
}

/// Trades at random over some days, told, told late or found by reading: the figures are those of a
/// desk that has just begun, and add up to what the trades say, counted without any book.
TEST_F(PortfolioDeskTest, AlwaysComesToWhatTheTradesSay) {
  for (const unsigned seed : {5U, 17U, 99U}) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    const auto below = [&](unsigned limit) { return static_cast<std::int64_t>(random() % limit); };
    prices_.prices[kShareKey] = {.price = D("1500.5")};
    std::map<Product, std::int64_t> net;
    const auto before = DealsOfOrder(ledger, {"main", "c1"});
    for (const auto& kept : *before) {
      const auto& trade = kept.deal.trade;
      net[trade.product] += trade.side == Side::kBuy ? trade.quantity : -trade.quantity;
    }
    for (int act = 0; act < 200; ++act) {
      if (below(25) == 0) ToNextDay();
      if (below(4) == 0) {
        EXPECT_TRUE(folio_->Refresh());
      }
      if (below(30) == 0) folio_->OnDoubt();
      if (below(40) == 0) folio_ = Make();
      const Product product = below(2) == 0 ? Product::kIntraday : Product::kDelivery;
      const Side side = below(2) == 0 ? Side::kBuy : Side::kSell;
      const std::int64_t quantity = 1 + below(50);
      const std::string id = std::to_string(seed) + "-" + std::to_string(act);
      const std::string price = std::to_string(1'490 + below(20));
      const std::int64_t back = below(20) == 0 ? kDayMs : 0;
      Traded(ShareDeal(id, side, quantity, price.c_str(), time_.NowMs() - back, product));
      net[product] += side == Side::kBuy ? quantity : -quantity;
    }
    ASSERT_TRUE(folio_->Refresh());
    for (const auto& [product, quantity] : net) {
      EXPECT_EQ(folio_->Position(8, product), quantity);
    }
    const auto followed = folio_->Profit();
    const auto fresh = Make();
    ASSERT_TRUE(fresh->Refresh());
    EXPECT_EQ(followed.realised, fresh->Profit().realised);
    EXPECT_EQ(followed.unrealised, fresh->Profit().unrealised);
    EXPECT_TRUE(followed.unrealised);
  }
}

}  // namespace
}  // namespace sauda::orders
