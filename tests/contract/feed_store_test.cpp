// What the feed's stores promise, on the fakes of the core tests and on PostgreSQL alike.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/storage/pg_pool.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_subscription_store.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/migrations.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr const char* kInstance = "run1";

Tick FullTick(std::uint64_t seq) {
  Tick tick = TickOf(seq, "NSE_FO|51510");
  tick.listing = std::make_shared<const Listing>(
      Listing{.key = "NSE_FO|51510", .instrument_id = 99, .symbol = "NIFTY CE"});
  tick.broker_ms = 1'765'771'372'400;
  tick.mode = Mode::kFull;
  tick.broker_snapshot = true;
  tick.simulated = true;
  tick.last = LastTrade{.price = 775.95,
                        .time_ms = 1,
                        .quantity = 2,
                        .previous_close = 622.85,
                        .indicative_price = 0.0};
  tick.depth = {{1, 773.7, 2, 777.15}, {}, {3, 0, 4, 0.05}};
  tick.greeks = Greeks{-0.6416, -15.358, 0.0003, 45.3725, -16.2522};
  tick.bars = {{"1d", 1, 2, 3, 4, 5, 6}, {"I1", 7, 8, 9, 10, 11, 12}};
  tick.totals = {731.11, 27'475, 71'365, 0.1032257080078125, 9'835, 11'690};
  tick.auction = Auction{1, 2, 3, 4, 5, true};
  return tick;
}

Result<void> AppendTo(TickStore& store, const std::string& instance,
                      const std::vector<Tick>& ticks) {
  return store.Append({.instance = instance, .ticks = ticks});
}

/// In memory.
class Memory {
 public:
  bool Make() { return true; }
  TickStore& ticks() { return ticks_; }
  SubscriptionStore& subscriptions() { return subscriptions_; }
  std::vector<std::uint64_t> StoredSeqs() const {
    std::vector<std::uint64_t> seqs;
    for (const auto& tick : ticks_.ticks()) seqs.push_back(tick.seq);
    return seqs;
  }
  std::size_t Gaps() const { return ticks_.gaps().size(); }

 private:
  MemoryTickStore ticks_;
  MemorySubscriptionStore subscriptions_;
};

/// In a PostgreSQL database of its own.
class Postgres {
 public:
  bool Make() {
    database_ = TestDatabase::Make();
    if (!database_) return false;
    schema_ = std::make_unique<PgSchema>(database_->options(), kMigrations);
    pool_ = std::make_unique<storage::PgPool>(database_->options());
    ticks_ = MakeTicks();
    subscriptions_ = std::make_unique<PgSubscriptionStore>(
        *pool_, *schema_, PgSubscriptionStore::Reader{"main", kInstance});
    return true;
  }
  std::unique_ptr<PgTickStore> MakeTicks() {
    return std::make_unique<PgTickStore>(database_->options(), *schema_, "main");
  }
  TickStore& ticks() { return *ticks_; }
  SubscriptionStore& subscriptions() { return *subscriptions_; }
  TestDatabase& database() { return *database_; }
  std::vector<std::uint64_t> StoredSeqs() const {
    std::vector<std::uint64_t> seqs;
    for (const auto& row : database_->Query("SELECT seq FROM feed.ticks ORDER BY seq")) {
      seqs.push_back(std::stoull(*row[0]));
    }
    return seqs;
  }
  std::size_t Gaps() const { return database_->Query("SELECT number FROM feed.gaps").size(); }

 private:
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<PgSchema> schema_;
  std::unique_ptr<storage::PgPool> pool_;
  std::unique_ptr<PgTickStore> ticks_;
  std::unique_ptr<PgSubscriptionStore> subscriptions_;
};

template <typename Backend>
class FeedStoreContract : public testing::Test {
 protected:
  void SetUp() override {
    if (!backend_.Make()) GTEST_SKIP() << kNoStores;
  }
  void Append(std::uint64_t first, std::uint64_t last, const std::vector<Gap>& gaps = {}) {
    std::vector<Tick> ticks;
    for (auto seq = first; seq <= last; ++seq) ticks.push_back(TickOf(seq));
    const auto appended =
        backend_.ticks().Append({.instance = kInstance, .ticks = ticks, .gaps = gaps});
    ASSERT_TRUE(appended) << appended.error().message;
  }
  Backend backend_;
};

using Backends = testing::Types<Memory, Postgres>;
TYPED_TEST_SUITE(FeedStoreContract, Backends);

TYPED_TEST(FeedStoreContract, KeepsTicksInOrder) {
  this->Append(1, 3);
  this->Append(4, 4);
  EXPECT_THAT(this->backend_.StoredSeqs(), ElementsAre(1, 2, 3, 4));
}

