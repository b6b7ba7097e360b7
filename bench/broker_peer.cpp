#include "bench/broker_peer.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include <nlohmann/json.hpp>

#include "bench/load.hpp"
#include "libs/base/check.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::bench {
namespace {

namespace v3 = com::upstox::marketdatafeederv3udapi::rpc::proto;

constexpr std::int64_t kMarketMs = 1'765'771'372'000;  // 2025-12-15 09:32:52 IST
constexpr std::size_t kQueueBytes = 8U << 20U;

/// A certificate authority and a certificate for 127.0.0.1, for this run.
void MakeCertificates(const std::string& folder) {
  const auto made = test::RunCommand(
      {.arguments = {
           "sh", "-ec",
           "cd \"$1\"; openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=bench-ca "
           "-keyout ca.key -out ca.pem; openssl req -newkey rsa:2048 -nodes -subj "
           "/CN=127.0.0.1 -keyout leaf.key -out leaf.csr; printf "
           "'subjectAltName=IP:127.0.0.1,DNS:localhost' > san; openssl x509 -req -days 2 "
           "-in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile san -out leaf.pem",
           "sh", folder}});
  Check(made.exit_code == 0, "openssl cannot make certificates");
}

void Fill(v3::Feed& feed, std::int64_t sent_us, std::size_t seed) {
  v3::MarketFullFeed& market = *feed.mutable_fullfeed()->mutable_marketff();
  const double price = 700.0 + 0.05 * static_cast<double>(seed % 1'000);
  market.mutable_ltpc()->set_ltp(price);
  market.mutable_ltpc()->set_ltt(sent_us);
  market.mutable_ltpc()->set_ltq(35);
  market.mutable_ltpc()->set_cp(622.85);
  for (std::int64_t level = 1; level <= 5; ++level) {
    v3::Quote& quote = *market.mutable_marketlevel()->add_bidaskquote();
    quote.set_bidq(35 * level);
    quote.set_bidp(price - 0.05 * static_cast<double>(level));
    quote.set_askq(70 * level);
    quote.set_askp(price + 0.05 * static_cast<double>(level));
  }
  market.mutable_optiongreeks()->set_delta(-0.6416);
  market.mutable_optiongreeks()->set_theta(-15.358);
  market.mutable_optiongreeks()->set_gamma(0.0003);
  market.mutable_optiongreeks()->set_vega(45.3725);
  market.mutable_optiongreeks()->set_rho(-16.2522);
  for (const char* interval : {"1d", "I1"}) {
    v3::OHLC& bar = *market.mutable_marketohlc()->add_ohlc();
    bar.set_interval(interval);
    bar.set_open(price);
    bar.set_high(price + 10);
    bar.set_low(price - 10);
    bar.set_close(price);
    bar.set_vol(27'475);
    bar.set_ts(kMarketMs);
  }
  market.set_atp(731.11);
  market.set_vtt(27'475);
  market.set_oi(71'365);
  market.set_iv(0.1032257080078125);
  market.set_tbq(9'835);
  market.set_tsq(11'690);
  feed.set_requestmode(v3::full_d5);
}

std::string MarketInfo() {
  v3::FeedResponse info;
  info.set_type(v3::market_info);
  info.set_currentts(kMarketMs);
  for (const char* segment : {"NSE_EQ", "NSE_FO", "NSE_INDEX"}) {
    (*info.mutable_marketinfo()->mutable_segmentstatus())[segment] = v3::NORMAL_OPEN;
  }
  return info.SerializeAsString();
}

}  // namespace

/// One connection of the feed. The server's thread changes it, that of Send reads it.
struct BrokerPeer::Socket {
  explicit Socket(std::size_t keys) : carries(keys) {}

  std::shared_ptr<http::WebSocket> web_socket;
  std::vector<std::atomic<bool>> carries;  // by number of the key
  std::atomic<bool> closed{false};
};

BrokerPeer::BrokerPeer(int instruments) {
  for (int i = 0; i < instruments; ++i) {
    keys_.push_back("NSE_FO|" + std::to_string(40'000 + i));
    numbers_.emplace(keys_.back(), keys_.size() - 1);
  }
  MakeCertificates(folder_.path());
  http::ServerTls tls;
  tls.certificate_file = folder_.path() + "/leaf.pem";
  tls.key_file = folder_.path() + "/leaf.key";
  http::ServerOptions options;
  options.tls = tls;
  options.threads = 1;
  server_ = std::make_unique<http::Server>(std::move(options));
  server_->Route(
      "GET", "/v3/feed/market-data-feed/authorize",
      [this](const http::Request&, const http::Respond& respond) {
        const std::string uri = "wss" + server_->url().substr(5) + "/feed?code=1";
        respond(http::Response::Json(
            200, nlohmann::json{{"status", "success"}, {"data", {{"authorized_redirect_uri", uri}}}}
                     .dump()));
      });
  server_->RouteWebSocket(
      "/feed", [this](const http::Request&, const std::shared_ptr<http::Upgrade>& upgrade) {
        Accept(*upgrade);
      });
  Check(server_->Start().has_value(), "the broker peer cannot start");
}

BrokerPeer::~BrokerPeer() { server_->Stop(std::chrono::milliseconds{0}); }

void BrokerPeer::Accept(http::Upgrade& upgrade) {
  const auto socket = std::make_shared<Socket>(keys_.size());
  http::WebSocketOptions options;
  options.max_buffered_bytes = kQueueBytes;
  http::WebSocketEvents events;
  events.on_message = [this, socket](std::string_view bytes, http::FrameKind) {
    Take(*socket, bytes);
  };
  events.on_closed = [this, socket](std::uint16_t, std::string_view) {
    socket->closed = true;
    const std::lock_guard lock{mutex_};
    std::erase(sockets_, socket);
  };
  // The server has one thread and this is it, so no event comes before the end of this function.
  socket->web_socket = upgrade.Accept({}, options, std::move(events));
  (void)socket->web_socket->Send(MarketInfo(), http::FrameKind::kBinary);
  const std::lock_guard lock{mutex_};
  sockets_.push_back(socket);
}

void BrokerPeer::Take(Socket& socket, std::string_view request) const {
  const auto asked = nlohmann::json::parse(request, nullptr, false);
  if (asked.is_discarded()) return;
  const std::string method = asked.value("method", "");
  if (method != "sub" && method != "unsub") return;
  for (const auto& key : asked["data"]["instrumentKeys"]) {
    const auto found = numbers_.find(key.get<std::string>());
    if (found != numbers_.end()) socket.carries[found->second] = method == "sub";
  }
}

std::vector<std::shared_ptr<BrokerPeer::Socket>> BrokerPeer::OpenSockets() const {
  const std::lock_guard lock{mutex_};
  return sockets_;
}

bool BrokerPeer::subscribed() const {
  const auto sockets = OpenSockets();
  for (std::size_t key = 0; key < keys_.size(); ++key) {
    if (std::ranges::none_of(sockets, [&](const auto& each) { return each->carries[key].load(); }))
      return false;
  }
  return true;
}

std::size_t BrokerPeer::sockets() const {
  const auto sockets = OpenSockets();
  return static_cast<std::size_t>(std::ranges::count_if(sockets, [](const auto& each) {
    return std::ranges::any_of(each->carries, [](const auto& carried) { return carried.load(); });
  }));
}

std::string BrokerPeer::Encode(const Socket& socket, std::size_t first, int ticks,
                               std::int64_t sent_us) const {
  v3::FeedResponse frame;
  for (std::size_t seed = first; seed < first + static_cast<std::size_t>(ticks); ++seed) {
    const std::size_t key = seed % keys_.size();
    if (!socket.carries[key]) continue;
    Fill((*frame.mutable_feeds())[keys_[key]], sent_us, seed);
  }
  if (frame.feeds().empty()) return "";
  frame.set_type(v3::live_feed);
  frame.set_currentts(kMarketMs);
  return frame.SerializeAsString();
}

void BrokerPeer::Send(int ticks) {
  const auto sockets = OpenSockets();
  Check(!sockets.empty(), "nobody has connected to the broker peer");
  const std::size_t first = next_;
  next_ += static_cast<std::size_t>(ticks);
  for (const auto& socket : sockets) {
    while (!socket->web_socket->CanWrite() && !socket->closed) std::this_thread::yield();
    std::string frame = Encode(*socket, first, ticks, NowUs());
    if (frame.empty()) continue;
    (void)socket->web_socket->Send(std::move(frame), http::FrameKind::kBinary);
  }
}

std::size_t BrokerPeer::FrameBytes(int ticks) const {
  v3::FeedResponse frame;
  for (int i = 0; i < ticks; ++i) {
    Fill((*frame.mutable_feeds())[keys_[static_cast<std::size_t>(i) % keys_.size()]], NowUs(), 0);
  }
  return frame.ByteSizeLong();
}

}  // namespace sauda::bench
