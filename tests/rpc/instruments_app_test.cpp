#include <atomic>
#include <chrono>
#include <optional>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/status.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/app.hpp"
#include "services/instruments/src/sync_scheduler.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_instrument_store.hpp"

namespace sauda::instruments {
namespace {

/// Settings of a service whose database, Redis and broker are all away.
Config Alone() {
  Config config;
  config.server.listen = "127.0.0.1:0";
  config.metrics_listen = "127.0.0.1:0";
  config.postgres_url = Secret{"postgresql://sauda:canary@127.0.0.1:1/none"};
  config.redis_url = Secret{"redis://:canary@127.0.0.1:1/0"};
  config.broker.sim_url = "https://127.0.0.1:1";
  return config;
}

TEST(InstrumentsAppTest, ServesAndSaysWhatIsAwayWithNothingThere) {
  App app{Alone()};
  const auto started = app.Start();
  ASSERT_TRUE(started) << started.error().message;
  const auto stub = v1alpha1::InstrumentsService::NewStub(
      *rpc::Connect("127.0.0.1:" + std::to_string(app.port()), {}));
  const auto reason_of = [](const grpc::Status& status) {
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  };
  {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{10}, "test");
    v1alpha1::InstrumentsStatus answer;
    EXPECT_EQ(reason_of(stub->GetStatus(&context, {}, &answer)), "DATABASE_DOWN");
  }
  {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{10}, "test");
    v1alpha1::SyncReport answer;
    EXPECT_EQ(reason_of(stub->Sync(&context, {}, &answer)), "LOCK_DOWN");
  }
  app.Stop();
}

TEST(InstrumentsAppTest, RefusesToStartWithoutAddressesOfItsStores) {
  Config config = Alone();
  config.redis_url.reset();
  App app{config};
  const auto started = app.Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "SETTINGS_INVALID");
}

TEST(InstrumentsAppTest, RefusesAWrongAddressOfTheMaster) {
  Config config = Alone();
  config.master_url = "ftp:nowhere";
  App app{config};
  const auto started = app.Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "SETTINGS_INVALID");
}

/// Counts the syncs it is asked for.
class CountingSyncs final : public SyncRunner {
 public:
  Result<SyncReport> Run(const SyncOrder&) override {
    ++runs;
    return SyncReport{};
  }
  bool running() const override { return false; }
  SyncProgress progress() const override { return {}; }
  std::atomic<int> runs = 0;
};

/// A store, empty or synced once, at 2025-12-15 09:30 IST, and a scheduler that the test starts.
class SyncSchedulerTest : public testing::Test {
 protected:
  SyncSchedulerTest() { market_.Observe(market_.NowMs()); }
  void SyncOnce() {
    source_.text = Array(Shares(1));
    MasterSync sync{{source_, lock_, store_, clock_, market_,
                     [] { return std::make_unique<SimdjsonRecordParser>(); }},
                    {}};
    ASSERT_TRUE(sync.Run({}));
  }
  /// Lets `by` pass, then starts the scheduler and waits until it has looked at the store.
  void StartAfter(std::chrono::hours by) {
    clock_.Advance(by);
    scheduler_.emplace(SyncScheduler::Parts{syncs_, store_, clock_, market_},
                       SyncScheduler::Options{});
  }
  /// Time passes until there were so many syncs.
  bool Syncs(int runs) {
    return Eventually([&] {
      clock_.Advance(std::chrono::milliseconds{10});
      return syncs_.runs == runs;
    });
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  TextSource source_;
  LocalLock lock_;
  MemoryInstrumentStore store_;
  CountingSyncs syncs_;
  std::optional<SyncScheduler> scheduler_;
};

TEST_F(SyncSchedulerTest, MakesUpForAMissedMorning) {
  SyncOnce();
  StartAfter(std::chrono::hours{21});  // 06:30 the day after
  EXPECT_TRUE(Syncs(1));
  clock_.Advance(std::chrono::hours{24});
  EXPECT_TRUE(Syncs(2)) << "and goes on every morning";
}

TEST_F(SyncSchedulerTest, HasNothingToMakeUpForBeforeTheMorning) {
  SyncOnce();
  StartAfter(std::chrono::hours{20});  // 05:30 the day after
  ASSERT_TRUE(Eventually([&] { return store_.status_reads() > 0; }));
  clock_.Advance(std::chrono::hours{1});
  EXPECT_TRUE(Syncs(1)) << "that of the morning, and no other";
}

TEST(InstrumentsConfigTest, TheMasterIsTheBrokersUnlessSaid) {
  Config config;
  config.broker.sim_url = "https://127.0.0.1:7443/";
  const auto urls = [&](const std::string& folder) {
    return folder + "complete.json.gz," + folder + "NSE.json.gz+" + folder + "BSE.json.gz+" +
           folder + "MCX.json.gz";
  };
  const std::string path = "/market-quote/instruments/exchange/";
  EXPECT_EQ(config.MasterUrls(), urls("https://127.0.0.1:7443" + path));
  config.broker.broker = Broker::kUpstox;
  EXPECT_EQ(config.MasterUrls(), urls("https://assets.upstox.com" + path));
  ASSERT_EQ(config.ListUrls().size(), kLists.size());
  EXPECT_EQ(config.ListUrls()[IndexOf(ListKind::kMtf)],
            "https://assets.upstox.com" + path + "MTF.json.gz");
  EXPECT_EQ(config.ListUrls()[IndexOf(ListKind::kSuspended)],
            "https://assets.upstox.com" + path + "suspended-instrument.json.gz");
  config.master_url = "https://example.com/x";
  EXPECT_TRUE(config.ListUrls().empty()) << "nobody knows where they would be";
  EXPECT_EQ(config.MasterUrls(), "https://example.com/x");
}

}  // namespace
}  // namespace sauda::instruments
