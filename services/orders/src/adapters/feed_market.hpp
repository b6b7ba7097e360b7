#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "services/orders/src/core/paper_engine.hpp"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc
namespace sauda::telemetry {
class Dependencies;
}  // namespace sauda::telemetry
namespace sauda::feed::v1alpha1 {
class Tick;
class TickBatch;
}  // namespace sauda::feed::v1alpha1

namespace sauda::orders {

/// Depth from the feed service's StreamTicks: one stream for all instruments that paper orders
/// need, conflated, so a slow ledger costs nobody ticks. Also tells the market clock what the
/// feed's ticks say the time is. Owns two threads from Start until it dies. Thread-safe.
class FeedMarket final : public MarketData {
 public:
  struct Options {
    std::string account_id;
    std::chrono::milliseconds first_tick_limit{2'000};  ///< how long Latest waits
    std::chrono::seconds keep{60};  ///< a key asked for by Latest is kept so long
  };
  using OnDepth = std::function<void(const std::string& key, const exchange::Depth& depth)>;
  using OnSegment = std::function<void(const std::string& segment, bool open)>;

  /// The references outlive it. `dependencies` hears under the name `feed`.
  FeedMarket(std::shared_ptr<grpc::Channel> channel, const Clock& clock, MarketClock& market_clock,
             telemetry::Dependencies& dependencies, Options options);
  ~FeedMarket() override;
  FeedMarket(const FeedMarket&) = delete;
  FeedMarket& operator=(const FeedMarket&) = delete;

  /// `on_depth` hears every update of followed instruments, `on_lost` when the prices are not live
  /// any more, `on_segment` every two seconds whether each segment trades; on the feed's threads.
  void Start(OnDepth on_depth, std::function<void()> on_lost, OnSegment on_segment);

  void Follow(const std::string& instrument_key) override;
  void Release(const std::string& instrument_key) override;
  Result<exchange::Depth> Latest(const std::string& instrument_key) override;
  std::optional<exchange::Depth> Newest(const std::string& instrument_key) override;

 private:
  struct Wanted {
    int followers = 0;
    Monotonic asked_at;
  };

  void Run(const std::stop_token& stop);
  void Stream(const std::stop_token& stop);
  void AskTheTime();
  std::set<std::string> WantedNow();
  /// Whether the broker's connection is live. Once it is not, only ticks received since count.
  void SetLive(bool live, std::string why_not);
  void Take(const feed::v1alpha1::TickBatch& batch);
  void TakeTick(const feed::v1alpha1::Tick& tick);

  const std::shared_ptr<grpc::Channel> channel_;
  const Clock& clock_;
  MarketClock& market_clock_;
  telemetry::Dependencies& dependencies_;
  const Options options_;
  OnDepth on_depth_;
  std::function<void()> on_lost_;
  OnSegment on_segment_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::map<std::string, Wanted> wanted_;
  std::map<std::string, exchange::Depth> newest_;  // of this stream
  bool live_ = false;
  std::int64_t lost_ns_ = 0;  // UTC; ticks received before are from before a break
  bool stream_ended_ = true;
  std::string why_not_ = "the feed service has not answered yet";
  grpc::ClientContext* context_ = nullptr;  // of the stream in progress
  std::jthread thread_;                     // last: it uses the rest
};

/// The depth of a tick, numbered by its levels: a tick that repeats them brings no quantity. Prices
/// are the shortest decimal text of the broker's doubles, to nine decimals; levels without one are
/// left out.
exchange::Depth DepthOf(const feed::v1alpha1::Tick& tick);

}  // namespace sauda::orders
