// What a store of alerts promises, on the fake of the core tests and on PostgreSQL alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/storage/pg_pool.hpp"
#include "services/feed/src/adapters/pg_alert_store.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/migrations.hpp"
#include "tests/support/memory_alert_store.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

AlertRule FullRule() {
  return {.id = "golden",
          .instrument_key = "NSE_FO|51510",
          .measure = Measure::kAverageToAverage,
          .direction = Direction::kBelow,
          .level = -0.1,
          .hysteresis = 0.025,
          .period = 20,
          .slow_period = 200,
          .note = "it's \xe0\xa4\xb8",
          .webhook_id = "desk"};
}

Alert AlertOf(std::uint64_t number) {
  return {.number = number,
          .firing = {.rule = std::make_shared<const AlertRule>(FullRule()),
                     .value = -0.125,
                     .at_ns = 1'765'771'200'000'000'001,
                     .seq = 77,
                     .simulated = true}};
}

class InMemory {
 public:
  bool Make() { return true; }
  AlertStore& store() { return store_; }
  std::size_t Fired() const {
    const std::string all = store_.Fired();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), ' '));
  }

 private:
  MemoryAlertStore store_;
};

class InPostgres {
 public:
  bool Make() {
    database_ = TestDatabase::Make();
    if (!database_) return false;
    schema_ = std::make_unique<PgSchema>(database_->options(), kMigrations);
    pool_ = std::make_unique<storage::PgPool>(database_->options());
    store_ = MakeStore("main", "run1");
    return true;
  }
  std::unique_ptr<PgAlertStore> MakeStore(const std::string& account, const std::string& run) {
    return std::make_unique<PgAlertStore>(*pool_, *schema_, PgAlertStore::Owner{account, run});
  }
  AlertStore& store() { return *store_; }
  TestDatabase& database() { return *database_; }
  std::size_t Fired() const { return database_->Query("SELECT number FROM feed.alerts").size(); }

 private:
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<PgSchema> schema_;
  std::unique_ptr<storage::PgPool> pool_;
  std::unique_ptr<PgAlertStore> store_;
};

template <typename Backend>
class AlertStoreContract : public testing::Test {
 protected:
  void SetUp() override {
    if (!backend_.Make()) GTEST_SKIP() << kNoStores;
  }
  Backend backend_;
};

using AlertBackends = testing::Types<InMemory, InPostgres>;
TYPED_TEST_SUITE(AlertStoreContract, AlertBackends);

TYPED_TEST(AlertStoreContract, RulesComeBackAsTheyWereKept) {
  AlertStore& store = this->backend_.store();
  const auto empty = store.Load();
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_THAT(empty->rules, IsEmpty());
  EXPECT_THAT(empty->webhooks, IsEmpty());
  const AlertRule storm{
      .id = "Storm", .measure = Measure::kReconnects, .level = 3, .window_s = 86'400};
  const AlertRule momentum{.id = "momentum",
                           .instrument_key = "NSE_EQ|A",
                           .measure = Measure::kMomentum,
                           .minutes = 375};
  ASSERT_TRUE(store.Save({.put = {momentum, FullRule(), storm}}));
  EXPECT_THAT(store.Load()->rules, ElementsAre(storm, FullRule(), momentum))
      << "by the bytes of the id";
  AlertRule other = momentum;
  other.level = 7;
  ASSERT_TRUE(store.Save({.put = {other}, .remove = {"Storm", "nobody"}}));
  ASSERT_TRUE(store.Save({.put = {other}, .remove = {"Storm"}})) << "the same twice";
  EXPECT_THAT(store.Load()->rules, ElementsAre(FullRule(), other));
}

TYPED_TEST(AlertStoreContract, WebhooksComeBackAsTheyWereKept) {
  AlertStore& store = this->backend_.store();
  const Webhook a{"A", "https://a.in/?x='1'", Secret{"0123456789abcdef"}};
  const Webhook b{"b", "http://127.0.0.1:8080/hook", Secret{"fedcba9876543210"}};
  ASSERT_TRUE(store.Save({.put_webhooks = {b, a}}));
  EXPECT_THAT(store.Load()->webhooks, ElementsAre(a, b));
  const Webhook other{"A", "https://b.in/", Secret{"another-secret-of-it"}};
  ASSERT_TRUE(store.Save({.put_webhooks = {other}, .remove_webhooks = {"b", "nobody"}}));
  EXPECT_THAT(store.Load()->webhooks, ElementsAre(other));
}

TYPED_TEST(AlertStoreContract, AnAlertIsKeptOnce) {
  AlertStore& store = this->backend_.store();
  ASSERT_TRUE(store.Save({.fired = {AlertOf(1), AlertOf(2)}}));
  ASSERT_TRUE(store.Save({.fired = {AlertOf(2), AlertOf(3)}}));
  EXPECT_EQ(this->backend_.Fired(), 3U);
  EXPECT_TRUE(store.Save({}));
}

class PgAlertStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!postgres_.Make()) GTEST_SKIP() << kNoStores;
  }
  InPostgres postgres_;
};

