#include "services/feed/src/app.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include <grpcpp/channel.h>
#include <malloc.h>

#include "libs/calendar_client/calendar_follower.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/telemetry/log.hpp"
#include "libs/telemetry/repeating_task.hpp"
#include "services/feed/src/adapters/pg_subscription_store.hpp"
#include "services/feed/src/adapters/token_watcher.hpp"
#include "services/feed/src/app/alert_part.hpp"
#include "services/feed/src/app/ground.hpp"
#include "services/feed/src/app/history_part.hpp"
#include "services/feed/src/app/journal_part.hpp"
#include "services/feed/src/app/live_part.hpp"
#include "services/feed/src/app/store_part.hpp"
#include "services/feed/src/desk.hpp"
#include "services/feed/src/rpc/alert_service.hpp"
#include "services/feed/src/rpc/feed_service.hpp"
#include "services/feed/src/state_keeper.hpp"

namespace sauda::feed {
namespace {

using telemetry::Quoted;

constexpr std::chrono::seconds kResolveLimit{5};

/// What a burst needed goes back to the system: glibc keeps freed memory that lies between what is
/// in use, so the feed would stay as large as it ever was.
constexpr std::chrono::seconds kTrimEvery{30};

Desk::Options DeskOptions(const Config& config) {
  return {.limits = {.index = static_cast<std::size_t>(config.limit_index),
                     .equity = static_cast<std::size_t>(config.limit_equity),
                     .futures = static_cast<std::size_t>(config.limit_futures),
                     .options = static_cast<std::size_t>(config.limit_options)},
          .universe_exclude = config.universe_exclude};
}

}  // namespace

/// Members in the order in which they are made; they die in reverse.
class App::Parts {
 public:
  explicit Parts(const Config& config) : ground_{config} {}

  Result<void> Start();
  void Stop();

 private:
  Result<void> Build();
  void BuildDesk(const std::shared_ptr<grpc::Channel>& instruments);
  void BuildServices();
  void WatchToken(const std::shared_ptr<grpc::Channel>& auth);

  StateKeeper::Events KeeperEvents();
  void OnLoaded(const KeptState& kept);
  void TellRestart(std::int64_t stored_ns);
  void Report(FeedState& state) const;

