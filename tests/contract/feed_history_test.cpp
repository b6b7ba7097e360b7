// What reading the feed's history promises, on the fake of the rpc tests and on PostgreSQL alike.
#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/adapters/pg_history.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/migrations.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/memory_history.hpp"
#include "tests/support/random_ticks.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

class MemoryBackend {
 public:
  bool Make() { return true; }
  History& history() { return history_; }
  void Put(const std::string& instance, const std::vector<Tick>& ticks,
           const std::vector<Gap>& gaps) {
    history_.Put(instance, ticks, gaps);
  }

 private:
  MemoryHistory history_;
};

class PostgresBackend {
 public:
  bool Make() {
    database_ = TestDatabase::Make();
    if (!database_) return false;
    schema_ = std::make_unique<PgSchema>(database_->options(), kMigrations);
    history_ = std::make_unique<PgHistory>(database_->options(), *schema_, "main");
    return true;
  }
  History& history() { return *history_; }
  TestDatabase& database() { return *database_; }
  void Put(const std::string& instance, const std::vector<Tick>& ticks,
           const std::vector<Gap>& gaps, const std::string& account = "main") {
    PgTickStore store{database_->options(), *schema_, account};
    const auto done = store.Append({.instance = instance, .ticks = ticks, .gaps = gaps});
    ASSERT_TRUE(done) << done.error().message;
  }

 private:
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<PgSchema> schema_;
  std::unique_ptr<PgHistory> history_;
};

template <typename Backend>
class HistoryContract : public testing::Test {
 protected:
  void SetUp() override {
    if (!backend_.Make()) GTEST_SKIP() << kNoStores;
  }
  void Put(const std::string& instance, const std::vector<Tick>& ticks,
           const std::vector<Gap>& gaps = {}) {
    backend_.Put(instance, ticks, gaps);
  }
  std::vector<StoredTick> Ticks(const TickRange& range) {
    auto ticks = backend_.history().Ticks(range);
    EXPECT_TRUE(ticks) << ticks.error().message;
    return ticks ? std::move(*ticks) : std::vector<StoredTick>{};
  }
  /// As `<run>:<seq>`.
  std::vector<std::string> Names(const TickRange& range) {
    std::vector<std::string> names;
    for (const StoredTick& each : Ticks(range)) {
      names.push_back(each.instance + ":" + std::to_string(each.tick.seq));
    }
    return names;
  }
  std::vector<std::uint64_t> GapNumbers(const GapRange& range) {
    const auto gaps = backend_.history().Gaps(range);
    EXPECT_TRUE(gaps) << gaps.error().message;
    std::vector<std::uint64_t> numbers;
    for (const StoredGap& each : *gaps) numbers.push_back(each.gap.number);
    return numbers;
  }

  Backend backend_;
};

using Backends = testing::Types<MemoryBackend, PostgresBackend>;
TYPED_TEST_SUITE(HistoryContract, Backends);

