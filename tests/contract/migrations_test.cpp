#include "libs/storage/migrations.hpp"

#include <array>
#include <future>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/test_database.hpp"

namespace sauda::storage {
namespace {

constexpr std::array kThree{
    Migration{1, "tables", "CREATE TABLE shop.a (v int); CREATE TABLE shop.b (v int);"},
    Migration{2, "index", "CREATE INDEX a_v ON shop.a (v);"},
    Migration{3, "rows", "INSERT INTO shop.a VALUES (7);"},
};

class MigrationsTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    if (!database_) GTEST_SKIP() << kNoStores;
  }
  Result<MigrationReport> Run(std::span<const Migration> migrations) const {
    return Migrate(database_->options(), "shop", migrations);
  }
  std::unique_ptr<TestDatabase> database_;
};

TEST_F(MigrationsTest, MakeTheSchemaGoForwardAndThenChangeNothing) {
  const auto first = Run(std::span{kThree}.first(2));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->from, 0);
  EXPECT_EQ(first->to, 2);
  const auto second = Run(kThree);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->from, 2);
  EXPECT_EQ(second->to, 3);
  const auto third = Run(kThree);
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_EQ(third->from, 3);
  EXPECT_EQ(database_->Query("SELECT v FROM shop.a"), (TextRows{{"7"}}));
  EXPECT_EQ(database_->Query("SELECT number, name FROM shop.schema_migrations ORDER BY 1"),
            (TextRows{{"1", "tables"}, {"2", "index"}, {"3", "rows"}}));
}

TEST_F(MigrationsTest, OfManyProcessesAtOnceApplyEachStepOnce) {
  std::vector<std::future<Result<MigrationReport>>> runs;
  for (int i = 0; i < 8; ++i) {
    runs.push_back(std::async(std::launch::async, [this] { return Run(kThree); }));
  }
  for (auto& run : runs) {
    const auto done = run.get();
    EXPECT_TRUE(done) << done.error().message;
  }
  EXPECT_EQ(database_->Query("SELECT v FROM shop.a"), (TextRows{{"7"}}));
}

TEST_F(MigrationsTest, LeaveNothingOfAStepThatFails) {
  constexpr std::array kBroken{
      kThree[0], Migration{2, "broken", "CREATE TABLE shop.c (v int); SELECT no_such_thing();"}};
  const auto failed = Run(kBroken);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, "DATABASE_ERROR");
  EXPECT_NE(failed.error().message.find("migration 2 (broken)"), std::string::npos);
  EXPECT_EQ(
      database_->Query("SELECT to_regclass('shop.c'), max(number) FROM shop.schema_migrations"),
      (TextRows{{std::nullopt, "1"}}));
  EXPECT_TRUE(Run(kThree)) << "a mended step goes on from there";
}

TEST_F(MigrationsTest, RefuseAStepThatWasChangedAfterItWasApplied) {
  ASSERT_TRUE(Run(kThree));
  auto changed = kThree;
  changed[1].sql = "CREATE INDEX a_v ON shop.a (v DESC);";
  EXPECT_EQ(Run(changed).error().reason, "MIGRATION_CHANGED");
  auto renamed = kThree;
  renamed[2].name = "other";
  EXPECT_EQ(Run(renamed).error().reason, "MIGRATION_CHANGED");
}

TEST_F(MigrationsTest, RefuseASchemaNewerThanTheProgram) {
  ASSERT_TRUE(Run(kThree));
  const auto refused = Run(std::span{kThree}.first(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "SCHEMA_TOO_NEW");
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
}

TEST_F(MigrationsTest, RefuseAGapInTheNumbersOrInTheRecord) {
  constexpr std::array kGap{kThree[0], kThree[2]};
  EXPECT_EQ(Run(kGap).error().reason, "MIGRATION_MISSING");
  ASSERT_TRUE(Run(kThree));
  (void)database_->Query("DELETE FROM shop.schema_migrations WHERE number = 2");
  EXPECT_EQ(Run(kThree).error().reason, "MIGRATION_MISSING");
}

TEST_F(MigrationsTest, NeedNoRightToCreateSchemasWhenTheirsIsThere) {
  const std::string role = database_->name() + "_role";
  (void)database_->Query("CREATE ROLE " + role + " LOGIN; ");
  (void)database_->Query("CREATE SCHEMA shop AUTHORIZATION " + role);
  auto options = database_->options();
  options.url.replace(options.url.find("postgres@"), 8, role);
  const auto done = Migrate(options, "shop", kThree);
  EXPECT_TRUE(done) << done.error().message;
  (void)database_->Query("DROP OWNED BY " + role);
  (void)database_->Query("DROP ROLE " + role);
}

}  // namespace
}  // namespace sauda::storage
