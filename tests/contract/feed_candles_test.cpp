// Candles over real files and PostgreSQL: what a restart in the middle of a minute leaves, and what
// is read back.
#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/journal/names.hpp"
#include "services/feed/src/adapters/file_journal.hpp"
#include "services/feed/src/adapters/file_journal_reader.hpp"
#include "services/feed/src/adapters/pg_candle_store.hpp"
#include "services/feed/src/adapters/pg_history.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/ingest.hpp"
#include "services/feed/src/migrations.hpp"
#include "services/feed/src/store_follower.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/process.hpp"
#include "tests/support/random_trades.hpp"
#include "tests/support/test_database.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

/// A morning of frames, one tick each, each with all that there is: a new run knows nothing of the
/// frames before it.
std::vector<std::pair<std::string, std::int64_t>> Frames(std::uint32_t seed, int count) {
  RandomTrades trades{seed};
  std::vector<std::pair<std::string, std::int64_t>> frames;
  std::map<std::string, std::int64_t> volumes;
  for (int i = 0; i < count; ++i) {
    const Tick tick = trades.Next();
    std::int64_t& volume = volumes[tick.listing->key];
    volume = tick.totals.volume > 0 ? tick.totals.volume : std::max<std::int64_t>(volume, 1);
    wire::FeedResponse frame;
    frame.set_type(wire::live_feed);
    frame.set_currentts(tick.broker_ms);
    wire::Feed& entry = (*frame.mutable_feeds())[tick.listing->key];
    wire::MarketFullFeed& market = *entry.mutable_fullfeed()->mutable_marketff();
    market.mutable_ltpc()->set_ltp(tick.last->price);
    market.mutable_ltpc()->set_ltt(tick.last->time_ms);
    market.mutable_ltpc()->set_ltq(tick.last->quantity);
    market.set_vtt(volume);
    market.set_oi(tick.totals.open_interest + 1);
    entry.set_requestmode(wire::full_d5);
    frames.emplace_back(frame.SerializeAsString(), tick.received_ns);
  }
  return frames;
}

/// The database and the journal of one history of runs.
class Machine {
 public:
  bool Make() {
    database_ = TestDatabase::Make();
    if (!database_) return false;
    schema_ = std::make_unique<PgSchema>(database_->options(), kMigrations);
    for (std::size_t i = 0; i < RandomTrades::kInstruments; ++i) {
      const auto id = listings_.Add({.key = "NSE_FO|" + std::to_string(i), .instrument_id = 7});
      listings_.counts(id).wanted = true;
    }
    return true;
  }

