#include "libs/upstox/feed_socket.hpp"

#include <mutex>
#include <random>

#include <nlohmann/json.hpp>

#include "libs/http/url.hpp"
#include "libs/http/web_socket_client.hpp"

namespace sauda::upstox {
namespace {

using nlohmann::json;

constexpr std::uint16_t kNormalClosure = 1000;

std::string MakeGuid() {
  static constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::uniform_int_distribution<std::size_t> letter{0, kLetters.size() - 1};
  std::string guid(20, '0');
  for (char& c : guid) c = kLetters[letter(random)];
  return guid;
}

Error ToError(const http::OpenFailure& failure) {
  Error error = failure.error;
  switch (failure.answer.status) {
    case 401:
      return {Code::kUnauthenticated, "TOKEN_REJECTED", std::move(error.message)};
    case 403:
      return {Code::kPermissionDenied, "FEED_REFUSED", std::move(error.message)};
    case 429:
      return {Code::kResourceExhausted, "RATE_LIMITED", std::move(error.message)};
    default:
      return error;
  }
}

/// What sockets may reach: the API host for the direct way, and the feeders.
http::EgressList Reachable(const Endpoints& endpoints) {
  http::EgressList list = endpoints.ToRead();
  list.insert(endpoints.feeders);
  return list;
}

}  // namespace

/// Owns the thread (in client_) and the connection that is open.
class FeedSocket::Impl {
 public:
  Impl(FeedSocketOptions options, Endpoints endpoints, BrokerObserver& observer, const Clock& clock,
       std::unique_ptr<http::WebSocketClient> client)
      : options_{std::move(options)},
        endpoints_{std::move(endpoints)},
        observer_{observer},
        clock_{clock},
        client_{std::move(client)} {}

  ~Impl() {
    {
      const std::lock_guard lock{mutex_};
      ++generation_;  // what is still called belongs to nobody
    }
    client_.reset();
  }

  Result<void> Open(const std::string& url, const http::Headers& headers, Events events);
  Result<void> Request(std::string_view method, std::string_view mode,
                       const std::vector<std::string>& keys);
  void Close();
  bool is_open() const {
    const std::lock_guard lock{mutex_};
    return socket_ != nullptr;
  }
  const Endpoints& endpoints() const { return endpoints_; }

 private:
  http::WebSocketEvents Wrap(Events events, std::uint64_t generation);
  bool IsCurrent(std::uint64_t generation) const {
    const std::lock_guard lock{mutex_};
    return generation == generation_;
  }

  const FeedSocketOptions options_;
  const Endpoints endpoints_;
  BrokerObserver& observer_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<http::WebSocket> socket_;  // guarded by mutex_; set while open
  std::uint64_t generation_ = 0;             // guarded by mutex_; counts openings
  std::unique_ptr<http::WebSocketClient> client_;
};

http::WebSocketEvents FeedSocket::Impl::Wrap(Events events, std::uint64_t generation) {
  const auto shared = std::make_shared<const Events>(std::move(events));
  const auto alive = [this, shared, generation](std::string_view) {
    if (shared->on_alive && IsCurrent(generation)) shared->on_alive(clock_.Now());
  };
  http::WebSocketEvents wrapped;
  wrapped.on_open = [this, shared, generation] {
    if (shared->on_open && IsCurrent(generation)) shared->on_open();
  };
  wrapped.on_message = [this, shared, generation](std::string_view bytes, http::FrameKind) {
    const Monotonic received = clock_.Now();
    const std::int64_t received_ns = clock_.UtcNs();
    if (shared->on_frame && IsCurrent(generation)) shared->on_frame(bytes, received_ns, received);
  };
  wrapped.on_ping = alive;
  wrapped.on_pong = alive;
  wrapped.on_closed = [this, shared, generation](std::uint16_t code, std::string_view reason) {
    {
      const std::lock_guard lock{mutex_};
      if (generation != generation_) return;
      socket_ = nullptr;
    }
    if (!shared->on_closed) return;
    shared->on_closed({Code::kUnavailable, "FEED_CLOSED",
                       "closed with " + std::to_string(code) +
                           (reason.empty() ? "" : ": " + std::string{reason})});
  };
  return wrapped;
}

Result<void> FeedSocket::Impl::Open(const std::string& url, const http::Headers& headers,
                                    Events events) {
  std::shared_ptr<http::WebSocket> before;
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock{mutex_};
    before = std::move(socket_);
    socket_ = nullptr;
    generation = ++generation_;
  }
  if (before) before->Drop();
  const http::WebSocketOptions options{.max_message_bytes = options_.max_message_bytes,
                                       .max_buffered_bytes = options_.max_buffered_bytes,
                                       .deflate = options_.deflate,
                                       .handshake_deadline = options_.connect_deadline,
                                       .ping_every = options_.ping_every,
                                       .pong_limit = options_.pong_limit};
  const auto on_answer = [this, generation](const http::Headers& answer,
                                            const std::shared_ptr<http::WebSocket>& socket) {
    observer_.Observe(answer);
    const std::lock_guard lock{mutex_};
    if (generation == generation_) socket_ = socket;  // on_open may already ask for instruments
  };
  auto opened =
      client_->Open(url, headers, options, Wrap(std::move(events), generation), on_answer);
  if (!opened) return ToError(opened.error());
  return {};
}

