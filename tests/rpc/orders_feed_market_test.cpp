#include <condition_variable>
#include <deque>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/server.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "services/orders/src/adapters/feed_market.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

namespace pb = feed::v1alpha1;

constexpr auto kKey = "NSE_FO|53001";

/// Sends the batches that a test gives it to the stream that is open.
class FakeFeed final : public pb::FeedService::Service {
 public:
  grpc::Status StreamTicks(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<pb::TickBatch, pb::StreamTicksRequest>* stream) override {
    pb::StreamTicksRequest opening;
    if (!stream->Read(&opening)) return grpc::Status::OK;
    std::unique_lock lock{mutex_};
    while (!context->IsCancelled() && !stopping_) {
      if (changed_.wait_for(lock, std::chrono::milliseconds{2},
                            [&] { return !batches_.empty(); })) {
        stream->Write(batches_.front());
        batches_.pop_front();
      }
    }
    return grpc::Status::OK;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const pb::GetStatusRequest*,
                         pb::FeedStatus* status) override {
    (*status->mutable_segment_status())["NSE_FO"] = "NORMAL_OPEN";
    (*status->mutable_segment_status())["NSE_EQ"] = "PRE_OPEN_END";
    return grpc::Status::OK;
  }
  void Send(pb::TickBatch batch) {
    const std::lock_guard lock{mutex_};
    batches_.push_back(std::move(batch));
    changed_.notify_all();
  }
  void Stop() {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<pb::TickBatch> batches_;
  bool stopping_ = false;
};

TEST(DepthTest, KeepsPricesWithMoreDecimalsThanWeCount) {
  pb::Tick tick;
  pb::DepthLevel& level = *tick.add_depth();
  level.set_bid_price(100.30000000000001);
  level.set_bid_quantity(75);
  level.set_ask_quantity(75);  // without a price
  tick.mutable_last()->set_price(1'201.0 / 12);
  const exchange::Depth depth = DepthOf(tick);
  ASSERT_EQ(depth.bids.size(), 1U);
  EXPECT_EQ(depth.bids[0].price, D("100.3"));
  EXPECT_TRUE(depth.asks.empty());
  EXPECT_EQ(depth.last_price, D("100.083333333"));
}

TEST(DepthTest, ATickThatRepeatsTheLevelsHasTheirNumber) {
  pb::Tick tick;
  tick.set_seq(1);
  tick.mutable_last()->set_price(100);
  tick.add_depth()->set_ask_price(100.1);
  tick.mutable_depth(0)->set_ask_quantity(75);
  const std::uint64_t first = DepthOf(tick).sequence;
  tick.set_seq(2);
  tick.mutable_last()->set_price(100.1);
  EXPECT_EQ(DepthOf(tick).sequence, first);
  tick.mutable_depth(0)->set_ask_quantity(150);
  EXPECT_NE(DepthOf(tick).sequence, first);
}

class FeedMarketTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&feed_}));
    market_.emplace(grpc::CreateChannel("127.0.0.1:" + std::to_string(server_.port()),
                                        grpc::InsecureChannelCredentials()),
                    clock_, market_clock_, dependencies_,
                    FeedMarket::Options{.account_id = "main"});
    market_->Follow(kKey);
    market_->Start(
        [this](const std::string&, const exchange::Depth& depth) {
          const std::lock_guard lock{mutex_};
          asks_.push_back(depth.asks.at(0).price);
        },
        [this] { ++lost_; },
        [this](const std::string& segment, bool open) {
          const std::lock_guard lock{mutex_};
          segments_[segment] = open;
        });
  }
  void TearDown() override {
    market_.reset();
    feed_.Stop();
    server_.Stop();
  }
  void SendState(pb::ConnectionState state) {
    pb::TickBatch batch;
    batch.set_connection(state);
    feed_.Send(batch);
  }
  void SendTick(double ask, std::int64_t received_ns, bool snapshot = false) {
    pb::TickBatch batch;
    pb::Tick& tick = *batch.add_ticks();
    tick.set_instrument_key(kKey);
    tick.set_seq(++seq_);
    tick.set_received_ns(received_ns);
    tick.set_snapshot(snapshot);
    tick.add_depth()->set_ask_price(ask);
    tick.mutable_depth(0)->set_ask_quantity(75);
    feed_.Send(batch);
  }
  /// Whether this becomes the newest ask.
  bool Comes(const char* ask) {
    return Eventually([&] {
      const auto depth = market_->Newest(kKey);
      return depth && depth->asks.at(0).price == D(ask);
    });
  }
  std::vector<Decimal> asks() {
    const std::lock_guard lock{mutex_};
    return asks_;
  }

  FakeFeed feed_;
  rpc::Server server_;
  SystemClock clock_;
  MarketClock market_clock_{clock_, MarketClock::Source::kBroker};
  prometheus::Registry registry_;
  telemetry::Dependencies dependencies_{registry_, "orders", {"feed"}};
  std::atomic<int> lost_{0};
  std::mutex mutex_;
  std::vector<Decimal> asks_;             // guarded by mutex_
  std::map<std::string, bool> segments_;  // guarded by mutex_
  std::uint64_t seq_ = 0;
  std::optional<FeedMarket> market_;
};

TEST_F(FeedMarketTest, AfterABreakOnlyTicksReceivedSinceCount) {
  const std::int64_t before_ns = clock_.UtcNs();
  SendState(pb::CONNECTION_STATE_LIVE);
  SendTick(100.0, before_ns, true);
  ASSERT_TRUE(Comes("100")) << "before any break an old one is as good as a new one";
  SendState(pb::CONNECTION_STATE_CONNECTING);
  ASSERT_TRUE(Eventually([this] { return lost_ == 1; }));
  EXPECT_FALSE(market_->Newest(kKey));
  SendTick(101.0, before_ns);  // had waited
  SendState(pb::CONNECTION_STATE_LIVE);
  SendTick(102.0, before_ns, true);  // sent again
  SendTick(103.0, clock_.UtcNs());
  ASSERT_TRUE(Comes("103"));
  EXPECT_EQ(asks(), (std::vector{D("100"), D("103")}));
  EXPECT_EQ(lost_, 1);
}

TEST_F(FeedMarketTest, ATickThatComesBeforeTheConnectionIsLiveAgainCountsThen) {
  SendState(pb::CONNECTION_STATE_LIVE);
  SendState(pb::CONNECTION_STATE_STALE);
  ASSERT_TRUE(Eventually([this] { return lost_ == 1; }));
  SendTick(104.0, clock_.UtcNs());
  SendTick(105.0, clock_.UtcNs());
  SendState(pb::CONNECTION_STATE_QUIET);
  ASSERT_TRUE(Comes("105"));
  EXPECT_TRUE(Eventually([this] { return asks() == std::vector{D("105")}; }));
}

TEST_F(FeedMarketTest, TellsWhichSegmentsTrade) {
  EXPECT_TRUE(Eventually([this] {
    const std::lock_guard lock{mutex_};
    return segments_ == std::map<std::string, bool>{{"NSE_EQ", false}, {"NSE_FO", true}};
  }));
}

}  // namespace
}  // namespace sauda::orders