  /// One run of the feed that gets these frames, after a gap. It is stored while it runs; the
  /// process dies at the end of it, or ends as it should.
  void Run(const std::string& instance,
           std::span<const std::pair<std::string, std::int64_t>> frames, bool killed,
           std::chrono::milliseconds checkpoint_every) {
    auto journal = FileJournal::Start({.root = folder_.path(),
                                       .instance = instance,
                                       .account = "main",
                                       .limits = {.segment_bytes = 20'000}},
                                      clock_, {});
    ASSERT_TRUE(journal) << journal.error().message;
    FileJournalReader reader{{.directory = journal::AccountDirectory(folder_.path(), "main")},
                             clock_};
    PgTickStore ticks{database_->options(), *schema_, "main"};
    PgCandleStore candles{database_->options(), *schema_, "main"};
    CandleKeeper keeper{
        candles,
        {.checkpoint_every = checkpoint_every},
        {.on_written = [](std::size_t) {},
         .on_failure = [](const Error& why,
                          std::size_t) { ADD_FAILURE() << why.reason << " " << why.message; }}};
    UpstoxDecoder decoder;
    StoreFollower follower{
        ticks,
        reader,
        decoder,
        {.instance = instance, .batch_ticks = 256, .linger = 0ms},
        {.on_written = [](std::span<const Tick>) {},
         .on_failure = [](const Error& why) { ADD_FAILURE() << why.message; },
         .on_gap = [](const std::string&, const Gap&) {},
         .on_journal_failure = [](const Error& why) { ADD_FAILURE() << why.message; }},
        &keeper};
    Feed(**journal, frames);
    (*journal)->Stop();
    EXPECT_TRUE(follower.Stop(killed ? 0ms : 60s) || killed);
  }

  /// What is stored, a line each.
  std::vector<std::string> Bars() {
    std::vector<std::string> bars;
    for (const auto& row : database_->Query(
             "SELECT concat_ws('|', instrument_key, start_ms, open, high, low, close, volume,"
             " edge_volume, open_interest, trades, revised, partial, estimated, gap, simulated)"
             " FROM feed.candles ORDER BY instrument_key, start_ms")) {
      bars.push_back(*row[0]);
    }
    return bars;
  }
  TestDatabase& database() { return *database_; }
  PgSchema& schema() { return *schema_; }

 private:
  void Feed(FrameJournal& journal, std::span<const std::pair<std::string, std::int64_t>> frames) {
    UpstoxDecoder decoder;
    KeepingEncoder encoder;
    HandOver hand_over;
    Ingest ingest{
        decoder,
        encoder,
        listings_,
        hand_over,
        journal,
        {.publish = [](std::span<const Update>) { return true; },
         .on_broker_time = [](const Ingest::Times&) {},
         .on_market_status = [](const SegmentStatus&) {},
         .on_bad_frame = [](const Error& why, std::size_t) { ADD_FAILURE() << why.message; }}};
    for (const auto& [bytes, received_ns] : frames) {
      ingest.OnFrame({.bytes = bytes,
                      .received_ns = received_ns,
                      .received_at = Monotonic{std::chrono::nanoseconds{received_ns}}});
    }
  }

  const test::TempFolder folder_;
  SystemClock clock_;
  Listings listings_;
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<PgSchema> schema_;
};

struct RestartCase {
  std::string name;
  bool killed;
  std::chrono::milliseconds checkpoint_every;
};

class CandlesOverRestartsTest : public testing::TestWithParam<RestartCase> {};

TEST_P(CandlesOverRestartsTest, TheStoredBarsAreThoseOfNoRestart) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  Machine straight;
  Machine restarted;
  if (!straight.Make() || !restarted.Make()) GTEST_SKIP() << kNoStores;
  const auto frames = Frames(seed, 600);
  straight.Run("only", frames, false, 1h);
  std::mt19937 random{seed};
  std::size_t at = 0;
  for (char run = 'a'; at < frames.size(); ++run) {
    const std::size_t count = std::min<std::size_t>(100 + random() % 150, frames.size() - at);
    const bool last = at + count == frames.size();
    restarted.Run({run}, std::span{frames}.subspan(at, count), GetParam().killed && !last,
                  GetParam().checkpoint_every);
    at += count;
  }
  EXPECT_EQ(restarted.Bars(), straight.Bars());
  EXPECT_GT(straight.Bars().size(), 15U);
}

INSTANTIATE_TEST_SUITE_P(Ends, CandlesOverRestartsTest,
                         testing::Values(RestartCase{"AsItShould", false, 1h},
                                         RestartCase{"KilledWithCheckpoints", true, 0ms},
                                         RestartCase{"KilledWithoutAny", true, 1h}),
                         CaseName{});

class PgCandleStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!machine_.Make()) GTEST_SKIP() << kNoStores;
    store_ =
        std::make_unique<PgCandleStore>(machine_.database().options(), machine_.schema(), "main");
    history_ =
        std::make_unique<PgHistory>(machine_.database().options(), machine_.schema(), "main");
  }
  Machine machine_;
  std::unique_ptr<PgCandleStore> store_;
  std::unique_ptr<PgHistory> history_;
};

TEST_F(PgCandleStoreTest, EveryFieldComesBackAndALaterBarTakesTheEarliersPlace) {
  const Candle first{.start_ms = 60'000,
                     .open = 1.05,
                     .high = 1.1,
                     .low = 0.1 + 0.2,
                     .close = 1e-300,
                     .volume = 1LL << 60U,
                     .edge_volume = 7,
                     .open_interest = 8.5,
                     .trades = 4'000'000'000,
                     .revised = 9,
                     .complete = true,
                     .partial = true,
                     .gap = true};
  Candle second = first;
  second.partial = second.gap = false;
  second.estimated = second.simulated = true;
  Candle later = second;
  later.start_ms = 120'000;
  ASSERT_TRUE(store_->Append(std::vector<StoredCandle>{{"A", first}, {"B", first}}, nullptr));
  EXPECT_EQ(history_->Minutes({"A", 0, kForever, 9})->at(0), first);
  ASSERT_TRUE(store_->Append(std::vector<StoredCandle>{{"A", second}, {"A", later}}, nullptr));
  EXPECT_EQ(*history_->Minutes({"A", 0, kForever, 9}), (std::vector{second, later}));
  EXPECT_EQ(history_->Minutes({"A", 0, 120'000, 9})->size(), 1U);
  EXPECT_EQ(history_->Minutes({"A", 0, kForever, 1})->size(), 1U);
  EXPECT_EQ(*history_->Minutes({"B", 0, kForever, 9}), std::vector{first});
}

TEST_F(PgCandleStoreTest, TheCheckpointIsTheLastOneWithItsBytes) {
  EXPECT_FALSE(*store_->Load());
  std::string state;
  for (int i = 0; i < 70'000; ++i) state += static_cast<char>(i * 7);
  CandleCheckpoint checkpoint{.instance = "a", .seq = 5, .segment = 6, .state = state};
  ASSERT_TRUE(store_->Append({}, &checkpoint));
  EXPECT_EQ(**store_->Load(), checkpoint);
  checkpoint = {.instance = "b", .seq = 1, .segment = 0, .state = ""};
  ASSERT_TRUE(store_->Append({}, &checkpoint));
  ASSERT_TRUE(store_->Append({}, nullptr));
  EXPECT_EQ(**store_->Load(), checkpoint);
}

}  // namespace
}  // namespace sauda::feed