TYPED_TEST(FeedStoreContract, RetryDoublesNothing) {
  this->Append(1, 3);
  this->Append(1, 3);
  EXPECT_THAT(this->backend_.StoredSeqs(), ElementsAre(1, 2, 3));
}

TYPED_TEST(FeedStoreContract, RetryWithMoreAddsOnlyWhatIsNew) {
  this->Append(1, 3);
  this->Append(2, 5);
  EXPECT_THAT(this->backend_.StoredSeqs(), ElementsAre(1, 2, 3, 4, 5));
}

TYPED_TEST(FeedStoreContract, HolesInSeqAreKept) {
  this->Append(1, 2);
  this->Append(7, 7);
  EXPECT_THAT(this->backend_.StoredSeqs(), ElementsAre(1, 2, 7));
}

TYPED_TEST(FeedStoreContract, GapsAreKeptOnceWithTicksOrAlone) {
  const Gap gap{.number = 1, .from_ns = 5, .to_ns = 6, .cause = "RESTART", .detail = "it's so"};
  this->Append(1, 1, {gap});
  ASSERT_TRUE(this->backend_.ticks().Append({.instance = kInstance, .gaps = std::vector{gap}}));
  Gap other = gap;
  other.number = 2;
  ASSERT_TRUE(this->backend_.ticks().Append({.instance = kInstance, .gaps = std::vector{other}}));
  EXPECT_EQ(this->backend_.Gaps(), 2U);
}

TYPED_TEST(FeedStoreContract, ProgressSaysHowFarEachRunGot) {
  TickStore& store = this->backend_.ticks();
  EXPECT_TRUE(store.Progress()->empty());
  const std::vector<Tick> ticks{TickOf(1), TickOf(2)};
  ASSERT_TRUE(store.Append({.instance = "a", .segment = 3, .ticks = ticks}));
  ASSERT_TRUE(store.Append({.instance = "b", .segment = 1, .ticks = ticks}));
  ASSERT_TRUE(store.Append({.instance = "b", .segment = 9, .complete = true}));
  ASSERT_TRUE(store.Append({.instance = "c", .complete = true}));
  const auto progress = store.Progress();
  ASSERT_TRUE(progress) << progress.error().message;
  EXPECT_EQ(*progress, (std::map<std::string, StoreProgress>{
                           {"a", {.last_seq = 2, .segment = 3}},
                           {"b", {.last_seq = 2, .segment = 1, .complete = true}},
                           {"c", {.complete = true}}}));
}

TYPED_TEST(FeedStoreContract, SubscriptionsComeBackAsTheyWereKept) {
  SubscriptionStore& store = this->backend_.subscriptions();
  const KeptSubscription a{{.key = "A", .instrument_id = 1, .symbol = "SA", .kind = Kind::kIndex},
                           Mode::kFull};
  const KeptSubscription b{
      {.key = "B", .symbol = "it's", .kind = Kind::kOption, .underlying = "NSE_EQ|it's"},
      Mode::kLtpc};
  const auto empty = store.Load();
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_TRUE(empty->connected);
  EXPECT_TRUE(empty->subscriptions.empty());
  ASSERT_TRUE(store.Save({.put = {b}}));
  ASSERT_TRUE(store.Save({.put = {a}, .connected = false}));
  KeptSubscription raised = b;
  raised.mode = Mode::kFull;
  raised.listing.underlying = "NSE_EQ|A";
  ASSERT_TRUE(store.Save({.put = {raised}}));
  auto state = store.Load();
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->connected);
  EXPECT_THAT(state->subscriptions, ElementsAre(raised, a)) << "in the order first kept";
  ASSERT_TRUE(store.Save({.remove = {"B", "NOBODY"}, .connected = true}));
  state = store.Load();
  EXPECT_TRUE(state->connected);
  EXPECT_THAT(state->subscriptions, ElementsAre(a));
}

class PgTickStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!postgres_.Make()) GTEST_SKIP() << kNoStores;
  }
  Postgres postgres_;
};

