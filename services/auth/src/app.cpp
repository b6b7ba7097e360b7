#include "services/auth/src/app.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "libs/rpc/channel.hpp"

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

VaultKeyring::Source KeysOf(const Config& config) {
  if (!config.vault_keyring.empty()) return VaultKeyring::FromFile(config.vault_keyring);
  std::vector<Secret> keys{*config.vault_key};
  if (config.vault_key_before) keys.push_back(*config.vault_key_before);
  return [keys = std::move(keys)]() -> Result<std::vector<Secret>> { return keys; };
}

/// One broker user's login under its own credentials, each over connections of its own.
std::deque<UpstoxLogin> MakeBrokers(const Config& config, const upstox::Endpoints& endpoints,
                                    const Clock& clock, MarketClock& market) {
  std::deque<UpstoxLogin> brokers;
  for (const auto& [name, of] : config.credentials) {
    brokers.emplace_back(Connecting(config, endpoints, clock), market,
                         UpstoxLogin::Options{.endpoints = endpoints,
                                              .api_key = of.api_key,
                                              .api_secret = of.api_secret.value_or(Secret{}),
                                              .redirect_uri = of.redirect_uri,
                                              .deadline = config.broker_deadline});
  }
  return brokers;
}

std::vector<Account> MakeAccounts(const Config& config, std::deque<UpstoxLogin>& brokers) {
  std::vector<Account> accounts;
  for (const auto& [name, of] : config.credentials) {
    accounts.push_back({.id = name.empty() ? config.broker.account : name,
                        .broker = &brokers[accounts.size()],
                        .client_id = of.api_key,
                        .broker_user_id = of.user_id,
                        .notifier_key = of.notifier_key.value_or(Secret{})});
  }
  return accounts;
}

}  // namespace

struct App::Serving {
  Serving(App& app, std::unique_ptr<VaultKeyring> made, const upstox::Endpoints& endpoints)
      : keyring{std::move(made)},
        vault{app.redis_, *keyring},
        brokers{MakeBrokers(app.config_, endpoints, app.clock_, app.market_)},
        accounts{MakeAccounts(app.config_, brokers)},
        logins{{.accounts = accounts,
                .vault = vault,
                .states = app.states_,
                .board = app.board_,
                .market = app.token_clock_,
                .clock = app.clock_},
               {.simulated = IsSimulated(app.config_), .state_life = app.config_.state_life}},
        approvals{{.accounts = accounts,
                   .logins = logins,
                   .vault = vault,
                   .states = app.states_,
                   .board = app.board_,
                   .market = app.token_clock_}},
        service{logins, approvals, app.board_, app.calls_, app.metrics_, &app.admin_.acts()},
        vault_service{vault, app.calls_, &app.admin_.acts()},
        broker_account{Connecting(app.config_, endpoints, app.clock_), app.market_, endpoints,
                       app.config_.broker_deadline},
        account_service{logins, broker_account, app.calls_} {}

  const std::unique_ptr<VaultKeyring> keyring;
  RedisVault vault;
  std::deque<UpstoxLogin> brokers;
  const Accounts accounts;
  Logins logins;
  Approvals approvals;
  AuthService service;
  VaultService vault_service;
  UpstoxAccount broker_account;
  AccountService account_service;
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
  if (config_.vault_key && !config_.vault_keyring.empty()) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                 "SAUDA_AUTH_VAULT_KEY and SAUDA_AUTH_VAULT_KEYRING are two ways to say the same: "
                 "give one"};
  }
  if (!config_.vault_key && config_.vault_keyring.empty()) {
    return Error{
        Code::kInvalidArgument, "SETTINGS_INVALID",
        "SAUDA_AUTH_VAULT_KEY, SAUDA_AUTH_VAULT_KEY_FILE or SAUDA_AUTH_VAULT_KEYRING is "
        "needed: tokens are never kept in the clear; make one with openssl rand -base64 32"};
  }
  return config_.CheckAccounts();
}

Result<void> App::Start() {
  if (auto checked = CheckSettings(); !checked) return checked;
  const auto endpoints = EndpointsOf(config_);
  if (!endpoints) return endpoints.error();
  auto keyring = VaultKeyring::Make(KeysOf(config_));
  if (!keyring) return keyring.error();
  serving_ = std::make_unique<Serving>(*this, std::move(*keyring), *endpoints);
  const auto instruments = rpc::Connect(config_.instruments_address, config_.server.tls);
  if (!instruments) return instruments.error();
  if (auto started = exporter_.Start(config_.metrics_listen); !started) return started;
  if (auto started = server_.Start(config_.server, {&serving_->service, &serving_->vault_service,
                                                    &serving_->account_service, &admin_.service()});
      !started) {
    return started;
  }
  dependencies_.Listen(
      [this](const std::string& name, const telemetry::Dependencies::State& state) {
        server_.SetServing(name, state.up);
      });
  calendar_.emplace(*instruments, calendars_);
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
  calendar_.reset();
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
  for (const Account& account : serving_->accounts.all()) WatchToken(account.id);
}

void App::WatchToken(const std::string& account_id) {
  constexpr double kMsPerSecond = 1'000.0;
  const auto status = serving_->logins.Status(account_id);
  metrics_.SetTokenSeconds(account_id,
                           status ? static_cast<double>(status->access_seconds()) : 0.0);
  const auto tokens = board_.All(account_id);
  const auto now_ms = token_clock_.NowMs();
  const auto due_ms =
      tokens && now_ms ? TokenDueMs(*tokens, *now_ms, *calendars_.Current()) : std::nullopt;
  metrics_.SetTokenDue(account_id, due_ms ? static_cast<double>(*due_ms) / kMsPerSecond : -1.0);
  const auto step = ladder_.Climb(account_id, due_ms);
  if (!step) return;
  if (*step == LadderStep::kMissing) {
    spdlog::error("no access token while a market is open account={} do=\"saudactl login\"",
                  account_id);
  } else {
    spdlog::warn(
        "an access token will be missing when the markets open account={} within={} "
        "do=\"saudactl login\"",
        account_id, NameOf(*step));
  }
}

void App::AskBroker() {
  for (const auto& login : serving_->approvals.Retry()) {
    serving_->service.CountLogin("approved", login);
  }
  if (const auto pong = serving_->brokers.front().Ping(); pong) {
    dependencies_.Up(kBroker);
  } else {
    dependencies_.Down(kBroker, pong.error().message);
  }
}

}  // namespace sauda::auth
