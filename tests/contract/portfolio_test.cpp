// Positions from the keeper against the same sums made by SQL from the table of trades.

#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "libs/storage/pg_pool.hpp"
#include "services/orders/src/adapters/pg_ledger.hpp"
#include "services/orders/src/core/pnl_reader.hpp"
#include "services/orders/src/core/portfolio_desk.hpp"
#include "services/orders/src/migrations.hpp"
#include "tests/support/orders_fakes.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::orders {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

class NoPrices final : public LivePrices {
 public:
  void Follow(const std::set<std::string>&) override {}
  std::optional<LivePrice> Of(const std::string&) override { return {}; }
};

class PgPortfolioTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    if (!database_) GTEST_SKIP() << kNoStores;
    database_->Apply("orders", kMigrations);
    pool_ = std::make_unique<storage::PgPool>(database_->options());
    ledger_ = std::make_unique<PgLedger>(*pool_);
    clock_.Advance(std::chrono::hours{24 * 3});
    for (const char* id : {"c1", "other"}) {
      Order order{.request = BuyOneLot(id),
                  .terms = {.quantity = 1'000'000, .type = OrderType::kMarket},
                  .tag = id,
                  .version = 1,
                  .route = std::string{id} == "c1" ? Route::kLive : Route::kPaper,
                  .simulated = true};
      ASSERT_TRUE(ledger_->Begin(order));
    }
  }
  std::unique_ptr<PortfolioDesk> Make() {
    return std::make_unique<PortfolioDesk>(PortfolioDesk::Parts{.account_id = "main",
                                                                .ledger = *ledger_,
                                                                .venue = venue_,
                                                                .prices = prices_,
                                                                .market_clock = market_clock_,
                                                                .calendar = calendar_});
  }
  std::string Sql(const std::string& sql) {
    const auto text = pool_->Transact([&](pqxx::work& work) -> Result<std::string> {
      return std::string{work.exec1(sql)[0].c_str()};
    });
    EXPECT_TRUE(text) << text.error().message;
    return text.value_or("");
  }

  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<storage::PgPool> pool_;
  std::unique_ptr<PgLedger> ledger_;
  ManualClock clock_;
  MarketClock market_clock_{clock_, MarketClock::Source::kWall};
  FakeVenue venue_;
  NoPrices prices_;
  calendar::CalendarKeeper calendar_;
};

TEST_F(PgPortfolioTest, PositionsAreWhatSqlMakesOfTheTrades) {
  const unsigned seed = 20'251'215;
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  const auto below = [&](unsigned limit) { return static_cast<std::int64_t>(random() % limit); };
  const auto followed = Make();
  ASSERT_TRUE(followed->Refresh());
  for (int i = 0; i < 1'200; ++i) {  // more than a page
    Deal deal =
        FutureDeal("t" + std::to_string(i), 1 + below(40),
                   std::to_string(25'900 + below(200)).c_str(), kMondayMs + kDayMs * (i / 400));
    deal.trade.contract.instrument_id = 1 + below(3);
    deal.trade.contract.key = "NSE_FO|" + std::to_string(deal.trade.contract.instrument_id);
    deal.trade.side = below(2) == 0 ? Side::kBuy : Side::kSell;
    deal.trade.product = below(2) == 0 ? Product::kIntraday : Product::kDelivery;
    const auto kept = ledger_->Apply({"main", below(10) == 0 ? "other" : "c1"}, Traded{{deal}}, i);
    ASSERT_TRUE(kept) << kept.error().message;
    followed->OnDeals(kept->deals);
    if (below(100) == 0) {
      ASSERT_TRUE(followed->Refresh());
    }
  }
  ASSERT_TRUE(followed->Refresh());
  const auto fresh = Make();
  ASSERT_TRUE(fresh->Refresh());
  for (std::int64_t id = 1; id <= 3; ++id) {
    for (const Product product : {Product::kIntraday, Product::kDelivery}) {
      const std::string where =
          " FROM orders.trades WHERE route = 2 AND instrument_id = " + std::to_string(id) +
          " AND product = " + std::to_string(static_cast<int>(product));
      const std::string net =
          Sql("SELECT coalesce(sum(CASE side WHEN 1 THEN quantity ELSE -quantity END), 0)" + where);
      EXPECT_EQ(std::to_string(*followed->Position(id, product)), net);
      EXPECT_EQ(std::to_string(*fresh->Position(id, product)), net);
    }
  }
  // What came in less what is still open at its cost is what was made.
  const std::string cash =
      Sql("SELECT sum(CASE side WHEN 2 THEN quantity * price ELSE -quantity * price END) "
          "FROM orders.trades WHERE route = 2");
  Amount open;
  const auto looked = fresh->Look();
  ASSERT_TRUE(looked) << looked.error().message;
  for (const auto& position : looked->positions) open += position.value;
  const auto pnl =
      ReadPnl(*ledger_, *calendar_.Current(),
              {.place = {.account_id = "main", .route = Route::kLive, .simulated = true},
               .today = portfolio::IstDate::Of(market_clock_.NowMs())});
  ASSERT_TRUE(pnl) << pnl.error().message;
  EXPECT_EQ(pnl->report.profit(), *Amount::Parse(cash) + open);
  EXPECT_EQ(pnl->charges, *Amount::Parse(Sql("SELECT sum(charges) FROM orders.trades "
                                             "WHERE route = 2")));
  EXPECT_EQ(std::to_string(pnl->trades), Sql("SELECT count(*) FROM orders.trades WHERE route = 2"));
  EXPECT_EQ(followed->Profit().realised, fresh->Profit().realised);
}

/// Two writers of one order at once: each trade is there once, and the order's sum is theirs.
TEST_F(PgPortfolioTest, TradesWrittenAtOnceAddUp) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const auto kept =
            ledger_->Apply({"main", "c1"}, Traded{{FutureDeal("t" + std::to_string(i), 1 + i)}}, 1);
        EXPECT_TRUE(kept) << kept.error().message;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Sql("SELECT count(*) || ' ' || sum(quantity) FROM orders.trades"), "25 325");
  EXPECT_EQ(ledger_->Find({"main", "c1"})->traded_quantity, 325);
}

}  // namespace
}  // namespace sauda::orders
