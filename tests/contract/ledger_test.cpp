#include "libs/storage/pg_pool.hpp"
#include "services/orders/src/adapters/pg_ledger.hpp"
#include "services/orders/src/migrations.hpp"
#include "tests/contract/ledger_contract.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::orders {
namespace {

struct InMemory {
  static constexpr auto kSkipped = "";
  std::unique_ptr<Ledger> Make() { return std::make_unique<MemoryLedger>(); }
};

struct InPostgres {
  static constexpr auto kSkipped = kNoStores;
  std::unique_ptr<Ledger> Make() {
    database_ = TestDatabase::Make();
    if (!database_) return nullptr;
    database_->Apply("orders", kMigrations);
    pool_ = std::make_unique<storage::PgPool>(database_->options());
    return std::make_unique<PgLedger>(*pool_);
  }
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<storage::PgPool> pool_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LedgerContract, InMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, LedgerContract, InPostgres);

Order PaperOrder() {
  return {.request = BuyOneLot(),
          .terms = {.quantity = 75, .type = OrderType::kLimit, .price = D("1")},
          .tag = "t",
          .version = 1,
          .route = Route::kPaper};
}

/// Every one of the statements is refused since its table only grows.
void ExpectRefused(storage::PgPool& pool, const std::vector<const char*>& statements) {
  for (const char* sql : statements) {
    const auto done = pool.Transact([&](pqxx::work& work) -> Result<int> {
      work.exec(sql);
      return 0;
    });
    ASSERT_FALSE(done) << sql;
    EXPECT_NE(done.error().message.find("only grows"), std::string::npos) << done.error().message;
  }
}

TEST(PgLedgerTest, EventsOnlyGrow) {
  InPostgres postgres;
  const auto ledger = postgres.Make();
  if (!ledger) GTEST_SKIP() << kNoStores;
  const Order order = PaperOrder();
  ASSERT_TRUE(ledger->Begin(order));
  ExpectRefused(*postgres.pool_, {"DELETE FROM orders.order_events", "TRUNCATE orders.order_events",
                                  "UPDATE orders.order_events SET message = 'x'"});
}

TEST(PgLedgerTest, TradesOnlyGrow) {
  InPostgres postgres;
  const auto ledger = postgres.Make();
  if (!ledger) GTEST_SKIP() << kNoStores;
  const Order order = PaperOrder();
  ASSERT_TRUE(ledger->Begin(order));
  ASSERT_TRUE(ledger->Apply(NameOf(order), Traded{{FutureDeal("t1", 75)}}, 2));
  ExpectRefused(*postgres.pool_, {"DELETE FROM orders.trades", "TRUNCATE orders.trades",
                                  "UPDATE orders.trades SET price = 1"});
}

/// The day in the table is the day of the trade, both sides of midnight in India.
TEST(PgLedgerTest, ADayBeginsAtMidnightInIndia) {
  InPostgres postgres;
  const auto ledger = postgres.Make();
  if (!ledger) GTEST_SKIP() << kNoStores;
  const Order order = PaperOrder();
  ASSERT_TRUE(ledger->Begin(order));
  const std::int64_t midnight = portfolio::IstDate::Of(kMondayMs).StartMs();
  ASSERT_TRUE(ledger->Apply(
      NameOf(order),
      Traded{{FutureDeal("before", 5, "1", midnight - 1), FutureDeal("at", 5, "1", midnight)}}, 2));
  const auto days = postgres.pool_->Transact([&](pqxx::work& work) -> Result<std::string> {
    return std::string{
        work.exec1(
                "SELECT string_agg(market_day::text, ' ' ORDER BY trade_no) FROM orders.trades")[0]
            .c_str()};
  });
  ASSERT_TRUE(days);
  EXPECT_EQ(*days, "2025-12-14 2025-12-15");
}

TEST(PgLedgerTest, WithoutAServerItSaysSo) {
  storage::PgPool pool{{.url = "postgresql://127.0.0.1:1/none", .size = 1}};
  PgLedger ledger{pool};
  EXPECT_EQ(ledger.Begin({.request = BuyOneLot(), .tag = "t"}).error().reason, "DATABASE_DOWN");
  EXPECT_EQ(ledger.Find({"main", "c1"}).error().code, Code::kUnavailable);
}

TEST(PgLedgerTest, AConnectionCutBetweenCallsIsReplaced) {
  InPostgres postgres;
  const auto ledger = postgres.Make();
  if (!ledger) GTEST_SKIP() << kNoStores;
  EXPECT_EQ(ledger->Find({"main", "c1"}).error().reason, "ORDER_UNKNOWN");
  postgres.database_->CutConnections();
  (void)ledger->Find({"main", "c1"});  // may find the broken connection
  EXPECT_EQ(ledger->Find({"main", "c1"}).error().reason, "ORDER_UNKNOWN");
}

}  // namespace
}  // namespace sauda::orders