TEST_F(PgTickStoreTest, EveryFieldIsARow) {
  const std::vector ticks{FullTick(1)};
  const auto appended = AppendTo(postgres_.ticks(), kInstance, ticks);
  ASSERT_TRUE(appended) << appended.error().message;
  const auto rows = postgres_.database().Query(
      "SELECT concat_ws('|', account_id, instance, seq, instrument_key, instrument_id, received_ns,"
      " broker_ms, mode, broker_snapshot, simulated, last_price, last_time_ms, last_quantity,"
      " previous_close, indicative_price, bid_quantities, bid_prices, ask_quantities, ask_prices,"
      " delta, theta, gamma, vega, rho, bar_intervals, bar_opens, bar_highs, bar_lows, bar_closes,"
      " bar_volumes, bar_starts_ms, average_price, volume, open_interest, implied_volatility,"
      " total_buy_quantity, total_sell_quantity, equilibrium_price, reference_price,"
      " equilibrium_quantity, imbalance_quantity, market_imbalance_quantity,"
      " closing_auction_eligible) FROM feed.ticks");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(*rows[0][0],
            "main|run1|1|NSE_FO|51510|99|1765771200000000001|1765771372400|3|t|t|775.95|1|2|622.85"
            "|0|{1,0,3}|{773.7,0,0}|{2,0,4}|{777.15,0,0.05}|-0.6416|-15.358|0.0003|45.3725"
            "|-16.2522|{1d,I1}|{1,7}|{2,8}|{3,9}|{4,10}|{5,11}|{6,12}|731.11|27475|71365"
            "|0.1032257080078125|9835|11690|1|2|3|4|5|t");
}

TEST_F(PgTickStoreTest, AbsentPartsAreNullAndEmptyListsAreEmpty) {
  ASSERT_TRUE(AppendTo(postgres_.ticks(), kInstance, std::vector{TickOf(1)}));
  const auto rows = postgres_.database().Query(
      "SELECT last_price, last_time_ms, last_quantity, previous_close, indicative_price, delta,"
      " theta, gamma, vega, rho, equilibrium_price, reference_price, equilibrium_quantity,"
      " imbalance_quantity, market_imbalance_quantity, closing_auction_eligible,"
      " bid_quantities || bar_volumes, average_price FROM feed.ticks");
  ASSERT_EQ(rows.size(), 1U);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_FALSE(rows[0][i]) << i;
  EXPECT_EQ(rows[0][16], "{}");
  EXPECT_EQ(rows[0][17], "0");
}

TEST_F(PgTickStoreTest, PartitionsAreMadeForTheDayAndAhead) {
  // 2025-12-15 09:30 IST, the last nanosecond of that day in India, and the first of the next.
  Tick first = TickOf(1);
  Tick last = TickOf(2);
  Tick next = TickOf(3);
  const std::int64_t midnight = 1'765'737'000'000'000'000 + kDayNs;
  last.received_ns = midnight - 1;
  next.received_ns = midnight;
  ASSERT_TRUE(AppendTo(postgres_.ticks(), kInstance, std::vector{first, last, next}));
  const auto where =
      postgres_.database().Query("SELECT tableoid::regclass::text FROM feed.ticks ORDER BY seq");
  ASSERT_EQ(where.size(), 3U);
  EXPECT_EQ(where[0][0], "feed.ticks_20251215");
  EXPECT_EQ(where[1][0], "feed.ticks_20251215");
  EXPECT_EQ(where[2][0], "feed.ticks_20251216");
  EXPECT_EQ(postgres_.database()
                .Query("SELECT 1 FROM pg_inherits WHERE inhparent = 'feed.ticks'::regclass")
                .size(),
            4U);
}

TEST_F(PgTickStoreTest, RunsHaveTheirOwnSeqAndTheNextLearnsWhereTheLastStopped) {
  ASSERT_TRUE(AppendTo(postgres_.ticks(), kInstance, std::vector{TickOf(5), TickOf(6)}));
  ASSERT_TRUE(AppendTo(postgres_.ticks(), "run2", std::vector{TickOf(1)}));
  EXPECT_THAT(postgres_.StoredSeqs(), ElementsAre(1, 5, 6));
  const auto state = postgres_.subscriptions().Load();  // as run1: what run2 covered
  ASSERT_TRUE(state);
  EXPECT_EQ(state->covered_ns, TickOf(1).received_ns);
}

TEST_F(PgTickStoreTest, LostConnectionIsAtWorstOneError) {
  ASSERT_TRUE(AppendTo(postgres_.ticks(), kInstance, std::vector{TickOf(1)}));
  postgres_.database().CutConnections();
  if (const auto tried = AppendTo(postgres_.ticks(), kInstance, std::vector{TickOf(2)}); !tried) {
    EXPECT_EQ(tried.error().code, Code::kUnavailable);
  }
  ASSERT_TRUE(AppendTo(postgres_.ticks(), kInstance, std::vector{TickOf(2)}));
  EXPECT_THAT(postgres_.StoredSeqs(), ElementsAre(1, 2));
}

TEST(PgSchemaTest, NoServerIsUnavailable) {
  PgSchema schema{{.url = "postgresql://127.0.0.1:1/none"}, kMigrations};
  PgTickStore store{{.url = "postgresql://127.0.0.1:1/none"}, schema, "main"};
  const auto failed = AppendTo(store, kInstance, std::vector{TickOf(1)});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace sauda::feed