  Ground ground_;
  JournalPart journal_{ground_};
  std::unique_ptr<AlertPart> alerts_;
  std::unique_ptr<LivePart> live_;
  std::atomic<HistoryService*> candle_readers_{nullptr};  // once there is somebody to be told
  std::unique_ptr<StorePart> store_;
  std::unique_ptr<PgSubscriptionStore> subscriptions_;
  std::unique_ptr<StateKeeper> keeper_;
  std::unique_ptr<InstrumentsClient> directory_;
  std::unique_ptr<Desk> desk_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<FeedService> service_;
  std::unique_ptr<HistoryPart> history_;
  std::unique_ptr<AlertService> alert_service_;
  std::unique_ptr<TokenWatcher> tokens_;
  std::optional<CalendarFollower> calendar_;
  rpc::Server server_;
  std::optional<telemetry::RepeatingTask> trim_;
};

Result<void> App::Parts::Start() {
  const Config& config = ground_.config;
  if (auto started = ground_.Start(); !started) return started;
  const auto auth = rpc::Connect(config.auth_address, config.server.tls);
  if (!auth) return auth.error();
  const auto instruments = rpc::Connect(config.instruments_address, config.server.tls);
  if (!instruments) return instruments.error();

  if (auto built = Build(); !built) return built;
  BuildDesk(*instruments);
  BuildServices();
  if (auto started =
          server_.Start(config.server, {service_.get(), &history_->service(), alert_service_.get()},
                        service_.get());
      !started) {
    return started;
  }
  calendar_.emplace(*instruments, ground_.calendars);
  candle_readers_ = &history_->service();
  ground_.dependencies.Listen(
      [this](const std::string& name, const auto& state) { server_.SetServing(name, state.up); });
  server_.SetServing(true);
  WatchToken(*auth);
  keeper_->Start();
  alerts_->Start();
  trim_.emplace(kTrimEvery, [this] {
    service_->Trim();
    (void)malloc_trim(0);
  });
  spdlog::info("serving listen={} instance={} account={}", Quoted(config.server.listen),
               ground_.instance, Quoted(config.broker.account));
  return {};
}

Result<void> App::Parts::Build() {
  if (auto started = journal_.Start(); !started) return started;
  alerts_ = std::make_unique<AlertPart>(ground_);
  // The first frame comes after the store and the token's watcher are there.
  live_ = std::make_unique<LivePart>(
      ground_, journal_.journal(), alerts_->desk(),
      LivePart::Events{.on_frame = [this] { store_->ShowWaiting(); },
                       .on_token_refused = [this] { tokens_->OnRefused(); }});
  store_ = std::make_unique<StorePart>(
      ground_, journal_.reader(),
      StorePart::Events{.ticks = [this] { return live_->ingest().ticks(); },
                        .on_candles =
                            [this] {
                              if (auto* const readers = candle_readers_.load()) {
                                readers->TurnCandles();
                              }
                            }});
  return {};
}

void App::Parts::BuildDesk(const std::shared_ptr<grpc::Channel>& instruments) {
  subscriptions_ = std::make_unique<PgSubscriptionStore>(
      *ground_.pool, *ground_.schema,
      PgSubscriptionStore::Reader{.account_id = ground_.config.broker.account,
                                  .instance = ground_.instance});
  keeper_ = std::make_unique<StateKeeper>(
      *subscriptions_,
      StateKeeper::Options{.backoff = kDependencyBackoff, .patience = ground_.config.state_wait},
      KeeperEvents());
  directory_ = std::make_unique<InstrumentsClient>(
      instruments, kResolveLimit,
      [this](const Error* failure) { ground_.Tell("instruments", failure); });
  desk_ = std::make_unique<Desk>(*directory_, ground_.listings, live_->connector(),
                                 live_->publisher(), *keeper_, DeskOptions(ground_.config),
                                 [this](FeedState& state) { Report(state); });
}

void App::Parts::BuildServices() {
  const Config& config = ground_.config;
  workers_ = std::make_unique<Workers>();
  service_ = std::make_unique<FeedService>(FeedService::Parts{.desk = *desk_,
                                                              .source = live_->publisher(),
                                                              .latest = live_->publisher(),
                                                              .workers = *workers_,
                                                              .loop = live_->loop(),
                                                              .clock = ground_.clock,
                                                              .metrics = ground_.metrics,
                                                              .calls = ground_.calls,
                                                              .instance = ground_.instance,
                                                              .account = config.broker.account,
                                                              .stall_limit = config.stall_limit});
  history_ =
      std::make_unique<HistoryPart>(ground_, store_->candles(), *directory_, live_->publisher());
  alert_service_ =
      std::make_unique<AlertService>(AlertService::Parts{.desk = *desk_,
                                                         .alerts = alerts_->desk(),
                                                         .webhooks = alerts_->caller(),
                                                         .metrics = ground_.metrics,
                                                         .calls = ground_.calls,
                                                         .instance = ground_.instance,
                                                         .account = config.broker.account});
}

void App::Parts::WatchToken(const std::shared_ptr<grpc::Channel>& auth) {
  const auto on_token = [this](std::optional<BrokerToken> token, const std::string& why) {
    spdlog::info("token present={} reason={}", token.has_value(), Quoted(why));
    live_->connector().SetToken(std::move(token), why);
  };
  tokens_ = std::make_unique<TokenWatcher>(
      auth, ground_.config.broker.account, kDependencyBackoff,
      TokenWatcher::Events{.on_token = on_token, .on_state = [this](const Error* failure) {
                             ground_.Tell("auth", failure);
                           }});
}

StateKeeper::Events App::Parts::KeeperEvents() {
  return {.on_loaded = [this](const KeptState& kept) { OnLoaded(kept); },
          .on_late =
              [this] {
                spdlog::warn("going on without the kept state: PostgreSQL has not answered");
                TellRestart(0);
                live_->connector().Start(true);
              },
          .on_failure = [this](const Error& why) { ground_.Tell("postgres", &why); },
          .on_saved = [this] { ground_.Tell("postgres", nullptr); }};
}

void App::Parts::OnLoaded(const KeptState& kept) {
  ground_.Tell("postgres", nullptr);
  for (const KeptSubscription& each : kept.subscriptions) directory_->Remember(each.listing);
  const std::size_t left_out = desk_->Restore(kept.subscriptions);
  spdlog::info("state loaded subscriptions={} left_out={} connected={}", kept.subscriptions.size(),
               left_out, kept.connected);
  if (!kept.subscriptions.empty()) TellRestart(kept.covered_ns.value_or(0));
  live_->connector().Start(kept.connected);
}

/// What earlier runs did not see: from the last frame that they kept, or from the beginning of a
/// gap that was open when the last of them ended.
void App::Parts::TellRestart(std::int64_t stored_ns) {
  const JournalPast& past = journal_.past();
  const std::int64_t covered_ns =
      past.open_gap_ns ? *past.open_gap_ns : std::max(stored_ns, past.last_ns);
  if (covered_ns == 0) return;
  live_->connector().SetGapStart(covered_ns, "RESTART", "the service was not running");
}

void App::Parts::Report(FeedState& state) const {
  state.instance = ground_.instance;
  state.ticks = live_->ingest().ticks();
  state.decode_errors = live_->ingest().bad_frames();
  state.store_waiting = store_->Waiting();
  state.store_written = store_->written();
  state.store_lost = store_->lost();
  state.market_ms = ground_.MarketMs().value_or(0);
}

void App::Parts::Stop() {
  server_.SetServing(false);
  const Error stopping{Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"};
  if (service_) service_->EndStreams(stopping);
  if (history_) history_->service().EndStreams(stopping);
  if (alert_service_) alert_service_->EndStreams(stopping);
  if (tokens_) tokens_->Stop();
  if (keeper_ && !keeper_->Stop()) spdlog::warn("changes of subscriptions were not saved");
  if (live_) live_->connector().Stop();
  ground_.dependencies.Listen(nullptr);  // it tells the server
  server_.Stop();
  if (workers_) workers_->Stop();
  if (history_) history_->Stop();
  if (alerts_) alerts_->Stop();
  if (live_) live_->publisher().Stop();
  journal_.Stop();
  if (store_) store_->Stop();
}

App::App(const Config& config) : parts_{std::make_unique<Parts>(config)} {}
App::~App() = default;
Result<void> App::Start() { return parts_->Start(); }
void App::Stop() { parts_->Stop(); }

}  // namespace sauda::feed
