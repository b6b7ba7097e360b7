#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/status.hpp"
#include "services/instruments/src/app.hpp"

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

TEST(InstrumentsConfigTest, TheMasterIsTheBrokersUnlessSaid) {
  Config config;
  config.broker.sim_url = "https://127.0.0.1:7443/";
  EXPECT_EQ(config.MasterUrl(),
            "https://127.0.0.1:7443/market-quote/instruments/exchange/complete.json.gz");
  config.broker.broker = Broker::kUpstox;
  EXPECT_EQ(config.MasterUrl(),
            "https://assets.upstox.com/market-quote/instruments/exchange/complete.json.gz");
  config.master_url = "https://example.com/x";
  EXPECT_EQ(config.MasterUrl(), "https://example.com/x");
}

}  // namespace
}  // namespace sauda::instruments
