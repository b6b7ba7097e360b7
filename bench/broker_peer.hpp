#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/http/server.hpp"
#include "tests/support/process.hpp"

namespace sauda::bench {

/// The least broker that a feed can stream from, in this process: TLS, authorize, one WebSocket. It
/// sends what it is told, when it is told, with the send time inside each tick, and is not the
/// simulator so that its own work does not count.
class BrokerPeer {
 public:
  explicit BrokerPeer(int instruments);
  ~BrokerPeer();
  BrokerPeer(const BrokerPeer&) = delete;
  BrokerPeer& operator=(const BrokerPeer&) = delete;

  std::string url() const { return server_->url(); }
  std::string ca_file() const { return folder_.path() + "/ca.pem"; }
  const std::vector<std::string>& keys() const { return keys_; }

  /// Whether a feed has connected and asked for every key.
  bool subscribed() const { return asked_ >= static_cast<int>(keys_.size()); }

  /// Sends one full-mode frame of `ticks` instruments, taken in turn, stamped with the time now.
  /// Waits while the socket takes no more, so nothing is left out.
  void Send(int ticks);

  /// Bytes of such a frame.
  std::size_t FrameBytes(int ticks) const;

 private:
  std::string Encode(int ticks, std::int64_t sent_us);

  test::TempFolder folder_;
  std::vector<std::string> keys_;
  std::size_t next_ = 0;
  std::unique_ptr<http::Server> server_;
  std::atomic<int> asked_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<http::WebSocket> socket_;  // guarded by mutex_
};

}  // namespace sauda::bench
