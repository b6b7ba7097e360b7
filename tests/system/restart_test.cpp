// Any one process may die while ticks flow; the rest goes on or waits, and all is well again
// without a hand on it.

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/case_name.hpp"
#include "tests/support/stack.hpp"
#include "tests/system/tick_reader.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using feed::v1alpha1::StreamTicksRequest;

constexpr std::size_t kProof = 50;  // ticks that show that it streams

/// A generated market, logged in, synced, three keys ticking.
class RestartTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Many ticks a second, so that their proof is there in an instant.
    stack_ = std::make_unique<Stack>(Stack::Options{.simulator = {"--rate", "200"}});
    stack_->StartAll();
    stack_->LogIn();
    (void)stack_->SyncInstruments();
    const auto asked = stack_->Ask("POST", "/api/v1/market/market-feed/connect",
                                   R"({"symbols":["NSE_INDEX|Nifty 50","INFY"]})");
    ASSERT_EQ(asked.status, 200) << asked.body;
  }
  static void TearDownTestSuite() { stack_.reset(); }

  static StreamTicksRequest Wanted() {
    StreamTicksRequest request;
    request.add_add("NSE_INDEX|Nifty 50");
    request.add_add("NSE_EQ|INE009A01021");
    request.set_policy(feed::v1alpha1::OVERFLOW_POLICY_DROP_OLDEST);
    return request;
  }

  /// A new subscriber gets live ticks, a browser's stream gets events, the store grows.
  static void ExpectStreaming() {
    std::unique_ptr<TickReader> reader;
    const bool ticks = WaitUntil(
        [&] {
          if (!reader || reader->ended()) {
            reader = std::make_unique<TickReader>(stack_->Address("feed"), Wanted());
          }
          return reader->WaitFor(kProof, 1s);
        },
        90s);
    EXPECT_TRUE(ticks) << stack_->Log("feed");
    EXPECT_TRUE(WaitUntil([] { return stack_->Ready(); }, 60s)) << stack_->Get("/readyz").body;
    const auto stored = [] {
      return std::stoll("0" + stack_->postgres().Sql("sauda", "SELECT count(*) FROM feed.ticks"));
    };
    const auto before = stored();
    EXPECT_TRUE(WaitUntil([&] { return stored() > before; }, 60s)) << stack_->Log("feed");
    EXPECT_TRUE(WaitUntil([] { return SseFlows(); }, 60s)) << stack_->Log("gateway");
  }

  static bool SseFlows() {
    const auto read =
        RunCommand({.arguments = {"curl", "-sN", "--max-time", "3",
                                  stack_->GatewayUrl() +
                                      "/api/v1/market/stream?symbols=NSE_INDEX%7CNifty%2050"}});
    std::size_t events = 0;
    for (std::size_t at = 0; (at = read.output.find("event: tick", at)) != std::string::npos;
         ++at) {
      ++events;
    }
    return events > 2;
  }

  static std::unique_ptr<Stack> stack_;
};
std::unique_ptr<Stack> RestartTest::stack_;

TEST_F(RestartTest, StreamsToBeginWith) { ExpectStreaming(); }

class RestartOfTest : public RestartTest, public testing::WithParamInterface<const char*> {};

TEST_P(RestartOfTest, AServiceComesBackByItself) {
  stack_->Kill(GetParam());
  stack_->Start(GetParam());
  ExpectStreaming();
}
INSTANTIATE_TEST_SUITE_P(Services, RestartOfTest,
                         testing::Values("auth", "instruments", "feed", "orders", "gateway", "sim"),
                         [](const auto& each) { return std::string{each.param}; });

TEST_F(RestartTest, PostgresComesBack) {
  TickReader reader{stack_->Address("feed"), Wanted()};
  ASSERT_TRUE(reader.WaitFor(kProof, 30s));
  stack_->postgres().Kill();
  const auto at_the_kill = reader.count();
  EXPECT_TRUE(reader.WaitFor(at_the_kill + kProof, 30s)) << "ticks flow without the database";
  stack_->postgres().Start();
  ExpectStreaming();
}

TEST_F(RestartTest, RedisComesBack) {
  TickReader reader{stack_->Address("feed"), Wanted()};
  ASSERT_TRUE(reader.WaitFor(kProof, 30s));
  stack_->redis().Kill();
  const auto at_the_kill = reader.count();
  EXPECT_TRUE(reader.WaitFor(at_the_kill + kProof, 30s)) << "ticks flow without Redis";
  stack_->redis().Start();
  ExpectStreaming();
}

TEST_F(RestartTest, AFrozenServiceIsNoticedAndComesBack) {
  TickReader before{stack_->Address("feed"), Wanted()};
  ASSERT_TRUE(before.WaitFor(kProof, 30s)) << "the feed knows the keys from now on";
  stack_->Signal("instruments", SIGSTOP);
  stack_->Signal("auth", SIGSTOP);
  TickReader reader{stack_->Address("feed"), Wanted()};
  EXPECT_TRUE(reader.WaitFor(kProof, 30s)) << "known keys need neither";
  stack_->Signal("instruments", SIGCONT);
  stack_->Signal("auth", SIGCONT);
  ExpectStreaming();
}

}  // namespace
}  // namespace sauda::test
