#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "services/gateway/src/core/key_ring.hpp"
#include "services/gateway/src/metrics.hpp"

namespace sauda::gateway {

/// The gateway's one stream of API keys: keeps the ring up to date, for ever, opening the stream
/// again when it breaks; the ring keeps what it has meanwhile. A second thread ends the streams of
/// keys that are over, every half second, and tells auth every few seconds which keys were used.
class KeyStream {
 public:
  KeyStream(std::shared_ptr<grpc::Channel> channel, KeyRing& ring, Metrics& metrics,
            const Clock& clock, std::chrono::milliseconds report_every);
  ~KeyStream();
  KeyStream(const KeyStream&) = delete;
  KeyStream& operator=(const KeyStream&) = delete;

  void Stop();

 private:
  class Call;

  void Run(const std::stop_token& stop);
  /// One stream, to its end; why it ended.
  Error Follow(const std::stop_token& stop);
  void KeepHouse(const std::stop_token& stop);
  void ReportUses(const std::stop_token& stop);
  bool Sleep(const std::stop_token& stop, std::chrono::milliseconds time);
  std::int64_t NowMs() const { return clock_.UtcNs() / 1'000'000; }

  const std::shared_ptr<grpc::Channel> channel_;
  KeyRing& ring_;
  Metrics& metrics_;
  const Clock& clock_;
  const std::chrono::milliseconds report_every_;
  std::uint64_t events_ = 0;  // of thread_
  std::mutex mutex_;
  std::condition_variable_any stopping_;
  std::set<grpc::ClientContext*> calls_;  // under way; guarded by mutex_
  std::jthread house_;
  std::jthread thread_;  // last: joins first
};

}  // namespace sauda::gateway
