#include "services/orders/src/app.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <random>
#include <utility>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "libs/calendar_client/calendar_follower.hpp"
#include "libs/rpc/calls.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/storage/migrations.hpp"
#include "libs/storage/pg_pool.hpp"
#include "libs/storage/redis.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/metrics.hpp"
#include "services/orders/src/adapters/feed_prices.hpp"
#include "services/orders/src/adapters/grpc_instruments.hpp"
#include "services/orders/src/adapters/halt_state_file.hpp"
#include "services/orders/src/adapters/pg_ledger.hpp"
#include "services/orders/src/adapters/redis_budget.hpp"
#include "services/orders/src/core/budget/ledger_spending.hpp"
#include "services/orders/src/core/listeners.hpp"
#include "services/orders/src/core/portfolio_desk.hpp"
#include "services/orders/src/kill_desk.hpp"
#include "services/orders/src/live_route.hpp"
#include "services/orders/src/metrics.hpp"
#include "services/orders/src/migrations.hpp"
#include "services/orders/src/paper_route.hpp"
#include "services/orders/src/portfolio_keeper.hpp"
#include "services/orders/src/rpc/kill_service.hpp"
#include "services/orders/src/rpc/order_hub.hpp"
#include "services/orders/src/rpc/orders_service.hpp"
#include "services/orders/src/rpc/portfolio_service.hpp"
#include "services/orders/src/store_keeper.hpp"
#include "services/orders/src/watchman_log.hpp"

namespace sauda::orders {
namespace {

constexpr std::size_t kConnections = 8;

std::vector<std::string> DependenciesOf(const Config& config) {
  const bool live = config.route == sauda::OrderRoute::kLive;
  if (live) return {"postgres", "redis", "instruments", "auth", "broker"};
  return {"postgres", "instruments", "feed"};
}

MarketClock::Source ClockSourceOf(const Config& config) {
  const bool simulated = config.broker.broker == Broker::kSimulator;
  return simulated ? MarketClock::Source::kBroker : MarketClock::Source::kWall;
}

/// `sauda-` and 24 random hexadecimal digits: 30 characters, of which the broker takes 40.
std::string NewTag() {
  thread_local std::random_device random;
  std::array<char, 31> text{};
  (void)std::snprintf(text.data(), text.size(), "sauda-%08x%08x%08x", random(), random(), random());
  return text.data();
}

/// Eight random hexadecimal digits, to be typed by a person.
std::string NewRearmCode() {
  std::random_device random;
  std::array<char, 9> text{};
  (void)std::snprintf(text.data(), text.size(), "%08x", random());
  return text.data();
}

/// The order budget of the live route.
struct LiveBudget {
  LiveBudget(const Config& config, Ledger& ledger, const Clock& clock)
      : redis{{.url = config.redis_url.value_or(Secret{"redis://127.0.0.1:7379/0"}), .size = 8}},
        spending{ledger, clock, config.broker.account},
        room{{.redis = redis,
              .history = spending,
              .account_id = config.broker.account,
              .limits = LimitsOf(config.budget)}} {}

  storage::Redis redis;
  LedgerSpending spending;
  RedisBudget room;
};

/// The channels to the other services.
struct Channels {
  std::shared_ptr<grpc::Channel> auth, instruments, feed;

  static Result<Channels> Of(const Config& config) {
    const TlsSettings& tls = config.server.tls;
    auto auth = rpc::Connect(config.auth_address, tls);
    if (!auth) return auth.error();
    auto instruments = rpc::Connect(config.instruments_address, tls);
    if (!instruments) return instruments.error();
    auto feed = rpc::Connect(config.feed_address, tls);
    if (!feed) return feed.error();
    return Channels{*std::move(auth), *std::move(instruments), *std::move(feed)};
  }
};

}  // namespace

/// Every part of a service that runs. Members are declared in the order in which they start; they
/// stop and die in reverse.
class App::Running {
 public:
  Running(const Config& config, Channels channels);

  Result<void> Start();
  void Stop();
  int port() const { return server_.port(); }

 private:
  storage::PgOptions Database() const {
    return {.url = config_.postgres_url->Reveal(),
            .size = kConnections,
            .application_name = "sauda-orders"};
  }
  Result<void> Migrate() const;
  Result<void> ShowCounts();
  Result<void> LoadOpenOrders();
  void TellKill(const KillAct& act);
  Result<std::unique_ptr<RouteParts>> MakeRoute();
  void MakePortfolio();

