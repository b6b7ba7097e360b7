#include "simulator/src/app.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <prometheus/gauge.h>
#include <spdlog/spdlog.h>

#include "libs/base/text.hpp"
#include "libs/http/client.hpp"
#include "libs/http/server.hpp"
#include "libs/http/url.hpp"
#include "libs/telemetry/metrics.hpp"
#include "simulator/src/certificates.hpp"
#include "simulator/src/core/ist.hpp"
#include "simulator/src/feed_hub.hpp"
#include "simulator/src/loop.hpp"
#include "simulator/src/market_factory.hpp"
#include "simulator/src/market_time.hpp"
#include "simulator/src/metrics.hpp"
#include "simulator/src/order_record.hpp"
#include "simulator/src/portfolio_hub.hpp"
#include "simulator/src/rest/admin_routes.hpp"
#include "simulator/src/rest/approval_routes.hpp"
#include "simulator/src/rest/asset_routes.hpp"
#include "simulator/src/rest/calendar_routes.hpp"
#include "simulator/src/rest/envelope.hpp"
#include "simulator/src/rest/fault_plan_routes.hpp"
#include "simulator/src/rest/feed_routes.hpp"
#include "simulator/src/rest/guard.hpp"
#include "simulator/src/rest/login_routes.hpp"
#include "simulator/src/rest/order_routes.hpp"
#include "simulator/src/rest/quote_routes.hpp"
#include "simulator/src/rest/user_routes.hpp"
#include "simulator/src/tokens.hpp"

