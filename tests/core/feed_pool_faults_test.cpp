// Several connections: what does not open or does not end holds up nothing else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/feed_pool.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::Not;

OpenOutcome Busy(std::chrono::milliseconds retry_after = 0ms) {
  return {.failure = Error{Code::kResourceExhausted, "RATE_LIMITED", "429"},
          .retry_after = retry_after};
}

/// What a test looks for in what a broker was asked.
auto AsksFor(const std::string& key) {
  return Contains(Field(&SubscriptionRequest::keys, ElementsAre(key)));
}

class PoolFaultsTest : public PoolTest {
 protected:
  void TearDown() override { connector_.reset(); }  // before its brokers

  ScriptedBroker third_;
};

TEST_F(PoolFaultsTest, ANewConnectionThatKeepsFailingIsGivenUpUntilTheNextToken) {
  Begin(1);
  first_.Frame(1, "s a5");
  for (int i = 0; i < 3; ++i) second_.FailNext(Busy(200ms));
  connector_->SetToken(TokenOf(2), "");
  ASSERT_TRUE(Eventually([&] { return second_.attempts() == 3; }));
  EXPECT_FALSE(Eventually([&] { return second_.attempts() > 3; }, 400ms)) << "it is tried later";
  connector_->SetToken(TokenOf(3), "");
  ASSERT_TRUE(Eventually([&] { return second_.opens() == 1; })) << "at once";
  EXPECT_EQ(second_.last_version(), 3U);
  second_.Frame(2, "s a5");
  EXPECT_TRUE(Eventually([&] { return first_.closes() == 1; }));
}

TEST_F(PoolFaultsTest, KeysMoveWhileATokenCannotBeFollowed) {
  Make({first_, second_, third_});
  (void)Want(50, Mode::kFullD30);
  const auto mover = Want(1, Mode::kLtpc);
  (void)Want(1, Mode::kFullD30);
  ASSERT_TRUE(Eventually([&] { return second_.sent().size() == 1; }));
  for (int i = 0; i < 30'000; ++i) third_.FailNext(Busy());
  connector_->SetToken(TokenOf(2), "");
  ASSERT_TRUE(Eventually([&] { return third_.attempts() > 0; }));
  ASSERT_TRUE(connector_->Want(mover, Mode::kFullD30, false));
  EXPECT_TRUE(Eventually([&] { return second_.sent().size() == 2; }, 3s));
  EXPECT_THAT(second_.sent(), AsksFor(KeyOf(50)));
}

TEST_F(PoolFaultsTest, NoKeyMovesWhileAConnectionIsRenewed) {
  Make({first_, second_}, {.pace = {.batch_gap = 1ms}, .hand_over_limit = 1h, .gap_patience = 1h});
  (void)Want(51, Mode::kFullD30);
  ASSERT_TRUE(Eventually([&] { return first_.sent().size() == 1 && second_.sent().size() == 1; }));
  const std::string mover = KeyOf(50);
  second_.Frame(1, "s " + mover + "5");
  connector_->SetToken(TokenOf(2), "");
  ASSERT_TRUE(Eventually([&] { return first_.opens() == 2 && first_.sent().size() == 2; }));
  EXPECT_EQ(connector_->Drop(std::span{ids_}.first(1)).size(), 1U);
  EXPECT_FALSE(Eventually([&] { return first_.sent().size() > 3; }, 300ms)) << "but to drop one";
  EXPECT_THAT(first_.sent(), Not(AsksFor(mover)));
  std::string all = "s";
  for (std::size_t i = 1; i < 50; ++i) all += " " + KeyOf(i) + "5";
  EXPECT_TRUE(Eventually([&] {
    first_.Frame(2, all);
    return first_.sent().size() == 4;
  })) << "it is back";
  EXPECT_THAT(first_.sent(), AsksFor(mover));
}

/// A broker whose connections take their time to close: until all of `closing` do.
class SlowToClose final : public BrokerFeed {
 public:
  SlowToClose(std::atomic<int>& closing, int all) : closing_{closing}, all_{all} {}
  OpenOutcome Open(const BrokerToken&, BrokerFeedEvents&) override {
    open = true;
    return {};
  }
  Result<void> Send(const SubscriptionRequest&) override { return {}; }
  void Close() override {
    ++closing_;
    met = Eventually([&] { return closing_ == all_; }, 2s);
  }
  std::atomic<bool> open{false};
  std::atomic<bool> met{false};

 private:
  std::atomic<int>& closing_;
  const int all_;
};

TEST_F(PoolFaultsTest, ConnectionsStopTogether) {
  std::atomic<int> closing{0};
  SlowToClose first{closing, 2};
  SlowToClose second{closing, 2};
  Make({first, second});
  (void)Want(51, Mode::kFullD30);
  ASSERT_TRUE(Eventually([&] { return first.open && second.open; }));
  connector_->Stop();
  EXPECT_TRUE(first.met);
  EXPECT_TRUE(second.met);
  connector_.reset();  // before its brokers
}

// The target's token is another matter than the one of where the key is.
TEST_F(PoolFaultsTest, AKeyWhoseNewConnectionDoesNotOpenHoldsUpNoToken) {
  Make({first_, second_}, {.hand_over_limit = 20ms});
  (void)Want(50, Mode::kFullD30);
  const auto mover = Want(1, Mode::kLtpc);
  ASSERT_TRUE(Eventually([&] { return first_.sent().size() == 2; }));
  for (int i = 0; i < 2; ++i) second_.FailNext(Busy(1h));
  ASSERT_TRUE(connector_->Want(mover, Mode::kFullD30, false));
  ASSERT_TRUE(Eventually([&] { return second_.attempts() == 1; }));
  connector_->SetToken(TokenOf(2), "");
  ASSERT_TRUE(Eventually([&] { return first_.opens() == 2; }));
  EXPECT_EQ(first_.last_version(), 2U);
  EXPECT_EQ(second_.opens(), 0);
  EXPECT_EQ(hand_over_.OwnerOf(mover[0]), 0U) << "it stays where it is served";
  connector_->SetToken(TokenOf(3), "");
  ASSERT_TRUE(Eventually([&] { return second_.opens() == 1; }));
  EXPECT_TRUE(Eventually([&] { return !second_.sent().empty(); }));
  EXPECT_THAT(second_.sent(), AsksFor(KeyOf(50)));
}

}  // namespace
}  // namespace sauda::feed
