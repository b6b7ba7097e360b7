#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "libs/base/result.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "services/gateway/src/core/hub.hpp"
#include "services/gateway/src/core/loss_counter.hpp"
#include "services/gateway/src/metrics.hpp"

namespace sauda::gateway {

/// The gateway's one stream of ticks: follows everything that is subscribed and keeps the hub up to
/// date, for ever, opening the stream again when it breaks. A second thread fills the gaps that a
/// slow gateway leaves (at most one call a second), compares the hub with the feed's subscriptions
/// (every five seconds, and when either changes), and sends heartbeats.
class FeedStream {
 public:
  FeedStream(std::shared_ptr<grpc::Channel> channel, Hub& hub, Metrics& metrics,
             telemetry::Dependencies& dependencies, std::chrono::milliseconds heartbeat);
  ~FeedStream();
  FeedStream(const FeedStream&) = delete;
  FeedStream& operator=(const FeedStream&) = delete;

  void Stop();

 private:
  class Call;

  void Run(const std::stop_token& stop);
  /// One stream, to its end; why it ended.
  Error Follow(const std::stop_token& stop);
  void Take(const feed::v1alpha1::TickBatch& batch);
  void KeepHouse(const std::stop_token& stop);
  void FillGap(const std::stop_token& stop);
  void ReadList(const std::stop_token& stop);
  bool Sleep(const std::stop_token& stop, std::chrono::milliseconds time);

  const std::shared_ptr<grpc::Channel> channel_;
  Hub& hub_;
  Metrics& metrics_;
  telemetry::Dependencies& dependencies_;
  const std::chrono::milliseconds heartbeat_;
  std::mutex mutex_;
  std::condition_variable_any stopping_;
  std::set<grpc::ClientContext*> calls_;  // under way; guarded by mutex_
  LossCounter losses_;                    // of thread_
  std::atomic<bool> gap_{false};          // ticks were dropped since the last GetLatest
  std::atomic<bool> list_is_old_{false};  // the feed's state changed since ListSubscriptions
  std::jthread house_;
  std::jthread thread_;  // last: joins first
};

}  // namespace sauda::gateway