TEST_F(PgAlertStoreTest, AnAlertIsARowThatSaysWhatTheRuleSaid) {
  ASSERT_TRUE(postgres_.store().Save({.fired = {AlertOf(5)}}));
  const auto rows = postgres_.database().Query(
      "SELECT concat_ws('|', account_id, instance, number, alert_id, instrument_key, measure,"
      " direction, level, value, at_ns, tick_seq, simulated, note) FROM feed.alerts");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(*rows[0][0],
            "main|run1|5|golden|NSE_FO|51510|5|2|-0.1|-0.125|1765771200000000001|77|t|it's \xe0"
            "\xa4\xb8");
}

TEST_F(PgAlertStoreTest, AlertsOnlyGrow) {
  ASSERT_TRUE(postgres_.store().Save({.fired = {AlertOf(1)}}));
  storage::CopyConnection connection{postgres_.database().options()};
  for (const char* statement :
       {"UPDATE feed.alerts SET value = 0", "DELETE FROM feed.alerts", "TRUNCATE feed.alerts"}) {
    const auto changed = connection.Transact(
        [&](storage::CopyTransaction& transaction) { return transaction.Exec(statement); });
    EXPECT_FALSE(changed) << statement;
  }
  EXPECT_EQ(postgres_.Fired(), 1U);
}

TEST_F(PgAlertStoreTest, RunsAndAccountsAreApart) {
  ASSERT_TRUE(postgres_.store().Save({.put = {FullRule()}, .fired = {AlertOf(1)}}));
  const auto next = postgres_.MakeStore("main", "run2");
  ASSERT_TRUE(next->Save({.fired = {AlertOf(1)}}));
  EXPECT_EQ(postgres_.Fired(), 2U);
  EXPECT_EQ(next->Load()->rules.size(), 1U) << "rules outlive their run";
  EXPECT_THAT(postgres_.MakeStore("other", "run2")->Load()->rules, IsEmpty());
}

TEST_F(PgAlertStoreTest, ARowThatMakesNoSenseIsLeftOut) {
  AlertRule wraps = FullRule();
  wraps.id = "wraps";
  AlertRule good = FullRule();
  good.id = "good";
  const Webhook a{"A", "https://a.in/", Secret{"0123456789abcdef"}};
  const Webhook b{"b", "https://b.in/", Secret{"0123456789abcdef"}};
  ASSERT_TRUE(postgres_.store().Save({.put = {FullRule(), wraps, good}, .put_webhooks = {a, b}}));
  for (const char* statement :
       {"UPDATE feed.alert_rules SET measure = 99 WHERE alert_id = 'golden' RETURNING 1",
        "UPDATE feed.alert_rules SET measure = 261 WHERE alert_id = 'wraps' RETURNING 1",
        "UPDATE feed.webhooks SET url = 'ftp://a.in' WHERE webhook_id = 'A' RETURNING 1"}) {
    (void)postgres_.database().Query(statement);
  }
  const auto loaded = postgres_.store().Load();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(loaded->rules, ElementsAre(good));
  EXPECT_THAT(loaded->webhooks, ElementsAre(b));
  EXPECT_THAT(loaded->unreadable,
              ElementsAre("feed.alert_rules: alert golden refused: MEASURE_UNKNOWN",
                          "feed.alert_rules: alert wraps refused: MEASURE_UNKNOWN",
                          "feed.webhooks: the webhook is refused: URL_INVALID"));
}

TEST(PgAlertStoreAwayTest, NoServerIsUnavailable) {
  const storage::PgOptions nowhere{.url = "postgresql://127.0.0.1:1/none"};
  PgSchema schema{nowhere, kMigrations};
  storage::PgPool pool{nowhere};
  PgAlertStore store{pool, schema, {"main", "run1"}};
  EXPECT_EQ(store.Load().error().code, Code::kUnavailable);
  EXPECT_EQ(store.Save({.fired = {AlertOf(1)}}).error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace sauda::feed