TYPED_TEST(HistoryContract, EveryFieldOfEveryModeComesBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  RandomTicks random{seed};
  const std::vector<Tick> ticks = random.Next(400);
  this->Put("run1", ticks);
  const auto stored = this->Ticks({.from_ns = 0, .to_ns = kForever, .limit = 1'000});
  ASSERT_EQ(stored.size(), ticks.size());
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const Tick& a = stored[i].tick;
    const Tick& b = ticks[i];
    EXPECT_EQ(stored[i].instance, "run1");
    EXPECT_EQ(*a.listing, *b.listing);
    EXPECT_EQ(a.seq, b.seq);
    EXPECT_EQ(a.received_ns, b.received_ns);
    EXPECT_EQ(a.broker_ms, b.broker_ms);
    EXPECT_EQ(a.mode, b.mode);
    EXPECT_EQ(a.broker_snapshot, b.broker_snapshot);
    EXPECT_EQ(a.simulated, b.simulated);
    EXPECT_EQ(a.last, b.last);
    EXPECT_EQ(a.depth, b.depth);
    EXPECT_EQ(a.greeks, b.greeks);
    EXPECT_EQ(a.bars, b.bars);
    EXPECT_EQ(a.totals, b.totals);
    EXPECT_EQ(a.auction, b.auction);
  }
}

TYPED_TEST(HistoryContract, TicksAreOfTheTimeAndTheKeys) {
  const std::int64_t base = TickOf(0).received_ns;
  this->Put("run1", {TickOf(1, "A|1"), TickOf(2, "B|\"\\"), TickOf(3, "C|3"), TickOf(4, "A|1")});
  EXPECT_THAT(this->Names({.from_ns = base + 2, .to_ns = base + 4, .limit = 9}),
              ElementsAre("run1:2", "run1:3"));
  EXPECT_THAT(this->Names({.keys = {"A|1"}, .from_ns = 0, .to_ns = kForever, .limit = 9}),
              ElementsAre("run1:1", "run1:4"));
  EXPECT_THAT(this->Names({.keys = {"B|\"\\", "C|3"}, .from_ns = 0, .to_ns = kForever, .limit = 9}),
              ElementsAre("run1:2", "run1:3"));
  EXPECT_THAT(this->Names({.keys = {"NOBODY"}, .from_ns = 0, .to_ns = kForever, .limit = 9}),
              IsEmpty());
}

TYPED_TEST(HistoryContract, OrderIsByTimeThenRunThenSeqAndGoesOnAfterAnyPlace) {
  std::vector<Tick> ticks{TickOf(1), TickOf(2), TickOf(3)};
  for (Tick& tick : ticks) tick.received_ns = TickOf(0).received_ns + 7;
  this->Put("b", ticks);
  this->Put("a", ticks);
  this->Put("c", {TickOf(1)});
  const std::vector<std::string> all{"c:1", "a:1", "a:2", "a:3", "b:1", "b:2", "b:3"};
  TickRange range{.from_ns = 0, .to_ns = kForever, .limit = 99};
  EXPECT_EQ(this->Names(range), all);
  std::vector<std::string> walked;
  for (range.limit = 2;;) {
    const auto page = this->Ticks(range);
    if (page.empty()) break;
    for (const auto& each : page) {
      walked.push_back(each.instance + ":" + std::to_string(each.tick.seq));
    }
    range.after = page.back().place();
  }
  EXPECT_EQ(walked, all);
}

TYPED_TEST(HistoryContract, TimeWithoutTicksIsPassedOver) {
  const auto after = [this](std::int64_t from_ns) {
    const auto stretch = this->backend_.history().StretchAfter(from_ns);
    EXPECT_TRUE(stretch) << stretch.error().message;
    return stretch ? *stretch : std::nullopt;
  };
  EXPECT_EQ(after(0), std::nullopt);
  constexpr std::int64_t kDay = 86'400'000'000'000;
  std::vector<Tick> ticks{TickOf(1), TickOf(2)};
  ticks[1].received_ns += 10 * kDay;
  this->Put("run1", ticks);
  const auto first = after(0);
  ASSERT_TRUE(first);
  EXPECT_LE(first->from_ns, ticks[0].received_ns);
  EXPECT_GT(first->to_ns, ticks[0].received_ns);
  EXPECT_EQ(after(first->to_ns - 1), first);
  const auto second = after(first->to_ns);
  ASSERT_TRUE(second);
  EXPECT_GT(second->from_ns, first->to_ns) << "days without ticks, though they may have partitions";
  EXPECT_LE(second->from_ns, ticks[1].received_ns);
  EXPECT_GT(second->to_ns, ticks[1].received_ns);
  EXPECT_EQ(after(second->to_ns), std::nullopt);
}

TYPED_TEST(HistoryContract, GapsTouchTheTimeAndComeInOrder) {
  const auto gap = [](std::uint64_t number, std::int64_t from_ns, std::int64_t to_ns) {
    return Gap{.number = number, .from_ns = from_ns, .to_ns = to_ns, .cause = "RESTART"};
  };
  this->Put("a", {}, {gap(1, 10, 20), gap(2, 5, 6), gap(3, 20, 30), gap(4, 15, 15)});
  EXPECT_THAT(this->GapNumbers({.from_ns = 0, .to_ns = kForever, .limit = 9}),
              ElementsAre(2, 1, 4, 3));
  EXPECT_THAT(this->GapNumbers({.from_ns = 20, .to_ns = 21, .limit = 9}), ElementsAre(1, 3));
  EXPECT_THAT(this->GapNumbers({.from_ns = 7, .to_ns = 10, .limit = 9}), IsEmpty());
  EXPECT_THAT(
      this->GapNumbers({.from_ns = 0,
                        .to_ns = kForever,
                        .after = GapRange::Place{.from_ns = 10, .instance = "a", .number = 1},
                        .limit = 1}),
      ElementsAre(4));
}

TYPED_TEST(HistoryContract, AGapIsWhole) {
  const Gap gap{.number = (1ULL << 62U) + 7,
                .from_ns = 5,
                .to_ns = 6,
                .cause = "STORE_REFUSED",
                .ticks = 9,
                .detail = "it's so"};
  this->Put("a", {}, {gap});
  const auto gaps = this->backend_.history().Gaps({.from_ns = 0, .to_ns = kForever, .limit = 9});
  ASSERT_TRUE(gaps);
  EXPECT_THAT(*gaps, ElementsAre(StoredGap{"a", gap}));
}

class PgHistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!postgres_.Make()) GTEST_SKIP() << kNoStores;
  }
  PostgresBackend postgres_;
};

