#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/adapters/pg_calendar_store.hpp"
#include "services/instruments/src/migrations.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::instruments {
namespace {

using calendar::DayOrigin;
using calendar::SpecialDay;
using enum calendar::Segment;

class PgCalendarStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    if (!database_) GTEST_SKIP() << kNoStores;
    database_->Apply("instruments", kMigrations);
    pool_ = std::make_unique<storage::PgPool>(database_->options());
  }

  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<storage::PgPool> pool_;
  bool prepared_ = true;
};

TEST_F(PgCalendarStoreTest, KeepsDaysAsTheyAre) {
  PgCalendarStore store{*pool_, [this] { return prepared_; }};
  EXPECT_TRUE(store.Load()->empty());
  const std::vector<SpecialDay> days{
      {{2026, 3, 3}, kNseEquity, {{}, "Holi, 'the feast'", DayOrigin::kBroker}},
      {{2026, 3, 7}, kNseEquity, {{{540, 555, 600}, {690, 690, 750}}, "Drill", DayOrigin::kBroker}},
      {{2026, 3, 9}, kCommodity, {{{540, 540, 1'440}}, "", DayOrigin::kBroker}}};
  ASSERT_TRUE(store.Save(days));
  EXPECT_EQ(*store.Load(), days);
  ASSERT_TRUE(store.Save({days[1]}));
  EXPECT_EQ(*store.Load(), (std::vector<SpecialDay>{days[1]})) << "it takes the place of all";
}

TEST_F(PgCalendarStoreTest, OfADayThatIsThereTwiceTheLaterIsKept) {
  PgCalendarStore store{*pool_, [this] { return prepared_; }};
  const SpecialDay early{{2026, 3, 3}, kNseEquity, {{}, "Holi", DayOrigin::kBroker}};
  const SpecialDay late{{2026, 3, 3}, kNseEquity, {{{540, 555, 720}}, "", DayOrigin::kBroker}};
  ASSERT_TRUE(store.Save({early, late}));
  EXPECT_EQ(*store.Load(), (std::vector<SpecialDay>{late}));
}

TEST_F(PgCalendarStoreTest, LeavesOutWhatCannotBeRead) {
  PgCalendarStore store{*pool_, [this] { return prepared_; }};
  ASSERT_TRUE(store.Save({{{2026, 3, 3}, kNseEquity, {{}, "Holi", DayOrigin::kBroker}}}));
  ASSERT_TRUE(pool_->Transact([](pqxx::work& work) -> Result<void> {
    work.exec(
        "INSERT INTO instruments.calendar_days VALUES ('2026-03-04', 'LSE', '[]', 'x'), "
        "('2026-03-05', 'NSE', '[[5]]', 'x'), ('2026-03-06', 'NSE', '{}', 'x'), "
        "('2026-03-09', 'NSE', '[[600, 555, 540]]', 'x')");
    return {};
  }));
  EXPECT_EQ(store.Load()->size(), 1U);
}

TEST_F(PgCalendarStoreTest, FailsUntilTheSchemaIsThereAndWhileTheDatabaseIsAway) {
  PgCalendarStore store{*pool_, [this] { return prepared_; }};
  prepared_ = false;
  EXPECT_EQ(store.Load().error().reason, "DATABASE_DOWN");
  EXPECT_EQ(store.Save({}).error().reason, "DATABASE_DOWN");
  prepared_ = true;
  storage::PgPool nowhere{{.url = "postgresql://x@127.0.0.1:1/none"}};
  PgCalendarStore away{nowhere, [] { return true; }};
  EXPECT_EQ(away.Load().error().reason, "DATABASE_DOWN");
  EXPECT_EQ(away.Save({}).error().reason, "DATABASE_DOWN");
}

}  // namespace
}  // namespace sauda::instruments
