#include "services/gateway/src/app.hpp"

#include <algorithm>
#include <charconv>

#include "libs/http/url.hpp"
#include "libs/rpc/server.hpp"
#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/gate.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

constexpr std::size_t kMaxConnections = 8'192;
constexpr std::size_t kWaitingRequests = 1'024;
const prometheus::Histogram::BucketBoundaries kBuckets{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02,
                                                       0.05,   0.1,   0.2,   0.5,   1,    5};

/// A closed set, whatever a client sends.
std::string MethodLabel(std::string_view method) {
  for (const char* known : {"GET", "HEAD", "POST", "PUT", "DELETE"}) {
    if (method == known) return known;
  }
  return "other";
}

}  // namespace

App::App(Config config)
    : config_{std::move(config)},
      exporter_{"gateway"},
      metrics_{exporter_.registry()},
      dependencies_{exporter_.registry(), "gateway", {"auth", "instruments", "feed", "orders"}},
      login_limiter_{{.burst = config_.login_burst, .per_minute = config_.logins_per_minute}},
      callback_limiter_{{.burst = config_.login_burst, .per_minute = config_.logins_per_minute}},
      keys_limiter_{{.burst = config_.keys_burst, .per_minute = config_.keys_per_minute}},
      guard_{{.ring = ring_,
              .logins = login_limiter_,
              .callbacks = callback_limiter_,
              .keys = keys_limiter_,
              .metrics = metrics_,
              .clock = clock_},
             config_.KeysRequired()} {}

App::~App() { Stop(); }

Result<void> App::ConnectPeers() {
  const auto auth = rpc::Connect(config_.auth_address, config_.tls);
  const auto instruments = rpc::Connect(config_.instruments_address, config_.tls);
  const auto feed = rpc::Connect(config_.feed_address, config_.tls);
  const auto orders = rpc::Connect(config_.orders_address, config_.tls);
  if (const Error* const problem = FirstError(auth, instruments, feed, orders)) return *problem;
  auth_channel_ = *auth;
  feed_channel_ = *feed;
  peers_ = {.auth = auth::v1alpha1::AuthService::NewStub(*auth),
            .account = auth::v1alpha1::AccountService::NewStub(*auth),
            .keys = auth::v1alpha1::KeysService::NewStub(*auth),
            .instruments = instruments::v1alpha1::InstrumentsService::NewStub(*instruments),
            .calendar = instruments::v1alpha1::CalendarService::NewStub(*instruments),
            .feed = feed::v1alpha1::FeedService::NewStub(*feed),
            .orders = orders::v1alpha1::OrdersService::NewStub(*orders),
            .kill = orders::v1alpha1::KillService::NewStub(*orders),
            .portfolio = orders::v1alpha1::PortfolioService::NewStub(*orders),
            .call_limit = config_.call_limit,
            .sync_limit = config_.sync_limit};
  return {};
}

Result<http::ServerOptions> App::ServerOptionsOf() {
  const bool https = !config_.https_certificate_file.empty();
  if (!https && !rpc::IsLoopback(config_.listen) && !config_.plain_http_beyond_loopback) {
    return Error{Code::kInvalidArgument, "BIND_NEEDS_TLS",
                 "--listen=" + config_.listen +
                     " reaches beyond this machine: give --https-cert and --https-key, or "
                     "--plain-http-beyond-loopback behind a proxy"};
  }
  const auto colon = config_.listen.rfind(':');
  http::ServerOptions options;
  options.address = config_.listen.substr(0, colon);
  if (options.address == "localhost") options.address = "127.0.0.1";
  const std::string port = config_.listen.substr(colon + 1);
  (void)std::from_chars(port.data(), port.data() + port.size(), options.port);
  options.max_connections = kMaxConnections;
  options.filter = Gate(config_.allowed_hosts);
  options.decorate = AddSafetyHeaders;
  options.error_answer = ServerRefusal;
  options.on_answered = [this](const http::AccessRecord& record) {
    const std::string route{record.route.empty() ? "unknown" : record.route};
    metrics_.requests
        .Add({{"method", MethodLabel(record.method)},
              {"route", route},
              {"status", std::to_string(record.status)}})
        .Increment();
    metrics_.seconds.Add({{"route", route}}, kBuckets)
        .Observe(std::chrono::duration<double>(record.took).count());
  };
  if (https) {
    http::ServerTls tls;
    tls.certificate_file = config_.https_certificate_file;
    tls.key_file = config_.https_key_file;
    options.tls = std::move(tls);
  }
  return options;
}

Result<void> App::Start() {
  if (auto connected = ConnectPeers(); !connected) return connected.error();
  auto options = ServerOptionsOf();
  if (!options) return options.error();
  if (auto metrics = exporter_.Start(config_.metrics_listen); !metrics) return metrics.error();

  workers_ = std::make_unique<http::WorkerPool>(http::WorkerPool::Limits{
      .threads = static_cast<std::size_t>(config_.workers), .waiting = kWaitingRequests});
  server_ = std::make_unique<http::Server>(std::move(*options));
  routes_ = std::make_unique<Routes>(*server_, guard_);
  const Context context{.routes = *routes_,
                        .ring = ring_,
                        .clock = clock_,
                        .workers = *workers_,
                        .peers = peers_,
                        .hub = hub_,
                        .metrics = metrics_,
                        .dependencies = dependencies_,
                        .https = !config_.https_certificate_file.empty()};
  AddAccountRoutes(context);
  AddAuthRoutes(context);
  AddInstrumentRoutes(context);
  AddCalendarRoutes(context);
  AddMarketRoutes(context);
  AddStreamRoutes(context);
  AddOrderRoutes(context);
  AddKillRoutes(context);
  AddPortfolioRoutes(context);
  AddKeyRoutes(context);
  AddAuditRoutes(context);
  AddSessionRoutes(context);
  AddStatusRoutes(context);
  feed_ =
      std::make_unique<FeedStream>(feed_channel_, hub_, metrics_, dependencies_, config_.heartbeat);
  keys_ = std::make_unique<KeyStream>(auth_channel_, ring_, metrics_, clock_,
                                      config_.report_uses_every);
  if (auto started = server_->Start(); !started) return started.error();
  spdlog::info("serving url={} metrics={} api_keys={}", server_->url(), config_.metrics_listen,
               config_.KeysRequired() ? "required" : "off");
  if (!config_.KeysRequired() && !rpc::IsLoopback(config_.listen)) {
    spdlog::warn("whoever reaches {} can use the account: no API key is needed", config_.listen);
  }
  return {};
}

void App::Stop() {
  if (keys_) keys_->Stop();
  if (feed_) feed_->Stop();
  if (server_) server_->Stop(config_.drain_limit);
  if (workers_) workers_->Stop();
}

}  // namespace sauda::gateway
