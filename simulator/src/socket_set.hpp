#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libs/http/server.hpp"
#include "simulator/src/loop.hpp"

namespace sauda::sim {

/// The open WebSockets of one stream, with their events brought to the loop's thread, where all of
/// it is used. A socket leaves the set when its closing is known.
class SocketSet {
 public:
  using Id = std::uint64_t;
  struct Handlers {
    std::function<void(Id)> on_open;
    std::function<void(Id, const std::string& bytes, http::FrameKind kind)> on_message;
    std::function<void(Id, std::uint16_t code)> on_closed;
  };

  /// `loop` must outlive the set; the server must stop before the set dies.
  SocketSet(Loop& loop, Handlers handlers) : loop_{loop}, handlers_{std::move(handlers)} {}

  /// Accepts an upgrade.
  Id Accept(http::Upgrade& upgrade, const http::WebSocketOptions& options);

  /// Absent once the socket is closed.
  std::shared_ptr<http::WebSocket> Find(Id id) const;

  const std::map<Id, std::shared_ptr<http::WebSocket>>& all() const { return sockets_; }
  std::size_t size() const { return sockets_.size(); }

 private:
  Loop& loop_;
  const Handlers handlers_;
  std::map<Id, std::shared_ptr<http::WebSocket>> sockets_;
  Id last_id_ = 0;
};

}  // namespace sauda::sim