  const Config& config_;
  const Channels channels_;
  const SystemClock clock_;
  MarketClock market_clock_;
  telemetry::MetricsExporter exporter_{"orders"};
  Metrics metrics_{exporter_.registry()};
  telemetry::Dependencies dependencies_;
  rpc::Calls calls_{exporter_.registry(), "orders"};
  storage::PgPool pool_;
  PgLedger ledger_{pool_};
  GrpcInstruments instruments_;
  WatchmanLog watchman_{metrics_};
  OrderHub hub_{calls_, metrics_};
  OpenOrders open_orders_;
  Listeners listeners_{{&open_orders_, &hub_}};
  HaltStateFile halt_file_;
  KillSwitch kill_{halt_file_, clock_, NewRearmCode};
  std::optional<LiveBudget> budget_;  // on the live route
  StoreKeeper store_;
  calendar::CalendarKeeper calendar_;
  FeedPrices prices_;
  ProfitHub profits_{calls_};
  std::optional<PortfolioDesk> portfolio_;  // before the desk, which tells it of trades
  std::optional<OrderDesk> desk_;  // before the route: its threads use the desk till they join
  std::unique_ptr<RouteParts> route_;
  std::optional<CalendarFollower> calendar_follower_;
  std::optional<KillDesk> kill_desk_;
  std::optional<OrdersService> service_;
  std::optional<KillService> kill_service_;
  std::optional<PortfolioService> portfolio_service_;
  std::optional<PortfolioKeeper> portfolio_keeper_;
  rpc::Server server_;
};

App::Running::Running(const Config& config, Channels channels)
    : config_{config},
      channels_{std::move(channels)},
      market_clock_{clock_, ClockSourceOf(config)},
      dependencies_{exporter_.registry(), "orders", DependenciesOf(config)},
      pool_{Database()},
      instruments_{channels_.instruments, clock_, dependencies_, {}},
      halt_file_{std::filesystem::path{config.state_dir} / ("halt-" + config.broker.account)},
      store_{{.migrate = [this] { return Migrate(); },
              .ask = [this] { return ShowCounts(); },
              .tell =
                  [this](const Result<void>& answer) {
                    if (answer) return dependencies_.Up("postgres");
                    dependencies_.Down("postgres",
                                       answer.error().reason + ": " + answer.error().message);
                  }}},
      prices_{channels_.feed, clock_, config.broker.account} {}

Result<void> App::Running::Migrate() const {
  const auto done = storage::Migrate(Database(), "orders", kMigrations);
  if (!done) return done.error();
  return {};
}

Result<void> App::Running::ShowCounts() {
  const auto counts = ledger_.Count(config_.broker.account);
  if (!counts) return counts.error();
  metrics_.unknown_orders.Set(static_cast<double>(counts->unknown));
  metrics_.open_orders.Set(static_cast<double>(counts->open));
  metrics_.accepting.Set(route_->venue().CheckReady() && kill_.Check() ? 1 : 0);
  const KillState state = kill_desk_->State();
  if (budget_) {
    const auto answer = budget_->redis.Ping();
    if (answer) dependencies_.Up("redis");
    if (!answer) dependencies_.Down("redis", answer.error().reason + ": " + answer.error().message);
  }
  metrics_.halted.Set(state.record.halted ? 1 : 0);
  metrics_.halted_open_orders.Set(static_cast<double>(state.open_orders));
  return LoadOpenOrders();
}

Result<void> App::Running::LoadOpenOrders() {
  if (open_orders_.loaded()) return {};
  const auto orders = ledger_.Unsettled({.account_id = config_.broker.account,
                                         .route = route_->venue().route(),
                                         .simulated = route_->venue().simulated()});
  if (!orders) return orders.error();
  open_orders_.Load(*orders);
  return {};
}

void App::Running::TellKill(const KillAct& act) {
  using What = KillAct::What;
  const std::string by = telemetry::Quoted(act.by);
  const std::string detail = telemetry::Quoted(act.detail);
  switch (act.what) {
    case What::kHalted:
      return spdlog::error("kill switch pulled by={} reason={}", by, detail);
    case What::kRearmBegun:
      return spdlog::warn("kill switch about to be rearmed by={}", by);
    case What::kRearmed:
      return spdlog::warn("kill switch rearmed by={}", by);
    case What::kCancelled:
      metrics_.kill_cancels.Increment();
      return spdlog::warn("kill switch asked for a cancel order={}", detail);
    case What::kCancelFailed:
      metrics_.kill_cancels_failed.Increment();
      return spdlog::error("kill switch could not cancel detail={}", detail);
  }
}

Result<std::unique_ptr<RouteParts>> App::Running::MakeRoute() {
  const auto choice = config_.ChooseRoute();
  if (!choice) return choice.error();
  if (!choice->writes_to) {
    return std::make_unique<PaperRoute>(
        PaperRoute::Parts{.account_id = config_.broker.account,
                          .feed_channel = channels_.feed,
                          .clock = clock_,
                          .market_clock = market_clock_,
                          .dependencies = dependencies_,
                          .metrics = metrics_,
                          .ledger = ledger_,
                          .instruments = instruments_,
                          .store = store_,
                          .first_tick_limit = config_.first_tick_limit,
                          .clock_source = ClockSourceOf(config_)});
  }
  auto live = LiveRoute::Make({.config = config_,
                               .auth_channel = channels_.auth,
                               .clock = clock_,
                               .market_clock = market_clock_,
                               .dependencies = dependencies_,
                               .metrics = metrics_,
                               .watchman = watchman_,
                               .ledger = ledger_,
                               .instruments = instruments_,
                               .store = store_});
  if (!live) return live.error();
  return *std::move(live);
}

void App::Running::MakePortfolio() {
  portfolio_.emplace(PortfolioDesk::Parts{
      .account_id = config_.broker.account,
      .ledger = ledger_,
      .venue = route_->venue(),
      .prices = prices_,
      .market_clock = market_clock_,
      .clock_source = ClockSourceOf(config_),
      .calendar = calendar_,
      .on_unbookable =
          [this](const KeptDeal& kept, const Error& why) {
            metrics_.trades_unbookable.Increment();
            spdlog::error("trade not in the positions trade_id={} order={} reason={} message={}",
                          telemetry::Quoted(kept.deal.trade.id),
                          telemetry::Quoted(kept.order.client_order_id), why.reason,
                          telemetry::Quoted(why.message));
          },
      .broker = route_->book(),
      .instruments = &instruments_});
  calendar_follower_.emplace(channels_.instruments, calendar_);
  portfolio_service_.emplace(PortfolioService::Parts{.portfolio = *portfolio_,
                                                     .ledger = ledger_,
                                                     .calendar = calendar_,
                                                     .hub = profits_,
                                                     .calls = calls_,
                                                     .account_id = config_.broker.account});
  portfolio_keeper_.emplace(*portfolio_, store_, [this] { portfolio_service_->TellProfit(); });
}

Result<void> App::Running::Start() {
  if (auto granted = config_.CheckForRealMoney(); !granted) return granted;
  auto route = MakeRoute();
  if (!route) return route.error();
  if (config_.route == sauda::OrderRoute::kLive) {
    storage::IgnoreSigPipe();
    budget_.emplace(config_, ledger_, clock_);
  }
  route_ = *std::move(route);
  MakePortfolio();
  kill_.Load();
  kill_desk_.emplace(
      kill_, CancelSweep{route_->venue(), route_->book(), open_orders_}, clock_,
      KillDesk::Options{.dead_man_limit = std::chrono::seconds{config_.dead_man_seconds}},
      [this](const KillAct& act) { TellKill(act); });
  desk_.emplace(OrderDesk::Parts{.account_id = config_.broker.account,
                                 .ledger = ledger_,
                                 .instruments = instruments_,
                                 .venue = route_->venue(),
                                 .listener = listeners_,
                                 .watchman = watchman_,
                                 .clock = clock_,
                                 .market_clock = market_clock_,
                                 .make_tag = NewTag,
                                 .kill = &kill_,
                                 .budget = budget_ ? &budget_->room : nullptr,
                                 .budget_patience = config_.budget_wait,
                                 .open_orders = &open_orders_,
                                 .deals = &*portfolio_});
  service_.emplace(OrdersService::Parts{.desk = *desk_,
                                        .ledger = ledger_,
                                        .venue = route_->venue(),
                                        .hub = hub_,
                                        .calls = calls_,
                                        .metrics = metrics_,
                                        .account_id = config_.broker.account,
                                        .kill = &kill_});
  kill_service_.emplace(*kill_desk_, calls_, config_.broker.account);
  if (auto started = exporter_.Start(config_.metrics_listen); !started) return started;
  if (auto started =
          server_.Start(config_.server, {&*service_, &*kill_service_, &*portfolio_service_});
      !started) {
    return started;
  }
  dependencies_.Listen(
      [this](const std::string& name, const telemetry::Dependencies::State& state) {
        server_.SetServing(name, state.up);
        if (name == "postgres") server_.SetServing(state.up);  // no ledger, no order
      });
  store_.Start();
  route_->Start(*desk_);
  prices_.Start();
  portfolio_keeper_->Start();
  kill_desk_->Start();
  if (config_.trades_real_money()) spdlog::warn("order route is LIVE: orders trade real money");
  return {};
}

void App::Running::Stop() {
  dependencies_.Listen([](const std::string&, const telemetry::Dependencies::State&) {});
  const Error stopping{Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"};
  hub_.EndAll(stopping);
  profits_.EndAll(stopping);
  if (budget_) budget_->room.Stop();
  server_.Stop();
  kill_desk_->Stop();
  store_.Stop();  // it asks the route, which dies first
}

App::App(Config config) : config_{std::move(config)} {}
App::~App() { Stop(); }

Result<void> App::Start() {
  if (const auto choice = config_.ChooseRoute(); !choice) return choice.error();
  if (!config_.postgres_url) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                 "SAUDA_POSTGRES_URL, or the file named by SAUDA_POSTGRES_URL_FILE, is needed"};
  }
  auto channels = Channels::Of(config_);
  if (!channels) return channels.error();
  running_ = std::make_unique<Running>(config_, *std::move(channels));
  return running_->Start();
}

void App::Stop() {
  if (!running_) return;
  running_->Stop();
  running_.reset();
}

int App::port() const { return running_ ? running_->port() : 0; }

}  // namespace sauda::orders