TEST_F(PgHistoryTest, AnotherAccountIsAnother) {
  postgres_.Put("a", {TickOf(1)}, {{.number = 1, .to_ns = 5, .cause = "RESTART"}}, "other");
  const auto ticks = postgres_.history().Ticks({.to_ns = kForever, .limit = 9});
  ASSERT_TRUE(ticks);
  EXPECT_THAT(*ticks, IsEmpty());
  EXPECT_THAT(*postgres_.history().Gaps({.to_ns = kForever, .limit = 9}), IsEmpty());
}

TEST_F(PgHistoryTest, ALostConnectionIsAtWorstOneError) {
  postgres_.Put("a", {TickOf(1)}, {});
  const TickRange all{.to_ns = kForever, .limit = 9};
  ASSERT_TRUE(postgres_.history().Ticks(all));
  postgres_.database().CutConnections();
  int errors = 0;
  for (int i = 0; i < 4; ++i) {
    const auto ticks = postgres_.history().Ticks(all);
    if (ticks) continue;
    EXPECT_EQ(ticks.error().code, Code::kUnavailable);
    ++errors;
  }
  EXPECT_LE(errors, 1) << "one caller alone uses one connection";
}

TEST_F(PgHistoryTest, RowsOfAnotherVersionAreRefused) {
  postgres_.Put("a", {TickOf(1)}, {});
  (void)postgres_.database().Query("UPDATE feed.ticks SET mode = 9");
  const auto ticks = postgres_.history().Ticks({.to_ns = kForever, .limit = 9});
  ASSERT_FALSE(ticks);
  EXPECT_EQ(ticks.error().reason, "DATABASE_ERROR");
}

TEST(PgHistoryDownTest, NoServerIsUnavailable) {
  const storage::PgOptions nowhere{.url = "postgresql://127.0.0.1:1/none"};
  PgSchema schema{nowhere, kMigrations};
  PgHistory history{nowhere, schema, "main"};
  const auto ticks = history.Ticks({.to_ns = kForever, .limit = 9});
  ASSERT_FALSE(ticks);
  EXPECT_EQ(ticks.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace sauda::feed
