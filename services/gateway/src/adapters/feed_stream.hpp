#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "libs/base/result.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "services/gateway/src/core/hub.hpp"
#include "services/gateway/src/metrics.hpp"

namespace sauda::gateway {

/// The gateway's one stream of ticks: follows everything that is subscribed and keeps the hub up to
/// date, for ever, opening the stream again when it breaks. A second thread learns what futures and
/// options are called and sends heartbeats.
class FeedStream {
 public:
  FeedStream(std::shared_ptr<grpc::Channel> channel, Hub& hub, Metrics& metrics,
             telemetry::Dependencies& dependencies, std::chrono::milliseconds heartbeat);
  ~FeedStream();
  FeedStream(const FeedStream&) = delete;
  FeedStream& operator=(const FeedStream&) = delete;

  void Stop();

 private:
  void Run(const std::stop_token& stop);
  /// One stream, to its end; why it ended.
  Error Follow(const std::stop_token& stop);
  void FillGap(feed::v1alpha1::FeedService::Stub& stub);
  void KeepHouse(const std::stop_token& stop);
  void LearnKinds();
  bool Sleep(const std::stop_token& stop, std::chrono::milliseconds time);

  const std::shared_ptr<grpc::Channel> channel_;
  Hub& hub_;
  Metrics& metrics_;
  telemetry::Dependencies& dependencies_;
  const std::chrono::milliseconds heartbeat_;
  std::mutex mutex_;
  std::condition_variable_any stopping_;
  grpc::ClientContext* open_ = nullptr;  // guarded by mutex_
  std::jthread house_;
  std::jthread thread_;  // last: joins first
};

}  // namespace sauda::gateway
