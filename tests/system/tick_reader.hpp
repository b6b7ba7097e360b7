#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/client_context.h>

#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "tests/system/message.hpp"

namespace sauda::test {

/// A gRPC subscriber of its own thread that keeps everything it gets.
class TickReader {
 public:
  TickReader(const std::string& feed_address, const feed::v1alpha1::StreamTicksRequest& request);
  ~TickReader();
  TickReader(const TickReader&) = delete;
  TickReader& operator=(const TickReader&) = delete;

  /// Waits until that many live ticks have come. Whether they did.
  bool WaitFor(std::size_t ticks, std::chrono::milliseconds limit);

  /// Live ticks so far, by key; snapshots are left out.
  Recording received() const;
  std::size_t count() const;
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t conflated() const { return conflated_; }
  /// Problems seen in the stream itself: a hole in seq, a tick that is not marked as simulated.
  std::vector<std::string> problems() const;
  bool ended() const { return ended_; }

 private:
  void Run();
  void Take(const feed::v1alpha1::TickBatch& batch);

  std::unique_ptr<feed::v1alpha1::FeedService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<feed::v1alpha1::StreamTicksRequest, feed::v1alpha1::TickBatch>>
      stream_;
  mutable std::mutex mutex_;
  std::condition_variable came_;
  Recording received_;                 // guarded by mutex_
  std::size_t count_ = 0;              // guarded by mutex_
  std::uint64_t last_seq_ = 0;         // guarded by mutex_
  std::vector<std::string> problems_;  // guarded by mutex_
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> conflated_{0};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace sauda::test
