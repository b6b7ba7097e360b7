#include <condition_variable>
#include <deque>
#include <mutex>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "services/orders/src/adapters/feed_prices.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

namespace pb = feed::v1alpha1;

/// Keeps what streams were opened with, and sends the batches that a test gives it to the newest.
class OpenedFeed final : public pb::FeedService::Service {
 public:
  grpc::Status StreamTicks(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<pb::TickBatch, pb::StreamTicksRequest>* stream) override {
    pb::StreamTicksRequest opening;
    if (!stream->Read(&opening)) return grpc::Status::OK;
    for (const std::string& key : opening.add()) {
      if (!key.starts_with("GONE")) continue;
      return rpc::ToStatus({Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument goes by " + key},
                           "feed.sauda");
    }
    std::unique_lock lock{mutex_};
    openings_.push_back(opening);
    const std::size_t number = openings_.size();
    while (!context->IsCancelled() && !stopping_ && number == openings_.size()) {
      const bool there =
          changed_.wait_for(lock, std::chrono::milliseconds{2}, [&] { return !batches_.empty(); });
      if (!there || number != openings_.size()) continue;
      stream->Write(batches_.front());
      batches_.pop_front();
    }
    return grpc::Status::OK;
  }
  void Send(pb::ConnectionState state, const std::string& key, double price) {
    pb::TickBatch batch;
    batch.set_connection(state);
    if (price != 0) {
      pb::Tick& tick = *batch.add_ticks();
      tick.set_instrument_key(key);
      tick.mutable_last()->set_price(price);
      tick.mutable_last()->set_previous_close(99.5);
      tick.set_received_ns(ManualClock{}.UtcNs());
    }
    const std::lock_guard lock{mutex_};
    batches_.push_back(std::move(batch));
    changed_.notify_all();
  }
  std::vector<pb::StreamTicksRequest> openings() {
    const std::lock_guard lock{mutex_};
    return openings_;
  }
  void Stop() {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<pb::TickBatch> batches_;
  std::vector<pb::StreamTicksRequest> openings_;
  bool stopping_ = false;
};

class FeedPricesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&feed_}));
    prices_.emplace(grpc::CreateChannel("127.0.0.1:" + std::to_string(server_.port()),
                                        grpc::InsecureChannelCredentials()),
                    clock_, "main");
    prices_->Start();
  }
  void TearDown() override {
    prices_.reset();
    feed_.Stop();
    server_.Stop();
  }
  bool Opened(std::size_t times) {
    return Eventually([&] { return feed_.openings().size() >= times; });
  }
  bool Has(const std::string& key) { return prices_->Of(key).has_value(); }

  ManualClock clock_;
  OpenedFeed feed_;
  rpc::Server server_;
  std::optional<FeedPrices> prices_;
};

TEST_F(FeedPricesTest, GivesTheLastPriceWithItsAge) {
  prices_->Follow({"A", "B"});
  ASSERT_TRUE(Opened(1));
  const auto opening = feed_.openings().front();
  EXPECT_EQ(opening.account_id(), "main");
  EXPECT_EQ(opening.mode(), pb::MODE_LTPC);
  EXPECT_EQ(opening.policy(), pb::OVERFLOW_POLICY_CONFLATE);
  EXPECT_EQ(opening.add_size(), 2);
  feed_.Send(pb::CONNECTION_STATE_LIVE, "A", 100.05);
  ASSERT_TRUE(Eventually([&] { return Has("A"); }));
  EXPECT_FALSE(Has("B"));
  clock_.Advance(std::chrono::seconds{3});
  const auto price = prices_->Of("A");
  EXPECT_EQ(price->price, D("100.05"));
  EXPECT_EQ(price->close, D("99.5"));
  EXPECT_EQ(price->age, std::chrono::seconds{3});
}

TEST_F(FeedPricesTest, WhatIsNotLiveIsNoPrice) {
  prices_->Follow({"A"});
  ASSERT_TRUE(Opened(1));
  feed_.Send(pb::CONNECTION_STATE_STALE, "A", 100);
  feed_.Send(pb::CONNECTION_STATE_QUIET, "A", 101);
  ASSERT_TRUE(Eventually([&] { return Has("A"); }));
  EXPECT_EQ(prices_->Of("A")->price, D("101"));
  feed_.Send(pb::CONNECTION_STATE_DEAD, "A", 0);
  EXPECT_TRUE(Eventually([&] { return !Has("A"); }));
}

TEST_F(FeedPricesTest, OtherKeysMeanAnotherStream) {
  prices_->Follow({"A"});
  ASSERT_TRUE(Opened(1));
  feed_.Send(pb::CONNECTION_STATE_LIVE, "A", 100);
  ASSERT_TRUE(Eventually([&] { return Has("A"); }));
  prices_->Follow({"A"});  // the same: nothing happens
  EXPECT_TRUE(Has("A"));
  prices_->Follow({"B"});
  ASSERT_TRUE(Opened(2));
  EXPECT_EQ(feed_.openings().back().add(0), "B");
  feed_.Send(pb::CONNECTION_STATE_LIVE, "B", 50);
  ASSERT_TRUE(Eventually([&] { return Has("B"); }));
  EXPECT_FALSE(Has("A"));
}

TEST_F(FeedPricesTest, WhatTheFeedDoesNotKnowKeepsNoPriceFromTheRest) {
  prices_->Follow({"A", "GONE|1", "GONE|2"});
  ASSERT_TRUE(Opened(1));
  EXPECT_EQ(feed_.openings().front().add_size(), 1);
  feed_.Send(pb::CONNECTION_STATE_LIVE, "A", 100);
  EXPECT_TRUE(Eventually([&] { return Has("A"); }));
}

TEST_F(FeedPricesTest, AFeedThatComesBackIsFollowedAgain) {
  prices_->Follow({"A"});
  ASSERT_TRUE(Opened(1));
  feed_.Send(pb::CONNECTION_STATE_LIVE, "A", 100);
  ASSERT_TRUE(Eventually([&] { return Has("A"); }));
  const int port = server_.port();
  feed_.Stop();
  server_.Stop();
  EXPECT_TRUE(Eventually([&] { return !Has("A"); }));
  OpenedFeed again;
  rpc::Server back;
  ASSERT_TRUE(back.Start({.listen = "127.0.0.1:" + std::to_string(port)}, {&again}));
  again.Send(pb::CONNECTION_STATE_LIVE, "A", 102);
  EXPECT_TRUE(Eventually([&] { return Has("A"); }, std::chrono::seconds{30}));
  again.Stop();
  prices_.reset();
  back.Stop();
}

}  // namespace
}  // namespace sauda::orders
