#include "libs/http/web_socket_link.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket/error.hpp>

namespace sauda::http {
namespace {

namespace websocket = beast::websocket;

constexpr std::size_t kLongestControlPayload = 125;
constexpr std::size_t kLongestCloseReason = 123;
constexpr std::size_t kMostPings = 16;

class ClosedWebSocket final : public WebSocket {
 public:
  using WebSocket::Send;
  Offer Send(std::shared_ptr<const std::string>, FrameKind) override { return Offer::kGone; }
  bool CanWrite() const override { return false; }
  std::size_t buffered_bytes() const override { return 0; }
  void Ping(std::string) override {}
  void Close(std::uint16_t, std::string) override {}
  void Drop() override {}
  void Stall(bool) override {}
  void SendRaw(std::string) override {}
};

}  // namespace

std::shared_ptr<WebSocket> NoWebSocket() { return std::make_shared<ClosedWebSocket>(); }

WebSocketLink::WebSocketLink(std::shared_ptr<void> keeper, AnyStream::executor_type strand,
                             const WebSocketOptions& options, WebSocketEvents events)
    : keeper_{std::move(keeper)},
      strand_{std::move(strand)},
      options_{options},
      events_{std::move(events)},
      peer_timer_{strand_},
      ping_every_{options.ping_every},
      pong_limit_{options.pong_limit} {}

void WebSocketLink::Configure(beast::role_type role) {
  beast::error_code ignored;
  auto& tcp = stream_->next_layer().next_layer();
  tcp.expires_never();  // Beast's WebSocket has timers of its own
  if (options_.send_buffer_bytes > 0) {
    tcp.socket().set_option(net::socket_base::send_buffer_size{options_.send_buffer_bytes},
                            ignored);
  }
  tcp.socket().set_option(net::ip::tcp::no_delay{true}, ignored);
  LimitIdleTime(options_.idle_limit);
  if (options_.deflate) {
    websocket::permessage_deflate deflate;
    deflate.server_enable = role == beast::role_type::server;
    deflate.client_enable = role == beast::role_type::client;
    stream_->set_option(deflate);
  }
  stream_->read_message_max(options_.max_message_bytes);
  stream_->auto_fragment(false);
  stream_->control_callback([this](websocket::frame_type kind, beast::string_view payload) {
    heard_at_ = std::chrono::steady_clock::now();
    const std::string_view text{payload.data(), payload.size()};
    if (kind == websocket::frame_type::ping && events_.on_ping) events_.on_ping(text);
    if (kind == websocket::frame_type::pong && events_.on_pong) events_.on_pong(text);
  });
}

void WebSocketLink::LimitIdleTime(std::chrono::milliseconds limit) {
  const bool limited = limit.count() > 0;
  stream_->set_option(websocket::stream_base::timeout{
      .handshake_timeout = options_.handshake_deadline,
      .idle_timeout =
          limited ? std::chrono::steady_clock::duration{limit} : websocket::stream_base::none(),
      .keep_alive_pings = limited});
}

void WebSocketLink::StartServer(AnyStream stream, HttpRequest request, Headers headers) {
  if (ended_) return stream.Close();  // dropped meanwhile
  request_ = std::move(request);
  stream_.emplace(std::move(stream));
  Configure(beast::role_type::server);
  stream_->set_option(websocket::stream_base::decorator(
      [headers = std::move(headers)](websocket::response_type& answer) {
        for (const auto& [name, value] : headers) answer.set(name, value);
      }));
  stream_->async_accept(
      request_, [self = shared_from_this()](beast::error_code error) { self->OnHandshake(error); });
}

void WebSocketLink::StartClient(AnyStream stream, const std::string& host,
                                const std::string& target, Headers headers,
                                std::function<void(const HttpResponse&)> on_answer,
                                OnRefused on_refused) {
  if (ended_) return stream.Close();  // dropped meanwhile
  on_refused_ = std::move(on_refused);
  stream_.emplace(std::move(stream));
  Configure(beast::role_type::client);
  stream_->set_option(websocket::stream_base::decorator(
      [headers = std::move(headers)](websocket::request_type& request) {
        for (const auto& [name, value] : headers) request.set(name, value);
      }));
  stream_->async_handshake(
      answer_, host, target,
      [self = shared_from_this(), on_answer = std::move(on_answer)](beast::error_code error) {
        if (!error && on_answer) on_answer(self->answer_);
        self->OnHandshake(error);
      });
}

void WebSocketLink::OnHandshake(beast::error_code error) {
  if (ended_) return;
  if (error) {
    if (on_refused_) {
      events_ = {};  // on_refused stands for them
      on_refused_(error, answer_);
    }
    return End(kAbnormal, error.message());
  }
  on_refused_ = nullptr;
  open_ = true;
  heard_at_ = pinged_at_ = std::chrono::steady_clock::now();
  if (events_.on_open) events_.on_open();
  WatchPeer();
  ReadNext();
  WriteNext();
}

void WebSocketLink::ReadNext() {
  stream_->async_read(incoming_, [self = shared_from_this()](beast::error_code error, std::size_t) {
    self->OnRead(error);
  });
}

void WebSocketLink::OnRead(beast::error_code error) {
  if (ended_) return;
  if (error) {
    const auto& peer_close = stream_->reason();
    if (error == websocket::error::closed && peer_close.code != websocket::close_code::none) {
      return End(peer_close.code, std::string{peer_close.reason.data(), peer_close.reason.size()});
    }
    if (error == websocket::error::closed && own_code_ != 0) return End(own_code_, "");
    if (error == websocket::error::message_too_big) return End(1009, error.message());
    return End(kAbnormal, error.message());
  }
  heard_at_ = std::chrono::steady_clock::now();
  if (events_.on_message) {
    const auto data = incoming_.data();
    events_.on_message({static_cast<const char*>(data.data()), data.size()},
                       stream_->got_binary() ? FrameKind::kBinary : FrameKind::kText);
  }
  incoming_.clear();
  if (!ended_) ReadNext();
}

Offer WebSocketLink::Send(std::shared_ptr<const std::string> bytes, FrameKind kind) {
  return Queue({.kind = kind == FrameKind::kText ? Item::Kind::kText : Item::Kind::kBinary,
                .bytes = std::move(bytes)});
}

void WebSocketLink::SendRaw(std::string bytes) {
  static_cast<void>(Queue(
      {.kind = Item::Kind::kRaw, .bytes = std::make_shared<const std::string>(std::move(bytes))}));
}

void WebSocketLink::Close(std::uint16_t code, std::string reason) {
  reason.resize(std::min(reason.size(), kLongestCloseReason));
  static_cast<void>(Queue({.kind = Item::Kind::kClose,
                           .bytes = std::make_shared<const std::string>(std::move(reason)),
                           .code = code}));
}

Offer WebSocketLink::Queue(Item item) {
  {
    const std::lock_guard lock{mutex_};
    if (gone_ || closing_) return Offer::kGone;
    const bool bounded = item.kind == Item::Kind::kText || item.kind == Item::Kind::kBinary;
    if (bounded && (buffered_ >= options_.max_buffered_bytes ||
                    queue_.size() >= options_.max_buffered_frames)) {
      was_full_ = true;
      return Offer::kFull;
    }
    closing_ = item.kind == Item::Kind::kClose;
    buffered_ += item.bytes->size();
    queue_.push_back(std::move(item));
    if (writing_) return Offer::kTaken;
    writing_ = true;
  }
  Wake();
  return Offer::kTaken;
}

bool WebSocketLink::CanWrite() const {
  const std::lock_guard lock{mutex_};
  return !gone_ && !closing_ && buffered_ < options_.max_buffered_bytes &&
         queue_.size() < options_.max_buffered_frames;
}

bool WebSocketLink::IsGone() const {
  const std::lock_guard lock{mutex_};
  return gone_;
}

std::size_t WebSocketLink::buffered_bytes() const {
  const std::lock_guard lock{mutex_};
  return buffered_;
}

void WebSocketLink::Wake() {
  net::post(strand_, [self = shared_from_this()] { self->WriteNext(); });
}

void WebSocketLink::WriteNext() {
  if (ended_) return;
  {
    const std::lock_guard lock{mutex_};
    writing_ = !queue_.empty();
    if (!writing_ || stalled_) return;  // stalled: stays marked as writing, Stall(false) goes on
    in_flight_ = std::move(queue_.front());
    queue_.pop_front();
  }
  const Item& item = *in_flight_;
  const auto written = [self = shared_from_this()](beast::error_code error, std::size_t size) {
    self->OnWritten(error, size);
  };
  switch (item.kind) {
    case Item::Kind::kText:
    case Item::Kind::kBinary:
      stream_->binary(item.kind == Item::Kind::kBinary);
      return stream_->async_write(net::buffer(*item.bytes), written);
    case Item::Kind::kRaw:
      return net::async_write(stream_->next_layer(), net::buffer(*item.bytes), written);
    case Item::Kind::kClose:
      return WriteClose(item);
  }
}

void WebSocketLink::WriteClose(const Item& item) {
  own_code_ = item.code;
  websocket::close_reason reason{static_cast<websocket::close_code>(item.code)};
  reason.reason.assign(item.bytes->data(), item.bytes->size());
  stream_->async_close(reason, [self = shared_from_this()](beast::error_code error) {
    if (self->ended_) return;
    const auto& peer_close = self->stream_->reason();
    if (error && peer_close.code == websocket::close_code::none) {
      return self->End(kAbnormal, error.message());
    }
    self->End(peer_close.code == websocket::close_code::none ? self->own_code_ : peer_close.code,
              std::string{peer_close.reason.data(), peer_close.reason.size()});
  });
}

void WebSocketLink::OnWritten(beast::error_code error, std::size_t) {
  if (ended_) return;
  if (error == websocket::error::closed || error == net::error::operation_aborted) {
    return;  // the read ends too, and knows the code
  }
  if (error) return End(kAbnormal, error.message());
  bool drained = false;
  {
    const std::lock_guard lock{mutex_};
    buffered_ -= in_flight_->bytes->size();
    drained = was_full_ && buffered_ <= options_.max_buffered_bytes / 2 &&
              queue_.size() <= options_.max_buffered_frames / 2;
    if (drained) was_full_ = false;
  }
  in_flight_.reset();
  if (drained && events_.on_drained) events_.on_drained();
  WriteNext();
}

void WebSocketLink::Ping(std::string payload) {
  if (IsGone()) return;  // the threads may be gone too
  payload.resize(std::min(payload.size(), kLongestControlPayload));
  net::post(strand_, [self = shared_from_this(), payload = std::move(payload)]() mutable {
    if (self->pings_.size() >= kMostPings) return;  // one is on its way that says as much
    self->pings_.push_back(std::move(payload));
    self->PingNext();
  });
}

void WebSocketLink::PingNext() {
  if (ended_ || !open_ || pinging_ || stalled_ || pings_.empty()) return;
  pinging_ = true;
  const websocket::ping_data payload{beast::string_view{pings_.front()}};
  pings_.pop_front();
  stream_->async_ping(payload, [self = shared_from_this()](beast::error_code error) {
    self->pinging_ = false;
    if (!error) self->PingNext();
  });
}

void WebSocketLink::WatchPeer() {
  if (ping_every_.count() <= 0) return;
  // From ping to ping, not from a pong's limit to the next: a peer that dies after its pong is
  // noticed within ping_every and pong_limit, not one pong_limit later.
  peer_timer_.expires_at(pinged_at_ + ping_every_);
  peer_timer_.async_wait([self = shared_from_this()](beast::error_code error) {
    if (error || self->ended_ || self->stalled_) return;
    self->pinged_at_ = std::chrono::steady_clock::now();
    self->pings_.emplace_back("sauda");
    self->PingNext();
    self->peer_timer_.expires_after(self->pong_limit_);
    self->peer_timer_.async_wait([self](beast::error_code waited) {
      if (waited || self->ended_ || self->stalled_) return;
      if (self->heard_at_ >= self->pinged_at_) return self->WatchPeer();
      self->Reset();
      self->End(kAbnormal, "no pong in time");
    });
  });
}

void WebSocketLink::Drop() {
  if (IsGone()) return;
  net::post(strand_, [self = shared_from_this()] {
    self->Reset();
    self->End(kAbnormal, "dropped");
  });
}

void WebSocketLink::Reset() {
  if (ended_ || !stream_) return;
  beast::error_code ignored;  // zero linger: the peer sees a reset
  stream_->next_layer().next_layer().socket().set_option(net::socket_base::linger{true, 0},
                                                         ignored);
}

void WebSocketLink::Stall(bool stalled) {
  if (IsGone()) return;
  net::post(strand_, [self = shared_from_this(), stalled] {
    if (self->ended_ || !self->stream_ || self->stalled_ == stalled) return;
    self->stalled_ = stalled;
    self->WatchIdle(!stalled);
    self->stream_->next_layer().Hold(stalled);
    if (stalled || self->ended_ || !self->open_) return;
    self->PingNext();
    if (!self->in_flight_) self->WriteNext();
  });
}

/// A stalled side neither pings nor gives up.
void WebSocketLink::WatchIdle(bool watched) {
  LimitIdleTime(watched ? options_.idle_limit : std::chrono::milliseconds{0});
  if (!watched) {
    peer_timer_.cancel();
    return;
  }
  if (!open_) return;
  if (ping_every_.count() <= 0) {  // Beast's timer goes on only after the peer's next message
    ping_every_ = options_.idle_limit / 2;
    pong_limit_ = options_.idle_limit - ping_every_;
  }
  pinged_at_ = std::chrono::steady_clock::now();
  WatchPeer();
}

void WebSocketLink::End(std::uint16_t code, const std::string& reason) {
  if (ended_) return;
  ended_ = true;
  {
    const std::lock_guard lock{mutex_};
    gone_ = true;
    buffered_ = 0;
    queue_.clear();
  }
  peer_timer_.cancel();
  if (stream_) {
    // Beast leaves the timer of a closing handshake running, and that keeps the thread.
    const auto none = websocket::stream_base::none();
    stream_->set_option(websocket::stream_base::timeout{
        .handshake_timeout = none, .idle_timeout = none, .keep_alive_pings = false});
    stream_->next_layer().Close();
  }
  const WebSocketEvents events = std::move(events_);
  events_ = {};
  if (events.on_closed) events.on_closed(code, reason);
  if (const auto on_end = std::move(on_end_)) on_end();
  on_end_ = nullptr;
}

}  // namespace sauda::http
