#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "libs/http/any_stream.hpp"
#include "libs/http/message.hpp"
#include "libs/http/server_core.hpp"
#include "libs/http/web_socket.hpp"

namespace sauda::http {

/// One side of a WebSocket, server or client: a bounded queue in front of one connection. All work
/// is done on the connection's strand. Internal to libs/http.
class WebSocketLink final : public WebSocket,
                            public Peer,
                            public std::enable_shared_from_this<WebSocketLink> {
 public:
  using WebSocket::Send;
  using HttpRequest = beast::http::request<beast::http::string_body>;
  using HttpResponse = beast::http::response<beast::http::string_body>;
  /// The upgrade's answer when it failed; status 0 when there was none.
  using OnRefused = std::function<void(beast::error_code error, const HttpResponse& answer)>;

  /// `keeper` keeps the strand's io_context alive as long as anyone holds this.
  WebSocketLink(std::shared_ptr<void> keeper, AnyStream::executor_type strand,
                const WebSocketOptions& options, WebSocketEvents events);

  /// Called once, after on_closed, before the events are dropped. Set before Start.
  void OnEnd(std::function<void()> on_end) { on_end_ = std::move(on_end); }

  /// Takes the connection and answers the upgrade. On the strand.
  void StartServer(AnyStream stream, HttpRequest request, Headers headers);

  /// Takes the connection and asks for the upgrade. On the strand. `on_answer` sees the headers of
  /// the 101 before on_open; `on_refused` stands for on_open and on_closed when there is none.
  void StartClient(AnyStream stream, const std::string& host, const std::string& target,
                   Headers headers, std::function<void(const HttpResponse&)> on_answer,
                   OnRefused on_refused);

  /// Ends a link that never got its connection. On the strand.
  void Abandon() { End(kAbnormal, "the connection was over"); }

  /// No event is called from here on. On the strand.
  void Silence() {
    events_ = {};
    on_refused_ = nullptr;
  }

  Offer Send(std::shared_ptr<const std::string> bytes, FrameKind kind) override;
  bool CanWrite() const override;
  std::size_t buffered_bytes() const override;
  void Ping(std::string payload) override;
  void Close(std::uint16_t code, std::string reason) override;
  void Drop() override;
  void Stall(bool stalled) override;
  void SendRaw(std::string bytes) override;
  void Finish() override { Close(kGoingAway, "shutting down"); }
  void Cut() override { Drop(); }

 private:
  static constexpr std::uint16_t kGoingAway = 1001;
  static constexpr std::uint16_t kAbnormal = 1006;

  struct Item {
    enum class Kind : std::uint8_t { kText, kBinary, kRaw, kClose };
    Kind kind;
    std::shared_ptr<const std::string> bytes;  // kClose: the reason
    std::uint16_t code = 0;                    // kClose
  };
  using Stream = beast::websocket::stream<AnyStream, true>;

  void Configure(beast::role_type role);
  void LimitIdleTime(std::chrono::milliseconds limit);
  void OnHandshake(beast::error_code error);
  void ReadNext();
  void OnRead(beast::error_code error);
  Offer Queue(Item item);
  void Wake();
  void WriteNext();
  void OnWritten(beast::error_code error, std::size_t size);
  void WriteClose(const Item& item);
  void PingNext();
  void WatchPeer();
  void WatchIdle(bool watched);
  void Reset();
  void End(std::uint16_t code, const std::string& reason);

  bool IsGone() const;

  const std::shared_ptr<void> keeper_;
  const AnyStream::executor_type strand_;
  const WebSocketOptions options_;
  WebSocketEvents events_;
  std::function<void()> on_end_;

  // On the strand only.
  std::optional<Stream> stream_;
  net::steady_timer peer_timer_;
  std::chrono::milliseconds ping_every_;  // 0: never
  std::chrono::milliseconds pong_limit_;
  HttpRequest request_;
  HttpResponse answer_;
  OnRefused on_refused_;
  beast::flat_buffer incoming_;
  std::optional<Item> in_flight_;
  std::deque<std::string> pings_;
  std::string ping_in_flight_;
  std::chrono::steady_clock::time_point pinged_at_;
  std::chrono::steady_clock::time_point heard_at_;
  std::uint16_t own_code_ = 0;  // of the close frame sent here
  bool pinging_ = false;
  bool open_ = false;
  bool stalled_ = false;
  bool ended_ = false;

  mutable std::mutex mutex_;  // guards what follows
  std::deque<Item> queue_;
  std::size_t buffered_ = 0;  // bytes queued and in flight
  bool writing_ = true;       // until the handshake is over
  bool was_full_ = false;
  bool closing_ = false;
  bool gone_ = false;
};

/// A WebSocket that was over before it began.
std::shared_ptr<WebSocket> NoWebSocket();

}  // namespace sauda::http
