#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "libs/base/clock.hpp"
#include "services/orders/src/core/live_prices.hpp"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc
namespace sauda::feed::v1alpha1 {
class Tick;
class TickBatch;
}  // namespace sauda::feed::v1alpha1

namespace sauda::orders {

/// Last prices of a few keys from the feed service, in mode LTPC, the newest only. Other keys mean
/// another stream: what is held changes seldom. A key that the feed does not know (a contract that
/// has expired) is left out from then on. Thread-safe. Owns a thread from Start until it dies.
class FeedPrices final : public LivePrices {
 public:
  static constexpr std::size_t kMostKeys = 1'000;  // beyond, keys have no price

  /// The clock outlives it. `account_id` is whose feed it is.
  FeedPrices(std::shared_ptr<grpc::Channel> channel, const Clock& clock, std::string account_id);
  ~FeedPrices() override;
  FeedPrices(const FeedPrices&) = delete;
  FeedPrices& operator=(const FeedPrices&) = delete;

  void Start();

  void Follow(const std::set<std::string>& keys) override;
  std::optional<LivePrice> Of(const std::string& key) override;

 private:
  struct Kept {
    LivePrice price;
    std::int64_t received_ns = 0;  // UTC
  };

  void Run(const std::stop_token& stop);
  void Stream(const std::stop_token& stop);
  /// Leaves out the key that the feed says it does not know; false: it names none of ours.
  bool LeaveOut(const std::string& message);
  void Take(const feed::v1alpha1::TickBatch& batch);
  void TakeTick(const feed::v1alpha1::Tick& tick);

  const std::shared_ptr<grpc::Channel> channel_;
  const Clock& clock_;
  const std::string account_id_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::set<std::string> wanted_;
  std::set<std::string> unknown_;       // of the wanted ones, those that the feed does not know
  std::map<std::string, Kept> prices_;  // of this stream
  bool live_ = false;
  bool again_ = false;                      // the keys are other ones
  grpc::ClientContext* context_ = nullptr;  // of the stream in progress
  std::jthread thread_;                     // last: it uses the rest
};

}  // namespace sauda::orders
