#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include <prometheus/counter.h>

#include "libs/http/stream_writer.hpp"
#include "services/gateway/src/core/hub.hpp"
#include "services/gateway/src/core/sse_mailbox.hpp"

namespace sauda::gateway {

/// One browser's event stream. The hub's thread offers, an I/O thread flushes; mutex_ orders them.
class SseStream final : public Listener {
 public:
  explicit SseStream(prometheus::Counter& conflated) : conflated_{conflated} {}

  /// Before the hub knows the stream.
  void Attach(std::shared_ptr<http::StreamWriter> writer);

  void OnTick(const std::string& key, const Event& event) override;
  void OnStatus(const Event& event) override;
  void OnLost(std::uint64_t count) override;
  void OnHeartbeat(const Event& event) override;

  /// The writer has room again.
  void OnDrained();
  /// The connection is over.
  void MarkGone() { gone_ = true; }
  bool gone() const { return gone_; }
  /// Ends the response.
  void Close();

 private:
  SseMailbox::Write ToWriter();
  void CountConflated();

  prometheus::Counter& conflated_;
  std::atomic<bool> gone_{false};
  std::mutex mutex_;
  std::shared_ptr<http::StreamWriter> writer_;  // guarded by mutex_
  SseMailbox mailbox_;                          // guarded by mutex_
  std::uint64_t counted_ = 0;                   // guarded by mutex_
};

}  // namespace sauda::gateway
