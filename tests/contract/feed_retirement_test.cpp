// Old days of ticks go from PostgreSQL, and nobody waits for that.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_tick_retirement.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/migrations.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kMidnight = 1'765'737'000'000'000'000;  // 2025-12-15 00:00 IST

class PgTickRetirementTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    if (!database_) GTEST_SKIP() << kNoStores;
    schema_ = std::make_unique<PgSchema>(database_->options(), kMigrations);
    store_ = std::make_unique<PgTickStore>(database_->options(), *schema_, "main");
    retirement_ = std::make_unique<PgTickRetirement>(database_->options(), *schema_);
  }
  Result<void> Append(std::uint64_t seq, std::int64_t received_ns) {
    Tick tick = TickOf(seq);
    tick.received_ns = received_ns;
    const std::vector ticks{tick};
    const std::vector<Gap> gaps{
        {.number = seq, .from_ns = received_ns, .to_ns = received_ns, .cause = "RESTART"}};
    return store_->Append({.instance = "run1", .ticks = ticks, .gaps = gaps});
  }
  /// The name, `none`, or the reason of the failure.
  std::string Retire(std::int64_t before_ns) {
    const auto retired = retirement_->RetireOldest(before_ns);
    if (!retired) return retired.error().reason;
    return retired->value_or("none");
  }
  std::vector<std::string> Texts(const std::string& sql) {
    std::vector<std::string> texts;
    for (const auto& row : database_->Query(sql)) texts.push_back(row[0].value_or("NULL"));
    return texts;
  }
  std::vector<std::string> Tables() {
    return Texts(
        "SELECT relname FROM pg_class WHERE relname ~ '^ticks_' AND relkind = 'r'"
        " ORDER BY 1");
  }

  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<PgSchema> schema_;
  std::unique_ptr<PgTickStore> store_;
  std::unique_ptr<PgTickRetirement> retirement_;
};

TEST_F(PgTickRetirementTest, WholeOldDaysGoOldestFirstAndTheirGapsStay) {
  ASSERT_TRUE(Append(1, kMidnight - 1));           // the 14th, its last nanosecond
  ASSERT_TRUE(Append(2, kMidnight));               // the 15th
  ASSERT_TRUE(Append(3, kMidnight + 5 * kDayNs));  // the 20th
  EXPECT_EQ(Retire(kMidnight - 1), "none") << "the 14th is not over";
  EXPECT_EQ(Retire(kMidnight + kDayNs), "ticks_20251214");
  EXPECT_EQ(Retire(kMidnight + kDayNs), "ticks_20251215");
  EXPECT_EQ(Retire(kMidnight + kDayNs), "none");
  EXPECT_THAT(Tables(), ElementsAre("ticks_20251216", "ticks_20251217", "ticks_20251220",
                                    "ticks_20251221", "ticks_20251222"));
  EXPECT_THAT(Texts("SELECT seq FROM feed.ticks"), ElementsAre("3"));
  EXPECT_THAT(Texts("SELECT number FROM feed.gaps ORDER BY 1"), ElementsAre("1", "2", "3"));
}

TEST_F(PgTickRetirementTest, ADayThatIsWrittenAfterItWentComesBack) {
  ASSERT_TRUE(Append(1, kMidnight));
  ASSERT_EQ(Retire(kMidnight + kDayNs), "ticks_20251215");
  if (!Append(2, kMidnight + 1)) {
    const auto again = Append(2, kMidnight + 1);
    ASSERT_TRUE(again) << again.error().message;
  }
  EXPECT_THAT(Texts("SELECT seq FROM feed.ticks"), ElementsAre("2"));
}

TEST_F(PgTickRetirementTest, WhoIsInTheWayIsNotWaitedForLong) {
  ASSERT_TRUE(Append(1, kMidnight));
  storage::CopyConnection reader{database_->options()};
  const auto read = reader.Transact([&](storage::CopyTransaction& transaction) -> Result<void> {
    if (const auto rows = transaction.Query("SELECT seq FROM feed.ticks"); !rows) {
      return rows.error();
    }
    EXPECT_EQ(Retire(kMidnight + kDayNs), "CONFLICT");
    EXPECT_TRUE(Append(2, kMidnight + 1)) << "a writer goes on";
    return {};
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(Retire(kMidnight + kDayNs), "ticks_20251215");
}

TEST_F(PgTickRetirementTest, AnotherProcessThatIsAtItIsLeftAlone) {
  ASSERT_TRUE(Append(1, kMidnight));
  storage::CopyConnection other{database_->options()};
  (void)other.Transact([&](storage::CopyTransaction& transaction) -> Result<void> {
    (void)transaction.Query(
        "SELECT pg_advisory_xact_lock(hashtextextended('sauda.feed.retire', 0))");
    EXPECT_EQ(Retire(kMidnight + kDayNs), "none");
    return {};
  });
  EXPECT_EQ(Retire(kMidnight + kDayNs), "ticks_20251215");
}

TEST_F(PgTickRetirementTest, PartitionsOfOtherNamesStay) {
  ASSERT_TRUE(schema_->Ensure());
  (void)database_->Query(
      "CREATE TABLE feed.ticks_archive PARTITION OF feed.ticks FOR VALUES FROM (0) TO (5)");
  EXPECT_EQ(Retire(kMidnight), "none");
}

}  // namespace
}  // namespace sauda::feed
