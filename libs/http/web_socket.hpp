#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "libs/http/stream_writer.hpp"

namespace sauda::http {

enum class FrameKind : std::uint8_t { kText, kBinary };

struct WebSocketOptions {
  std::size_t max_message_bytes = 1'048'576;   // larger from the peer: closed with 1009
  std::size_t max_buffered_bytes = 1'048'576;  // as StreamOptions
  std::size_t max_buffered_frames = 4'096;     // frames that wait, at most
  bool deflate = false;                        // offer permessage-deflate
  int send_buffer_bytes = 0;                   // the kernel's; 0 leaves it
  std::chrono::milliseconds handshake_deadline{10'000};
  /// Sends a ping after half this time of silence, and ends the connection after all of it.
  /// 0 switches both off.
  std::chrono::milliseconds idle_limit{0};
  /// Sends a ping this often and ends the connection when nothing at all is heard within
  /// `pong_limit` of one. 0 switches it off.
  std::chrono::milliseconds ping_every{0};
  std::chrono::milliseconds pong_limit{10'000};
};

/// Called on an I/O thread, one at a time, without locks held; none may block. None follows
/// on_closed, after which they are destroyed.
struct WebSocketEvents {
  std::function<void()> on_open;
  std::function<void(std::string_view bytes, FrameKind kind)> on_message;
  std::function<void(std::string_view payload)> on_ping;  // the pong is sent without asking
  std::function<void(std::string_view payload)> on_pong;
  /// At most half the outgoing queue is left after an offer that was full.
  std::function<void()> on_drained;
  /// The connection is over: the close code (1006 when there was no close frame) and its reason.
  std::function<void(std::uint16_t code, std::string_view reason)> on_closed;
};

/// One side of an open WebSocket. Never blocks; all methods are thread-safe, and harmless once the
/// connection is over. Dropping the last pointer does not close it.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// Queues one message. Before on_open it waits for the handshake.
  virtual Offer Send(std::shared_ptr<const std::string> bytes, FrameKind kind) = 0;
  Offer Send(std::string bytes, FrameKind kind) {
    return Send(std::make_shared<const std::string>(std::move(bytes)), kind);
  }
  /// True while an offer would be taken.
  virtual bool CanWrite() const = 0;
  virtual std::size_t buffered_bytes() const = 0;
  /// Queues a ping, at most 125 bytes, past the messages that wait.
  virtual void Ping(std::string payload) = 0;
  /// Sends what waits, then a close frame, and waits a while for the peer's.
  virtual void Close(std::uint16_t code, std::string reason) = 0;
  /// Resets the TCP connection at once, without a close frame.
  virtual void Drop() = 0;
  /// While true nothing is read (so no ping is answered) or written: a half-open peer. For faults.
  virtual void Stall(bool stalled) = 0;
  /// Writes bytes past the framing, after the messages that wait: a broken peer. For faults.
  virtual void SendRaw(std::string bytes) = 0;
};

}  // namespace sauda::http
