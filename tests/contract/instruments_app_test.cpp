#include <cstdlib>
#include <map>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/http/server.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/status.hpp"
#include "services/instruments/src/app.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::instruments {
namespace {

namespace wire = v1alpha1;

/// The whole service over a real PostgreSQL and a real Redis, its master on a file server here.
class InstrumentsOverStoresTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    const char* const redis = std::getenv("SAUDA_TEST_REDIS");
    if (!database_ || redis == nullptr) GTEST_SKIP() << kNoStores;
    files_.Route("GET", "/master", [this](const http::Request&, const http::Respond& respond) {
      http::Response answer;
      answer.shared_body = master_;
      answer.headers.Set("X-Sauda-Simulated", "1");
      respond(std::move(answer));
    });
    for (const auto& [name, text] : broker_files_) {
      files_.Route("GET", "/market-quote/instruments/exchange/" + name,
                   [text = Gzipped(text)](const http::Request&, const http::Respond& respond) {
                     respond(http::Response::Text(200, text));
                   });
    }
    ASSERT_TRUE(files_.Start());
    config_.server.listen = "127.0.0.1:0";
    config_.metrics_listen = "127.0.0.1:0";
    config_.postgres_url = Secret{database_->url()};
    config_.redis_url = Secret{redis};
    config_.master_url = files_.url() + "/master";
    config_.daily_sync_minute = -1;
  }

  void Start() {
    app_ = std::make_unique<App>(config_);
    const auto started = app_->Start();
    ASSERT_TRUE(started) << started.error().message;
    stub_ = wire::InstrumentsService::NewStub(
        *rpc::Connect("127.0.0.1:" + std::to_string(app_->port()), {}));
  }
  /// The status, once there is one.
  std::optional<wire::InstrumentsStatus> Status() {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{10}, "test");
    wire::InstrumentsStatus status;
    if (!stub_->GetStatus(&context, {}, &status).ok()) return std::nullopt;
    return status;
  }
  bool Has(std::int64_t active) {
    return Eventually(
        [&] {
          const auto status = Status();
          return status && status->active() == active;
        },
        std::chrono::seconds{30});
  }

  std::unique_ptr<TestDatabase> database_;
  std::shared_ptr<const std::string> master_ =
      std::make_shared<const std::string>(Gzipped(Array(Shares(50))));
  /// As the broker has them; two of the lists are away.
  const std::map<std::string, std::string> broker_files_{
      {"complete.json.gz", Array(Shares(3))},
      {"MTF.json.gz", Array({ShareJson(1)})},
      {"suspended-instrument.json.gz", Array({ShareJson(900), ShareJson(900)})}};
  http::Server files_{{}};
  Config config_;
  std::unique_ptr<App> app_;
  std::unique_ptr<wire::InstrumentsService::Stub> stub_;
};

TEST_F(InstrumentsOverStoresTest, EmptyMasterIsSyncedAtTheStartWhenAsked) {
  config_.sync_on_start = true;
  Start();
  EXPECT_TRUE(Has(50));
  const auto status = Status();
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->last_sync().simulated());
}

TEST_F(InstrumentsOverStoresTest, TheBrokersListsComeWithItsMasterAndOutliveARestart) {
  config_.master_url.clear();
  config_.broker.broker = Broker::kSimulator;
  config_.broker.sim_url = files_.url();
  config_.sync_on_start = true;
  const auto share = [&] {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{10}, "test");
    wire::GetInstrumentRequest request;
    request.set_name("SHARE100001");
    wire::Instrument found;
    (void)stub_->GetInstrument(&context, request, &found);
    return found;
  };
  Start();
  ASSERT_TRUE(Eventually([&] { return share().mtf(); }, std::chrono::seconds{30}));
  // The report is amended once the lists are read.
  ASSERT_TRUE(Eventually([&] { return Status()->last_sync().lists_size() == 4; }));
  const auto report = Status()->last_sync();
  EXPECT_EQ(report.lists(0).rows(), 1);
  EXPECT_TRUE(report.lists(1).failure().starts_with("SOURCE_DOWN: ")) << report.lists(1).failure();
  EXPECT_EQ(report.lists(3).rows(), 2);
  EXPECT_EQ(report.warnings_size(), 3) << "no F&O contract, and two lists";
  app_.reset();
  config_.sync_on_start = false;
  Start();
  EXPECT_TRUE(Eventually([&] { return share().mtf(); }, std::chrono::seconds{30}));
  grpc::ClientContext context;
  rpc::Prepare(context, std::chrono::seconds{10}, "test");
  wire::ListSuspendedResponse suspended;
  ASSERT_TRUE(stub_->ListSuspended(&context, {}, &suspended).ok());
  EXPECT_EQ(suspended.instruments_size(), 2);
  EXPECT_TRUE(suspended.instruments(0).simulated());
}

TEST_F(InstrumentsOverStoresTest, SyncsOnCallAndHealsAfterTheDatabaseDroppedEveryone) {
  Start();
  ASSERT_TRUE(Has(0));
  const auto sync = [&] {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{30}, "test");
    wire::SyncReport report;
    const auto status = stub_->Sync(&context, {}, &report);
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  };
  // Another test's sync may hold the lock of this Redis.
  ASSERT_TRUE(Eventually([&] { return sync().empty(); }));
  EXPECT_TRUE(Has(50));
  database_->CutConnections();
  EXPECT_TRUE(Has(50));
  EXPECT_TRUE(Eventually([&] { return sync().empty(); }));
}

}  // namespace
}  // namespace sauda::instruments