Result<void> FeedSocket::Impl::Request(std::string_view method, std::string_view mode,
                                       const std::vector<std::string>& keys) {
  std::shared_ptr<http::WebSocket> socket;
  {
    const std::lock_guard lock{mutex_};
    socket = socket_;
  }
  const Error not_open{Code::kFailedPrecondition, "FEED_NOT_OPEN", "the feed is not open"};
  if (!socket) return not_open;
  json data{{"instrumentKeys", keys}};
  if (!mode.empty()) data["mode"] = mode;
  const json request{{"guid", MakeGuid()}, {"method", method}, {"data", std::move(data)}};
  switch (socket->Send(request.dump(-1, ' ', false, json::error_handler_t::replace),
                       http::FrameKind::kBinary)) {
    case http::Offer::kTaken:
      return {};
    case http::Offer::kFull:
      return Error{Code::kResourceExhausted, "FEED_BUSY", "requests wait to be written"};
    case http::Offer::kGone:
      break;
  }
  return not_open;
}

void FeedSocket::Impl::Close() {
  std::shared_ptr<http::WebSocket> socket;
  {
    const std::lock_guard lock{mutex_};
    socket = socket_;
  }
  if (socket) socket->Close(kNormalClosure, "");
}

Result<std::unique_ptr<FeedSocket>> FeedSocket::Make(FeedSocketOptions options, Endpoints endpoints,
                                                     BrokerObserver& observer, const Clock& clock) {
  auto client = http::WebSocketClient::Make({.ca = options.ca,
                                             .allowed = Reachable(endpoints),
                                             .connect_deadline = options.connect_deadline,
                                             .follow_redirect = true});
  if (!client) return client.error();
  return std::unique_ptr<FeedSocket>{new FeedSocket{std::make_unique<Impl>(
      std::move(options), std::move(endpoints), observer, clock, std::move(*client))}};
}

FeedSocket::FeedSocket(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
FeedSocket::~FeedSocket() = default;

Result<void> FeedSocket::Open(const Secret& address, Events events) {
  return impl_->Open(address.Reveal(), {}, std::move(events));
}

Result<void> FeedSocket::OpenDirect(std::string_view path, const Secret& token, Events events) {
  auto url = http::Url::Parse(impl_->endpoints().api + std::string{path});
  if (!url) return url.error();
  return impl_->Open((url->tls() ? "wss://" : "ws://") + url->HostPort() + url->target,
                     {{"Authorization", "Bearer " + token.Reveal()}}, std::move(events));
}

Result<void> FeedSocket::Request(std::string_view method, std::string_view mode,
                                 const std::vector<std::string>& instrument_keys) {
  return impl_->Request(method, mode, instrument_keys);
}

bool FeedSocket::is_open() const { return impl_->is_open(); }

void FeedSocket::Close() { impl_->Close(); }

}  // namespace sauda::upstox
