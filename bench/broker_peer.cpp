#include "bench/broker_peer.hpp"

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

BrokerPeer::BrokerPeer(int instruments) {
  for (int i = 0; i < instruments; ++i) keys_.push_back("NSE_FO|" + std::to_string(40'000 + i));
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
        http::WebSocketOptions socket_options;
        socket_options.max_buffered_bytes = kQueueBytes;
        http::WebSocketEvents events;
        events.on_message = [this](std::string_view bytes, http::FrameKind) {
          const auto request = nlohmann::json::parse(bytes, nullptr, false);
          if (!request.is_discarded() && request.value("method", "") == "sub") {
            asked_ += static_cast<int>(request["data"]["instrumentKeys"].size());
          }
        };
        const auto socket = upgrade->Accept({}, socket_options, std::move(events));
        (void)socket->Send(MarketInfo(), http::FrameKind::kBinary);
        const std::lock_guard lock{mutex_};
        socket_ = socket;
        asked_ = 0;
      });
  Check(server_->Start().has_value(), "the broker peer cannot start");
}

BrokerPeer::~BrokerPeer() { server_->Stop(std::chrono::milliseconds{0}); }

std::string BrokerPeer::Encode(int ticks, std::int64_t sent_us) {
  v3::FeedResponse frame;
  frame.set_type(v3::live_feed);
  frame.set_currentts(kMarketMs);
  for (int i = 0; i < ticks; ++i) {
    Fill((*frame.mutable_feeds())[keys_[next_ % keys_.size()]], sent_us, next_);
    ++next_;
  }
  return frame.SerializeAsString();
}

void BrokerPeer::Send(int ticks) {
  std::shared_ptr<http::WebSocket> socket;
  {
    const std::lock_guard lock{mutex_};
    socket = socket_;
  }
  Check(socket != nullptr, "nobody has connected to the broker peer");
  while (!socket->CanWrite()) std::this_thread::yield();
  (void)socket->Send(Encode(ticks, NowUs()), http::FrameKind::kBinary);
}

std::size_t BrokerPeer::FrameBytes(int ticks) const {
  v3::FeedResponse frame;
  for (int i = 0; i < ticks; ++i) {
    Fill((*frame.mutable_feeds())[keys_[static_cast<std::size_t>(i) % keys_.size()]], NowUs(), 0);
  }
  return frame.ByteSizeLong();
}

}  // namespace sauda::bench
