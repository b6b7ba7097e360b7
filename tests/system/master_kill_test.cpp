// The instruments service is killed at random points of syncs. What the database holds afterwards
// is the old master or the new one, never a mixture.

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "libs/http/server.hpp"
#include "libs/storage/redis.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/private_stores.hpp"
#include "tests/support/rpc_call.hpp"
#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
namespace pb = instruments::v1alpha1;

constexpr int kRecords = 60'000;
constexpr int kOthers = 6'000;  // in one master and not in the other, each way

int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

/// Two masters of a size: of every instrument that both have the lot differs.
std::string MasterOf(bool second) {
  std::vector<std::string> records;
  const int from = second ? kOthers : 0;
  for (int i = from; i < from + kRecords; ++i) {
    records.push_back(instruments::ShareJson(i, second ? 2 : 1));
  }
  return instruments::Gzipped(instruments::Array(records));
}

class MasterKillTest : public testing::Test {
 protected:
  void SetUp() override {
    seed_ = static_cast<std::uint32_t>(FromEnvironment(
        "SAUDA_TEST_SEED",
        static_cast<int>(std::chrono::system_clock::now().time_since_epoch().count() % 1'000'000)));
    std::cout << "seed " << seed_ << " (SAUDA_TEST_SEED)\n";
    (void)postgres_.Sql("postgres", "CREATE DATABASE sauda");
    files_.Route("GET", "/master", [this](const http::Request&, const http::Respond& respond) {
      http::Response answer;
      answer.shared_body = serves_second_ ? second_ : first_;
      respond(std::move(answer));
    });
    ASSERT_TRUE(files_.Start());
  }

  void Start() {
    port_ = FreePort();
    process_ = std::make_unique<Process>(Process::Command{
        .arguments = {Stack::Program("sauda-instruments"), "--listen",
                      "127.0.0.1:" + std::to_string(port_), "--metrics-listen",
                      "127.0.0.1:" + std::to_string(FreePort()), "--daily-sync-minute", "-1",
                      "--master-url", files_.url() + "/master"},
        .environment = {{"SAUDA_BROKER", "sim"},
                        {"SAUDA_POSTGRES_URL", postgres_.Url("sauda")},
                        {"SAUDA_REDIS_URL", redis_.Url()}},
        .output_file = folder_.path() + "/log"});
    stub_ =
        pb::InstrumentsService::NewStub(*rpc::Connect("127.0.0.1:" + std::to_string(port_), {}));
    ASSERT_TRUE(WaitUntil([&] {
      return CallOf(*stub_, &pb::InstrumentsService::Stub::GetStatus, pb::GetStatusRequest{})
          .has_value();
    })) << ReadText(folder_.path() + "/log");
  }

  Result<pb::SyncReport> Sync() {
    grpc::ClientContext context;
    rpc::Prepare(context, 60s, "test");
    pb::SyncReport report;
    const auto status = stub_->Sync(&context, {}, &report);
    if (!status.ok()) return rpc::FromStatus(status);
    return report;
  }

  /// A dead holder's lock lives on for half an hour; here its life is over at once.
  void ForgetLock() {
    storage::Redis redis{{.url = Secret{redis_.Url()}}};
    ASSERT_TRUE(redis.Delete("sauda:instruments:sync"));
  }

  /// `first`, `second`, or what it is instead.
  std::string Held() {
    const std::string held = postgres_.Sql(
        "sauda",
        "SELECT count(*), min(lot_size), max(lot_size), min(instrument_key), max(instrument_key) "
        "FROM instruments.instruments WHERE is_active");
    const auto expected = [](bool second) {
      const int from = second ? kOthers : 0;
      const std::string lot = second ? "2" : "1";
      const auto key = [](int number) {
        return "NSE_EQ|INE" + std::to_string(100'000 + number) + "018";
      };
      return std::to_string(kRecords) + "|" + lot + "|" + lot + "|" + key(from) + "|" +
             key(from + kRecords - 1);
    };
    for (const bool second : {false, true}) {
      if (held == expected(second)) return second ? "second" : "first";
    }
    return held;
  }

  const TempFolder folder_;
  PrivatePostgres postgres_{folder_.path()};
  PrivateRedis redis_{folder_.path()};
  const std::shared_ptr<const std::string> first_ =
      std::make_shared<const std::string>(MasterOf(false));
  const std::shared_ptr<const std::string> second_ =
      std::make_shared<const std::string>(MasterOf(true));
  std::atomic<bool> serves_second_ = false;
  http::Server files_{{}};
  int port_ = 0;
  std::unique_ptr<Process> process_;
  std::unique_ptr<pb::InstrumentsService::Stub> stub_;
  std::uint32_t seed_ = 0;
};

TEST_F(MasterKillTest, LeavesTheOldMasterOrTheNew) {
  Start();
  auto synced = Sync();
  ASSERT_TRUE(synced) << synced.error().message;
  ASSERT_EQ(Held(), "first");
  serves_second_ = true;
  const auto began = std::chrono::steady_clock::now();
  synced = Sync();
  ASSERT_TRUE(synced) << synced.error().message;
  const auto whole = std::chrono::steady_clock::now() - began;
  ASSERT_EQ(Held(), "second");

  std::mt19937 random{seed_};
  const int kills = FromEnvironment("SAUDA_TEST_MASTER_KILLS", 5);
  int committed = 0;
  for (int round = 0; round < kills; ++round) {
    const std::string before = Held();
    serves_second_ = before == "first";
    std::thread caller{[&] { (void)Sync(); }};  // it is cut off, or just done
    // Random instants of a sync, a little past its end included: that is the point of the test.
    std::this_thread::sleep_for(whole * std::uniform_int_distribution{0, 1'050}(random) / 1'000);
    process_->Signal(SIGKILL);
    process_->Wait();
    caller.join();
    // What its backend had been told to commit may still be on its way.
    ASSERT_TRUE(WaitUntil([&] {
      return postgres_.Sql("sauda",
                           "SELECT count(*) FROM pg_stat_activity WHERE datname = 'sauda' "
                           "AND pid <> pg_backend_pid()") == "0";
    }));
    const std::string after = Held();
    ASSERT_TRUE(after == "first" || after == "second") << "a mixture: " << after;
    committed += after != before ? 1 : 0;
    ForgetLock();
    Start();
  }
  std::cout << kills << " kills, " << committed << " after the commit\n";
  serves_second_ = Held() == "first";
  const std::string wanted = serves_second_ ? "second" : "first";
  synced = Sync();
  ASSERT_TRUE(synced) << synced.error().message;
  EXPECT_EQ(Held(), wanted) << "and the next sync goes through";
}

}  // namespace
}  // namespace sauda::test
