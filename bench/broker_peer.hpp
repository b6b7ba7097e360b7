#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/http/server.hpp"
#include "tests/support/process.hpp"

namespace sauda::bench {

/// The least broker that a feed can stream from, in this process: TLS, authorize, and as many
/// WebSockets as the feed opens, each with the keys that were asked for on it. It sends what it is
/// told, when it is told, with the send time inside each tick, and is not the simulator so that its
/// own work does not count. One thread may call Send.
class BrokerPeer {
 public:
  explicit BrokerPeer(int instruments);
  ~BrokerPeer();
  BrokerPeer(const BrokerPeer&) = delete;
  BrokerPeer& operator=(const BrokerPeer&) = delete;

  std::string url() const { return server_->url(); }
  std::string ca_file() const { return folder_.path() + "/ca.pem"; }
  const std::vector<std::string>& keys() const { return keys_; }

  /// Whether every key is asked for on one of the open sockets or another.
  bool subscribed() const;
  /// Open sockets on which a key is asked for.
  std::size_t sockets() const;

  /// Sends the next `ticks` instruments, taken in turn, full mode, stamped with the time now: one
  /// frame to each socket that carries some of them, with those. What nobody asks for is left out,
  /// nothing else: it waits while a socket takes no more. Some socket must be open.
  void Send(int ticks);

  /// Bytes of such a frame when one socket carries all.
  std::size_t FrameBytes(int ticks) const;

 private:
  struct Socket;

  /// Answers one upgrade; the socket is among sockets_ until it closes.
  void Accept(http::Upgrade& upgrade);
  /// Notes a request of the feed's, `sub` or `unsub`; others change nothing here.
  void Take(Socket& socket, std::string_view request) const;
  std::vector<std::shared_ptr<Socket>> OpenSockets() const;
  /// Empty: the socket carries none of the `ticks` instruments from `first` on.
  std::string Encode(const Socket& socket, std::size_t first, int ticks,
                     std::int64_t sent_us) const;

  test::TempFolder folder_;
  std::vector<std::string> keys_;
  std::unordered_map<std::string, std::size_t> numbers_;  // of keys_, by key
  std::size_t next_ = 0;
  std::unique_ptr<http::Server> server_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Socket>> sockets_;  // guarded by mutex_
};

}  // namespace sauda::bench