namespace sauda::sim {
namespace {

/// How often the market's clock is told to the other threads when nothing moves.
constexpr std::chrono::milliseconds kClockStep{1'000};

/// How long a notifier may take to answer.
constexpr std::chrono::seconds kNoticeLimit{20};

/// In the state directory: which tokens were ended before their time.
constexpr const char* kEndedTokens = "/ended-tokens.json";

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

HostPort Split(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  HostPort split{.host = address.substr(0, colon)};
  const char* const first = address.data() + colon + 1;  // Settings has checked it
  std::from_chars(first, address.data() + address.size(), split.port);
  return split;
}

RateLimit Limit(std::int64_t second, std::int64_t minute, std::int64_t half_hour) {
  return {.per_second = static_cast<std::size_t>(second),
          .per_minute = static_cast<std::size_t>(minute),
          .per_half_hour = static_cast<std::size_t>(half_hour)};
}

std::size_t MaxConnections(const Config& config) { return config.plus_plan ? 5 : 2; }

std::vector<std::string> CertificateNames(const Config& config, const std::string& listen_host) {
  std::vector<std::string> names = {"localhost",
                                    "127.0.0.1",
                                    "api.upstox.com",
                                    "api-hft.upstox.com",
                                    "api-sandbox.upstox.com",
                                    "assets.upstox.com"};
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  if (listen_host != "0.0.0.0" && listen_host != "::") add(listen_host);
  const std::string& announced = config.announced_host;  // with or without a port
  if (!announced.empty()) add(announced.substr(0, announced.rfind(':')));
  return names;
}

/// What the user owns at the start, where the master lists it.
std::vector<Holding> Holdings(const Master& master) {
  std::vector<Holding> holdings;
  const auto add = [&](const char* key, std::int64_t quantity, std::int64_t rupees) {
    const auto listing = master.Find(key);
    if (!listing) return;
    holdings.push_back(
        {.listing = *listing, .quantity = quantity, .average_price = Decimal::FromUnits(rupees)});
  };
  add("NSE_EQ|INE002A01018", 100, 1'200);  // Reliance
  add("NSE_EQ|INE848E01016", 500, 75);     // NHPC
  return holdings;
}

Brokerage::Options BrokerageOptions(const Config& config, const Master& master) {
  // Order ids count in steps of 10 ms of real time, so a restarted process goes on above them.
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  return {.opening_cash = Decimal::FromUnits(config.opening_cash),
          .holdings = Holdings(master),
          .first_number = static_cast<std::uint64_t>(ms / 10)};
}

}  // namespace

/// Everything that runs, in the order in which it starts; what comes last stops first.
class App::Parts {
 public:
  struct Secrets {
    Secret signing_key;
    Secret admin_token;
    EndedTokens ended;
  };

  struct Records {
    std::unique_ptr<SentRecord> sent;     ///< absent: none is kept
    std::unique_ptr<OrderRecord> orders;  ///< the same
  };

  Parts(const Config& config, MadeMarket made, Records records, Certificates certificates,
        const Secrets& secrets, std::vector<AppRegistration> apps,
        std::unique_ptr<http::Client> notifier)
      : made_{std::move(made)},
        records_{std::move(records)},
        signer_{secrets.signing_key},
        logins_{std::move(apps), config.plus_plan,
                TokenPorts(signer_, config.state_dir + kEndedTokens), secrets.ended},
        metrics_{exporter_.registry()},
        guard_{loop_,
               market(),
               logins_,
               faults_,
               metrics_,
               {.standard =
                    Limit(config.api_per_second, config.api_per_minute, config.api_per_half_hour),
                .orders = Limit(config.order_per_second, config.order_per_minute,
                                config.order_per_half_hour)},
               records_.orders.get()},
        assets_{*made_.master, config.instruments},
        feed_{loop_,
              market(),
              faults_,
              metrics_,
              {.max_connections = MaxConnections(config),
               .deflate = config.deflate,
               .idle_limit = config.idle_limit,
               .announced_host = config.announced_host,
               .waits_for_slow = made_.replay != nullptr,
               .session = {.plus_plan = config.plus_plan,
                           .most_keys = static_cast<std::size_t>(config.feed_keys),
                           .incremental = config.incremental,
                           .count_by_listing = config.count_by_key},
               .record = records_.sent.get()}},
        portfolio_{loop_,
                   faults_,
                   metrics_,
                   {.max_connections = MaxConnections(config),
                    .idle_limit = config.idle_limit,
                    .announced_host = config.announced_host}},
        teller_{*made_.master, portfolio_, metrics_, config.user_id, records_.orders.get()},
        brokerage_{market(), teller_, BrokerageOptions(config, *made_.master)},
        notifier_{std::move(notifier)},
        server_{ServerOptions(config, std::move(certificates))} {
    AddRoutes(config, secrets.admin_token);
  }

  Result<void> Start(const Config& config) {
    TellTime(std::chrono::steady_clock::now());
    if (!config.metrics_listen.empty()) {
      if (auto started = exporter_.Start(config.metrics_listen); !started) return started;
    }
    if (auto started = server_.Start(); !started) return started;
    loop_.Start([this] { return Idle(); });
    return {};
  }

  void Stop() {
    server_.Stop();
    loop_.Stop();
    pool_.Stop();
    notices_.Stop();
  }

  std::string url() const { return server_.url(); }

 private:
  static Logins::Ports TokenPorts(const TokenSigner& signer, const std::string& ended_path) {
    return {.random_text = RandomText,
            .sign = [&signer](const TokenClaims& claims) { return signer.Sign(claims); },
            .read = [&signer](std::string_view token) { return signer.Read(token); },
            .keep =
                [ended_path](const EndedTokens& ended) {
                  const auto kept = WriteEndedTokens(ended_path, ended);
                  if (!kept) spdlog::error("ended tokens not kept why={}", kept.error().message);
                }};
  }

  Market& market() const { return *made_.market; }

  void TellTime(Monotonic now) { time_.Set(market().NowMs(now), market().Speed(), now); }

  /// On the loop's thread, between works.
  std::optional<Monotonic> Idle() {
    Monotonic now = std::chrono::steady_clock::now();
    const std::size_t budget = feed_.Budget();
    const auto updates = market().Advance(now, budget);
    now = std::chrono::steady_clock::now();
    feed_.OnUpdates(updates, now);  // also when there are none: a segment may have closed
    brokerage_.OnUpdates(updates, market().NowMs(now));
    TellTime(now);
    LogPhase();
    const Monotonic clock_due = now + kClockStep;
    if (budget == 0) return clock_due;  // a session that drains wakes the loop before
    const auto due = market().NextDue();
    return due ? std::min(*due, clock_due) : clock_due;
  }

  /// A recording says in the log when it runs and when it is over, and why.
  void LogPhase() {
    if (made_.replay == nullptr || made_.replay->phase() == phase_logged_) return;
    phase_logged_ = made_.replay->phase();
    const std::uint64_t served = made_.replay->served();
    if (made_.replay->failure()) {
      spdlog::error("recording broke off served={} why={}", served,
                    made_.replay->failure()->message);
    } else if (phase_logged_ == MarketPhase::kEnded) {
      spdlog::info("recording ended served={}", served);
    } else {
      spdlog::info("recording runs");
    }
  }

  http::ServerOptions ServerOptions(const Config& config, Certificates certificates) {
    const HostPort listen = Split(config.listen);
    http::ServerOptions options{
        .address = listen.host,
        .port = listen.port,
        .tls = http::ServerTls{.certificate_pem = std::move(certificates.chain_pem),
                               .key_pem = std::move(certificates.key_pem)}};
    options.decorate = [this](const http::Request&, http::Response& response) {
      const MarketTime::Reading now = time_.Read();
      response.headers.Set("Date", FormatHttpDate(now.ms));
      response.headers.Set("X-Sauda-Market-Time", std::to_string(now.ms));
      response.headers.Set("X-Sauda-Market-Speed", fmt::format("{}", now.speed));
      response.headers.Set("X-Sauda-Simulated", "1");
    };
    options.error_answer = [](int status, std::string_view reason, const std::string& message,
                              const http::Request*) {
      return ServerFailure(status, reason, message);
    };
    options.on_answered = [this](const http::AccessRecord& record) { Count(record); };
    return options;
  }

  void Count(const http::AccessRecord& record) {
    const std::string route{record.route.empty() ? "none" : record.route};
    metrics_.requests.Add({{"route", route}, {"status", std::to_string(record.status)}})
        .Increment();
    const std::chrono::duration<double> took = record.took;
    metrics_.request_seconds
        .Add({{"route", route}},
             prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 2, 10})
        .Observe(took.count());
  }

  void AddRoutes(const Config& config, const Secret& admin_token) {
    AddLoginRoutes(server_, guard_, logins_);
    AddUserRoutes(server_, guard_, logins_, brokerage_, config.static_ip);
    AddAssetRoutes(server_, guard_, assets_, pool_);
    AddFeedRoutes(server_, guard_, feed_);
    AddQuoteRoutes(server_, guard_, market());
    AddCalendarRoutes(server_, guard_, market());
    AddOrderRoutes(server_, {.guard = guard_,
                             .market = market(),
                             .brokerage = brokerage_,
                             .hub = portfolio_,
                             .user_id = config.user_id});
    AddAdminRoutes(server_, {.guard = guard_,
                             .loop = loop_,
                             .market = market(),
                             .logins = logins_,
                             .faults = faults_,
                             .metrics = metrics_,
                             .feed = feed_,
                             .portfolio = portfolio_,
                             .token = admin_token,
                             .replay = [this] { return Progress(); },
                             .start_replay = [this] { return StartReplay(); },
                             .step_replay =
                                 [this, stepped = config.speed == "step"](std::uint64_t elements) {
                                   if (made_.replay == nullptr || !stepped) return false;
                                   made_.replay->Step(elements);
                                   return true;
                                 }});
    AddFaultPlanRoutes(server_, guard_, faults_, admin_token);
    AddApprovalRoutes(server_, {.guard = guard_,
                                .loop = loop_,
                                .logins = logins_,
                                .admin_token = admin_token,
                                .send = [this](std::string url, std::string body,
                                               std::function<void(NoticeOutcome)> then) {
                                  return SendNotice(std::move(url), std::move(body),
                                                    std::move(then));
                                }});
    server_.Route("GET", "/healthz", [](const http::Request&, const http::Respond& respond) {
      respond(http::Response::Json(200, R"({"status":"ok","simulated":true})"));
    });
  }

  bool SendNotice(std::string url, std::string body, std::function<void(NoticeOutcome)> then) {
    return notices_.TryRun(
        [this, url = std::move(url), body = std::move(body), then = std::move(then)] {
          const auto answer = notifier_->Send({.method = "POST",
                                               .url = url,
                                               .headers = {{"Content-Type", "application/json"}},
                                               .body = body},
                                              kNoticeLimit);
          then(answer ? NoticeOutcome{.status = answer->status, .reason = {}}
                      : NoticeOutcome{.status = 0, .reason = answer.error().error.reason});
        });
  }

  std::optional<ReplayProgress> Progress() const {
    if (made_.replay == nullptr) return std::nullopt;
    ReplayProgress progress{.served = made_.replay->served(),
                            .total = made_.replay->summary().elements};
    if (made_.replay->failure()) progress.failure = made_.replay->failure()->message;
    return progress;
  }

  /// Follows every key of the recording, which is what it waits for.
  bool StartReplay() const {
    if (made_.replay == nullptr || made_.replay->phase() != MarketPhase::kWaiting) return false;
    for (const auto& [key, count] : made_.replay->summary().elements_by_key) {
      if (const auto id = made_.master->Find(key)) made_.market->Follow(*id);
    }
    return true;
  }

  MadeMarket made_;
  const Records records_;
  MarketPhase phase_logged_ = MarketPhase::kWaiting;  ///< the loop's thread only
  const TokenSigner signer_;
  Logins logins_;
  telemetry::MetricsExporter exporter_{"sim"};
  Metrics metrics_;
  MarketTime time_;
  Faults faults_;
  Loop loop_;
  Guard guard_;
  Assets assets_;
  FeedHub feed_;
  PortfolioHub portfolio_;
  StreamTeller teller_;
  Brokerage brokerage_;
  http::WorkerPool pool_{{.threads = 1, .waiting = 64}};
  const std::unique_ptr<http::Client> notifier_;
  http::WorkerPool notices_{{.threads = 1, .waiting = 64}};
  http::Server server_;
};

App::App(Config config) : config_{std::move(config)} {}
App::~App() { Stop(); }

Result<void> App::Start() {
  if (const auto speed = config_.SpeedFactor(); !speed) return speed.error();
  const std::string host = Split(config_.listen).host;
  auto certificates = EnsureCertificates(config_.state_dir, CertificateNames(config_, host));
  if (!certificates) return certificates.error();
  auto signing_key = EnsureSecretFile(config_.state_dir + "/signing-key");
  if (!signing_key) return signing_key.error();
  auto admin_token = config_.admin_token ? Result<Secret>{*config_.admin_token}
                                         : EnsureSecretFile(config_.state_dir + "/admin-token");
  if (!admin_token) return admin_token.error();
  auto ended = ReadEndedTokens(config_.state_dir + kEndedTokens);
  if (!ended) return ended.error();
  auto apps = config_.Apps();
  if (!apps) return apps.error();
  http::EgressList notified;
  for (const AppRegistration& app : *apps) {
    if (app.notifier_url.empty()) continue;
    const auto url = http::Url::Parse(app.notifier_url);
    if (!url) return url.error();
    notified.insert(url->HostPort());
  }
  // Whom the simulator tells has nothing to do with whether it answered before: no breaker.
  auto notifier = http::Client::Make({.allowed = notified, .breaker = {.failures = 1'000'000}},
                                     notifier_clock_);
  if (!notifier) return notifier.error();
  const SystemClock clock;
  auto market = MakeMarket(config_, clock.Now(), clock.UtcNs() / 1'000'000);
  if (!market) return market.error();
  Parts::Records records;
  if (!config_.record.empty()) {
    auto created = SentRecord::Create(config_.record);
    if (!created) return created.error();
    records.sent = *std::move(created);
  }
  if (!config_.order_record.empty()) {
    auto created = OrderRecord::Create(config_.order_record);
    if (!created) return created.error();
    records.orders = *std::move(created);
  }

  parts_ = std::make_unique<Parts>(config_, *std::move(market), std::move(records),
                                   *std::move(certificates),
                                   Parts::Secrets{.signing_key = *std::move(signing_key),
                                                  .admin_token = *std::move(admin_token),
                                                  .ended = *std::move(ended)},
                                   *std::move(apps), *std::move(notifier));
  if (const auto started = parts_->Start(config_); !started) return started.error();
  if (!IsLoopbackHost(host)) {
    spdlog::warn("the simulated broker can be reached from other machines listen={}",
                 config_.listen);
  }
  spdlog::info("simulated broker listens url={} ca={}/ca.pem metrics={} admin_token_in={}",
               parts_->url(), config_.state_dir, config_.metrics_listen,
               config_.admin_token ? "setting" : config_.state_dir + "/admin-token");
  return {};
}

void App::Stop() {
  if (parts_) parts_->Stop();
}

std::string App::url() const { return parts_->url(); }

}  // namespace sauda::sim
