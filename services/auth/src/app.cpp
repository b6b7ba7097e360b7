#include "services/auth/src/app.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sauda::auth {
namespace {

constexpr auto kRedis = "redis";
constexpr auto kBroker = "broker";
/// The real broker is asked now and then whether it is there; its time needs no asking.
constexpr std::chrono::seconds kAskUpstoxEvery{60};

bool IsSimulated(const Config& config) { return config.broker.broker == Broker::kSimulator; }

Result<upstox::Endpoints> EndpointsOf(const Config& config) {
  if (!IsSimulated(config)) return upstox::Endpoints::Real();
  return upstox::Endpoints::At(config.broker.sim_url);
}

UpstoxLogin::Connect Connecting(const Config& config, const upstox::Endpoints& endpoints,
                                const Clock& clock) {
  return [ca = config.broker.ca_file, allowed = endpoints.ToRead(), &clock] {
    return http::Client::Make({.ca = {.file = ca}, .allowed = allowed}, clock);
  };
}

}  // namespace

struct App::Serving {
  Serving(App& app, VaultCipher made, const upstox::Endpoints& endpoints)
      : cipher{std::move(made)},
        vault{app.redis_, cipher},
        broker{Connecting(app.config_, endpoints, app.clock_),
               app.market_,
               {.endpoints = endpoints,
                .api_key = app.config_.api_key,
                .api_secret = app.config_.api_secret.value_or(Secret{}),
                .redirect_uri = app.config_.redirect_uri,
                .deadline = app.config_.broker_deadline}},
        logins{{.vault = vault,
                .broker = broker,
                .states = app.states_,
                .board = app.board_,
                .market = app.token_clock_,
                .clock = app.clock_},
               {.accounts = {app.config_.broker.account},
                .simulated = IsSimulated(app.config_),
                .state_life = app.config_.state_life}},
        service{logins, app.board_, app.calls_, app.metrics_, &app.admin_.acts()} {}

  const VaultCipher cipher;
  RedisVault vault;
  UpstoxLogin broker;
  Logins logins;
  AuthService service;
};

App::App(Config config)
    : config_{std::move(config)},
      market_{clock_,
              IsSimulated(config_) ? MarketClock::Source::kBroker : MarketClock::Source::kWall},
      token_clock_{market_, IsSimulated(config_)},
      exporter_{"auth"},
      metrics_{exporter_.registry()},
      dependencies_{exporter_.registry(), "auth", {kRedis, kBroker, AdminPart::kPostgres}},
      calls_{exporter_.registry(), "auth"},
      redis_{{.url = config_.redis_url.value_or(Secret{"redis://127.0.0.1:7379/0"})}},
      board_{token_clock_},
      admin_{config_.postgres_url,
             config_.keys_poll,
             {.clock = clock_,
              .registry = exporter_.registry(),
              .dependencies = dependencies_,
              .calls = calls_}} {}

App::~App() { Stop(); }

Result<void> App::CheckSettings() const {
  if (!config_.vault_key) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                 "SAUDA_AUTH_VAULT_KEY or SAUDA_AUTH_VAULT_KEY_FILE is needed: tokens are never "
                 "kept in the clear; make one with openssl rand -base64 32"};
  }
  return {};
}

Result<void> App::Start() {
  if (auto checked = CheckSettings(); !checked) return checked;
  const auto endpoints = EndpointsOf(config_);
  if (!endpoints) return endpoints.error();
  std::vector<Secret> keys{*config_.vault_key};
  if (config_.vault_key_before) keys.push_back(*config_.vault_key_before);
  auto cipher = VaultCipher::FromKeys(keys);
  if (!cipher) return cipher.error();
  serving_ = std::make_unique<Serving>(*this, std::move(*cipher), *endpoints);
  if (auto started = exporter_.Start(config_.metrics_listen); !started) return started;
  if (auto started = server_.Start(config_.server, {&serving_->service, &admin_.service()});
      !started) {
    return started;
  }
  dependencies_.Listen(
      [this](const std::string& name, const telemetry::Dependencies::State& state) {
        server_.SetServing(name, state.up);
      });
  vault_task_.emplace(config_.vault_poll, [this] { ReadVault(); });
  broker_task_.emplace(
      IsSimulated(config_) ? config_.clock_poll : std::chrono::milliseconds{kAskUpstoxEvery},
      [this] { AskBroker(); });
  admin_.Start();
  server_.SetServing(true);  // tokens in memory are served whatever is away
  return {};
}

void App::Stop() {
  if (!serving_) return;
  if (server_.port() != 0) server_.SetServing(false);
  broker_task_.reset();
  vault_task_.reset();
  serving_->service.Shutdown();
  admin_.Stop();
  dependencies_.Listen([](const std::string&, const telemetry::Dependencies::State&) {});
  server_.Stop();
  serving_.reset();
}

void App::ReadVault() {
  const auto read = serving_->logins.Refresh();
  if (read) {
    dependencies_.Up(kRedis);
  } else {
    dependencies_.Down(kRedis, read.error().reason + ": " + read.error().message);
  }
  const auto status = serving_->logins.Status("");
  metrics_.SetTokenSeconds(status ? static_cast<double>(status->access_seconds()) : 0.0);
}

void App::AskBroker() {
  if (const auto pong = serving_->broker.Ping(); pong) {
    dependencies_.Up(kBroker);
  } else {
    dependencies_.Down(kBroker, pong.error().message);
  }
}

}  // namespace sauda::auth
