#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "libs/storage/pg_pool.hpp"
#include "libs/storage/redis.hpp"
#include "services/instruments/src/adapters/folder_master_source.hpp"
#include "services/instruments/src/adapters/pg_instrument_store.hpp"
#include "services/instruments/src/adapters/redis_sync_lock.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/lookup.hpp"
#include "services/instruments/src/core/master_sync.hpp"
#include "services/instruments/src/migrations.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::instruments {
namespace {

/// Whole syncs over a real PostgreSQL and a real Redis.
class SyncOverStoresTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    const char* const redis = std::getenv("SAUDA_TEST_REDIS");
    if (!database_ || redis == nullptr) GTEST_SKIP() << kNoStores;
    pool_ = std::make_unique<storage::PgPool>(database_->options());
    store_ = std::make_unique<PgInstrumentStore>(
        *pool_,
        PgInstrumentStore::Settings{.database = database_->options(), .migrations = kMigrations});
    const auto prepared = store_->Prepare();
    ASSERT_TRUE(prepared) << prepared.error().message;
    redis_ = std::make_unique<storage::Redis>(storage::RedisOptions{.url = Secret{redis}});
    const std::string_view forget[] = {"DEL", "sauda:instruments:sync"};
    ASSERT_TRUE(redis_->Command(forget));
    lock_ = std::make_unique<RedisSyncLock>(*redis_);
  }

  MasterSync Sync(MasterSource& source) {
    return MasterSync{{source, *lock_, *store_, clock_, market_,
                       [] { return std::make_unique<SimdjsonRecordParser>(); }},
                      {}};
  }

  /// Rows written by syncs that are over, as PostgreSQL counts them.
  std::string WrittenRows() {
    return *database_->Query(
        "SELECT coalesce(sum(version), 0), count(*) FROM "
        "instruments.instruments")[0][0];
  }

  SystemClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<storage::PgPool> pool_;
  std::unique_ptr<PgInstrumentStore> store_;
  std::unique_ptr<storage::Redis> redis_;
  std::unique_ptr<RedisSyncLock> lock_;
};

