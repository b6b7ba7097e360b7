#include "simulator/src/socket_set.hpp"

#include <atomic>
#include <utility>

namespace sauda::sim {

SocketSet::Id SocketSet::Accept(http::Upgrade& upgrade, const http::WebSocketOptions& options) {
  const Id id = ++last_id_;
  // Events come from I/O threads, perhaps before Accept has returned the socket.
  using Self = std::atomic<std::weak_ptr<http::WebSocket>>;
  const auto self = std::make_shared<Self>();
  const auto post = [this, self](Loop::Work work) {
    if (loop_.Post(std::move(work))) return;
    if (const auto socket = self->load().lock()) socket->Drop();  // overloaded, or stopping
  };
  http::WebSocketEvents events;
  events.on_open = [this, id, post] {
    post([this, id] {
      if (sockets_.contains(id)) handlers_.on_open(id);
    });
  };
  events.on_message = [this, id, post](std::string_view bytes, http::FrameKind kind) {
    post([this, id, text = std::string{bytes}, kind] {
      if (sockets_.contains(id)) handlers_.on_message(id, text, kind);
    });
  };
  events.on_drained = [post] { post([] {}); };  // wakes the loop, which looks again
  events.on_closed = [this, id, post](std::uint16_t code, std::string_view) {
    post([this, id, code] {
      if (sockets_.erase(id) > 0) handlers_.on_closed(id, code);
    });
  };
  auto socket = upgrade.Accept({}, options, std::move(events));
  self->store(socket);
  sockets_[id] = std::move(socket);
  return id;
}

std::shared_ptr<http::WebSocket> SocketSet::Find(Id id) const {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? nullptr : found->second;
}

}  // namespace sauda::sim
