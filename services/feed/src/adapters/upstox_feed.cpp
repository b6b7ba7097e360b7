#include "services/feed/src/adapters/upstox_feed.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "libs/http/client.hpp"
#include "libs/upstox/feed_socket.hpp"
#include "libs/upstox/rest_client.hpp"

namespace sauda::feed {
namespace {

constexpr std::chrono::seconds kGoodbye{1};  // for the broker to answer a close
/// The HTTP client keeps to Retry-After itself; this only spares it from being asked.
constexpr std::chrono::seconds kPatience{5};

const char* WireName(Mode mode) {
  switch (mode) {
    case Mode::kLtpc:
      return "ltpc";
    case Mode::kOptionGreeks:
      return "option_greeks";
    case Mode::kFull:
      return "full";
    case Mode::kFullD30:
      return "full_d30";
  }
  return "";
}

OpenOutcome Failed(Error why) {
  OpenOutcome outcome;
  if (why.code == Code::kResourceExhausted) outcome.retry_after = kPatience;
  outcome.failure = std::move(why);
  return outcome;
}

/// Whether a connection has ended; its socket thread says so.
class Ending {
 public:
  void Set() {
    const std::lock_guard lock{mutex_};
    ended_ = true;
    changed_.notify_all();
  }
  void Wait(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, limit, [this] { return ended_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // guarded by mutex_
};

}  // namespace

class UpstoxFeed::Impl {
 public:
  Impl(Options options, MarketClock& market, const Clock& clock)
      : options_{std::move(options)}, clock_{clock}, observer_{market} {}

  OpenOutcome Open(const BrokerToken& token, BrokerFeedEvents& events) {
    socket_.reset();
    if (auto prepared = Prepare(); !prepared) return Failed(prepared.error());
    const auto address = rest_->AuthorizeMarketFeed(token.text);
    if (!address) return Failed(address.error());
    auto socket = upstox::FeedSocket::Make({.ca = {.file = options_.ca_file},
                                            .connect_deadline = options_.deadline,
                                            .ping_every = options_.ping_every,
                                            .pong_limit = options_.pong_limit},
                                           endpoints_, observer_, clock_);
    if (!socket) return Failed(socket.error());
    socket_ = std::move(*socket);
    ending_ = std::make_shared<Ending>();
    auto opened = socket_->Open(*address, EventsFor(events));
    if (!opened) {
      socket_.reset();
      return Failed(opened.error());
    }
    return {.simulated = observer_.simulated()};
  }

  Result<void> Send(const SubscriptionRequest& request) {
    if (!socket_) return Error{Code::kUnavailable, "NOT_CONNECTED", "there is no connection"};
    return socket_->Request(request.subscribe ? "sub" : "unsub",
                            request.subscribe ? WireName(request.mode) : "", request.keys);
  }

  void Close() {
    if (!socket_) return;
    if (socket_->is_open()) {
      socket_->Close();
      ending_->Wait(kGoodbye);
    }
    socket_.reset();  // joins its thread
  }

 private:
  // Not at construction: the certificate authority's file may come later than this process.
  Result<void> Prepare() {
    if (rest_) return {};
    if (!options_.url.empty()) {
      auto endpoints = upstox::Endpoints::At(options_.url);
      if (!endpoints) return endpoints.error();
      endpoints_ = *endpoints;
    }
    auto client = http::Client::Make(
        {.ca = {.file = options_.ca_file}, .allowed = endpoints_.ToRead()}, clock_);
    if (!client) return client.error();
    client_ = std::move(*client);
    rest_ =
        std::make_unique<upstox::RestClient>(*client_, endpoints_, observer_, options_.deadline);
    return {};
  }

  upstox::FeedSocket::Events EventsFor(BrokerFeedEvents& events) {
    return {
        .on_frame =
            [&events](std::string_view bytes, std::int64_t received_ns, Monotonic received) {
              events.OnFrame({.bytes = bytes, .received_ns = received_ns, .received_at = received});
            },
        .on_closed =
            [&events, ending = ending_](const Error& why) {
              events.OnClosed(why.message);
              ending->Set();
            }};
  }

  const Options options_;
  const Clock& clock_;
  upstox::BrokerObserver observer_;
  upstox::Endpoints endpoints_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<upstox::RestClient> rest_;
  std::shared_ptr<Ending> ending_;
  std::unique_ptr<upstox::FeedSocket> socket_;
};

UpstoxFeed::UpstoxFeed(Options options, MarketClock& market, const Clock& clock)
    : impl_{std::make_unique<Impl>(std::move(options), market, clock)} {}

UpstoxFeed::~UpstoxFeed() = default;

OpenOutcome UpstoxFeed::Open(const BrokerToken& token, BrokerFeedEvents& events) {
  return impl_->Open(token, events);
}

Result<void> UpstoxFeed::Send(const SubscriptionRequest& request) { return impl_->Send(request); }

void UpstoxFeed::Close() { impl_->Close(); }

}  // namespace sauda::feed