TEST_F(SyncOverStoresTest, SecondSyncOfTheSameFileWritesNothing) {
  TextSource source;
  source.text = Gzipped(Array(Shares(3'000)));
  auto sync = Sync(source);
  const auto first = sync.Run({});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->inserted, 3'000);
  const auto written = WrittenRows();
  const auto second = sync.Run({});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->inserted + second->updated + second->deactivated, 0);
  EXPECT_EQ(second->unchanged, 3'000);
  EXPECT_EQ(WrittenRows(), written);
}

TEST_F(SyncOverStoresTest, BadFileChangesNothing) {
  TextSource source;
  source.text = Array(Shares(2'000));
  auto sync = Sync(source);
  ASSERT_TRUE(sync.Run({}));
  std::vector<std::string> changed;
  for (int i = 0; i < 2'000; ++i) changed.push_back(ShareJson(i, 25));
  source.text = Array(changed);
  source.text.pop_back();
  const auto refused = sync.Run({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "MASTER_TRUNCATED");
  EXPECT_EQ(store_->FindByKeys({"NSE_EQ|INE100007018"})->front().version, 1);
  EXPECT_EQ(store_->Status()->active, 2'000);
  EXPECT_TRUE(store_->Status()->last_failure.starts_with("MASTER_TRUNCATED"));
}

TEST_F(SyncOverStoresTest, OneAtATimeOverAllInstances) {
  TextSource source;
  source.text = Array(Shares(10));
  auto sync = Sync(source);
  RedisSyncLock other{*redis_};
  auto held = other.Acquire();
  ASSERT_TRUE(held) << held.error().message;
  const auto refused = sync.Run({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "SYNC_RUNNING");
  EXPECT_NE(refused.error().message.find("process " + std::to_string(getpid())), std::string::npos)
      << "it says who: " << refused.error().message;
  held->reset();
  EXPECT_TRUE(sync.Run({}));
}

TEST_F(SyncOverStoresTest, LockTakenAwayRefusesTheCommit) {
  TextSource source;
  source.text = Array(Shares(10));
  source.between = [&] {
    const std::string_view steal[] = {"SET", "sauda:instruments:sync", "somebody else"};
    ASSERT_TRUE(redis_->Command(steal));
  };
  auto sync = Sync(source);
  const auto refused = sync.Run({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "LOCK_LOST");
  EXPECT_EQ(store_->Status()->total, 0);
}

TEST_F(SyncOverStoresTest, AHolderThatDiesIsTakenOver) {
  const std::string_view dead[] = {"SET", "sauda:instruments:sync", "1 process 1 of host gone",
                                   "PX", "500"};
  ASSERT_TRUE(redis_->Command(dead));
  TextSource source;
  source.text = Array(Shares(10));
  auto sync = Sync(source);
  const auto refused = sync.Run({});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("process 1 of host gone"), std::string::npos);
  EXPECT_TRUE(Eventually([&] { return sync.Run({}).has_value(); }));
}

TEST_F(SyncOverStoresTest, AHolderWhoseRedisCameBackEmptyCannotCommit) {
  TextSource other_source;
  other_source.text = Array(Shares(20));
  TextSource source;
  source.text = Array(Shares(10));
  bool once = true;
  source.between = [&] {
    if (!std::exchange(once, false)) return;
    const std::string_view gone[] = {"DEL", "sauda:instruments:sync"};
    ASSERT_TRUE(redis_->Command(gone));
    const auto committed = Sync(other_source).Run({});
    ASSERT_TRUE(committed) << committed.error().message;
  };
  const auto refused = Sync(source).Run({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "LOCK_LOST");
  EXPECT_EQ(store_->Status()->total, 20) << "the other's master stays";
}

TEST_F(SyncOverStoresTest, AHolderThatStoodStillIsFencedWhateverItsLockSays) {
  TextSource other_source;
  other_source.text =
      Array(Shares(20, 1'000));  // rows of the same keys would be in the way already
  TextSource source;
  source.text = Array(Shares(10));
  bool once = true;
  source.between = [&] {
    if (!std::exchange(once, false)) return;
    const auto committed = Sync(other_source).Run({});
    ASSERT_TRUE(committed) << committed.error().message;
  };
  LocalLock trusting;  // says to the end that it is held
  MasterSync stalled{{source, trusting, *store_, clock_, market_,
                      [] { return std::make_unique<SimdjsonRecordParser>(); }},
                     {}};
  const auto refused = stalled.Run({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "LOCK_LOST");
  EXPECT_EQ(store_->Status()->total, 20);
}

TEST_F(SyncOverStoresTest, NoRedisIsSaid) {
  storage::Redis nowhere{{.url = Secret{"redis://127.0.0.1:1/0"}}};
  RedisSyncLock lock{nowhere};
  const auto refused = lock.Acquire();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "LOCK_DOWN");
}

/// A folder that goes away with the test.
class Folder {
 public:
  Folder() : path_{std::filesystem::temp_directory_path() / ("sauda_" + std::to_string(getpid()))} {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path() const { return path_.string(); }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
  }

 private:
  const std::filesystem::path path_;
};

TEST(FolderMasterSourceTest, GivesFilesByPlainNameOnly) {
  const Folder folder;
  folder.Write("master.json", "[]");
  std::filesystem::create_symlink("/etc/passwd", folder.path() + "/link");
  std::filesystem::create_directory(folder.path() + "/sub");
  const SystemClock clock;
  MarketClock market{clock, MarketClock::Source::kBroker};
  market.Observe(1'766'000'000'000);
  FolderMasterSource source{folder.path(), true, market};
  std::string text;
  const auto keep = [&](const MasterChunk& chunk) -> Result<void> {
    EXPECT_TRUE(chunk.simulated);
    text += chunk.bytes;
    return {};
  };
  ASSERT_TRUE(source.Read({.file = "master.json"}, keep));
  EXPECT_EQ(text, "[]");
  for (const char* name : {"../etc/passwd", "/etc/passwd", "sub/x", "..", ".", "link", "sub",
                           "none", "master.json\n"}) {
    const auto refused = source.Read({.file = name}, keep);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().reason, "SOURCE_UNKNOWN") << name;
  }
  FolderMasterSource none{"", true, market};
  EXPECT_EQ(none.Read({.file = "master.json"}, keep).error().reason, "SOURCE_UNKNOWN");
}

TEST(FolderMasterSourceTest, WaitsForTheSimulatorsTime) {
  const Folder folder;
  folder.Write("master.json", "[]");
  const SystemClock clock;
  MarketClock market{clock, MarketClock::Source::kBroker};
  FolderMasterSource source{folder.path(), true, market};
  const auto keep = [](const MasterChunk&) -> Result<void> { return {}; };
  const auto refused = source.Read({.file = "master.json"}, keep);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "CLOCK_UNKNOWN");
  EXPECT_EQ(source.Read({.file = "none"}, keep).error().reason, "SOURCE_UNKNOWN");
  market.Observe(1'766'000'000'000);
  EXPECT_TRUE(source.Read({.file = "master.json"}, keep));
  const MarketClock wall{clock, MarketClock::Source::kWall};
  FolderMasterSource real{folder.path(), false, wall};
  EXPECT_TRUE(real.Read({.file = "master.json"}, keep)) << "the wall clock needs no telling";
}

constexpr auto kRealMaster = "upstox_complete_2025-11-24.json.gz";

/// Folder of the real masters; empty when it is not there.
std::string RealFolder() {
  const char* const data = std::getenv("SAUDA_REAL_DATA");
  const std::string folder =
      std::string{data != nullptr ? data : SAUDA_REAL_DATA_DEFAULT} + "/instruments";
  return std::filesystem::exists(folder + "/" + kRealMaster) ? folder : "";
}

TEST_F(SyncOverStoresTest, TheRealMaster) {
  const std::string folder = RealFolder();
  if (folder.empty()) GTEST_SKIP() << "no real data (SAUDA_REAL_DATA)";
  FolderMasterSource source{folder, false, market_};
  auto sync = Sync(source);
  const auto first = sync.Run({.file = kRealMaster});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->inserted, 126'978);
  const std::map<std::string, std::int64_t> expected{
      {"NSE_EQ", 8'488},   {"NSE_INDEX", 134}, {"NSE_FO", 38'752}, {"NCD_FO", 8'754},
      {"NSE_COM", 18'866}, {"BSE_EQ", 12'689}, {"BSE_INDEX", 70},  {"BSE_FO", 4'843},
      {"BCD_FO", 9'168},   {"MCX_FO", 25'214}};
  std::map<std::string, std::int64_t> counted;
  for (std::size_t i = 0; i < kSegments.size(); ++i) {
    if (first->segments[i] > 0) counted[std::string{kSegments[i].name}] = first->segments[i];
  }
  EXPECT_EQ(counted, expected);
  const auto second = sync.Run({.file = kRealMaster});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->inserted + second->updated + second->deactivated, 0);
  EXPECT_EQ(second->unchanged, 126'978);
  std::cout << "first " << first->duration_ms << " ms, second " << second->duration_ms << " ms\n";

  CatalogKeeper catalogs{*store_};
  const auto read = catalogs.Refresh();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(catalogs.Current()->catalog.size(), 126'978U);
  const Lookup lookup{catalogs, *store_};
  const auto found = lookup.Get("NIFTY");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->instrument.key, "NSE_INDEX|Nifty 50");
  std::vector<std::string> names;
  for (const auto& row : database_->Query(
           "SELECT instrument_key FROM instruments.instruments ORDER BY digest LIMIT 5000")) {
    names.push_back(*row[0]);
  }
  const auto before = std::chrono::steady_clock::now();
  const auto batch = lookup.BatchGet(names);
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->found.size(), 5'000U);
  std::cout << "5000 by key in "
            << std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::steady_clock::now() - before)
                   .count()
            << " ms\n";
}

}  // namespace
}  // namespace sauda::instruments
