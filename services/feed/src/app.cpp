#include "services/feed/src/app.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include <grpcpp/channel.h>

#include "libs/base/market_clock.hpp"
#include "libs/journal/names.hpp"
#include "libs/journal/recover.hpp"
#include "libs/rpc/calls.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/storage/pg_pool.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/log.hpp"
#include "libs/telemetry/metrics.hpp"
#include "services/feed/src/adapters/file_journal.hpp"
#include "services/feed/src/adapters/file_journal_reader.hpp"
#include "services/feed/src/adapters/http_webhook_client.hpp"
#include "services/feed/src/adapters/instruments_client.hpp"
#include "services/feed/src/adapters/journal_past.hpp"
#include "services/feed/src/adapters/pg_alert_store.hpp"
#include "services/feed/src/adapters/pg_candle_store.hpp"
#include "services/feed/src/adapters/pg_history.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_subscription_store.hpp"
#include "services/feed/src/adapters/pg_tick_retirement.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/adapters/token_watcher.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/adapters/upstox_feed.hpp"
#include "services/feed/src/alert_caller.hpp"
#include "services/feed/src/alert_desk.hpp"
#include "services/feed/src/alert_keeper.hpp"
#include "services/feed/src/candle_keeper.hpp"
#include "services/feed/src/connector.hpp"
#include "services/feed/src/desk.hpp"
#include "services/feed/src/ingest.hpp"
#include "services/feed/src/metrics.hpp"
#include "services/feed/src/migrations.hpp"
#include "services/feed/src/publisher.hpp"
#include "services/feed/src/rpc/alert_service.hpp"
#include "services/feed/src/rpc/feed_service.hpp"
#include "services/feed/src/rpc/history_service.hpp"
#include "services/feed/src/rpc/proto_codec.hpp"
#include "services/feed/src/state_keeper.hpp"
#include "services/feed/src/store_follower.hpp"
#include "services/feed/src/tick_retirer.hpp"
#include "services/feed/src/workers.hpp"

namespace sauda::feed {
namespace {

using telemetry::Quoted;

constexpr std::chrono::seconds kResolveLimit{5};
constexpr std::size_t kHistoryReaders = 2;  // threads, each with a connection
constexpr std::size_t kHistoryQueue = 128;  // one for each stream that may be open, and more
constexpr Backoff::Limits kDependencyBackoff{std::chrono::milliseconds{200},
                                             std::chrono::milliseconds{5'000}};

double SecondsSince(Monotonic then, Monotonic now) {
  return std::chrono::duration<double>(now - then).count();
}

/// Adds what lies between the read of each item's frame and `now`; the items of a frame come
/// together and cost no more than one.
template <typename Item>
void AddSince(SecondsBatch& batch, std::span<const Item> items, Monotonic now) {
  constexpr std::size_t kFew = 5;
  if (items.size() <= kFew) {
    for (const Item& item : items) batch.Observe(SecondsSince(item.received_at, now));
    return;
  }
  for (auto first = items.begin(); first != items.end();) {
    const auto other = [&](const Item& item) { return item.received_at != first->received_at; };
    const auto last = std::find_if(first, items.end(), other);
    batch.Add(SecondsSince(first->received_at, now), static_cast<std::uint64_t>(last - first));
    first = last;
  }
  batch.Flush();
}

/// From a time of another machine's clock until a read by this one's; not below zero.
double SecondsFrom(std::int64_t then_ms, std::int64_t received_ns) {
  constexpr double kNsPerSecond = 1e9;
  constexpr std::int64_t kNsPerMs = 1'000'000;
  return std::max(0.0, static_cast<double>(received_ns - then_ms * kNsPerMs) / kNsPerSecond);
}

/// One line in ten seconds, with what was left out since the last. Used by one thread.
class RareLog {
 public:
  /// How many were left out before this one; absent: leave this one out too.
  std::optional<std::uint64_t> Due(Monotonic now) {
    if (last_ && now - *last_ < std::chrono::seconds{10}) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(left_out_, 0);
  }

 private:
  std::optional<Monotonic> last_;
  std::uint64_t left_out_ = 0;
};

storage::PgOptions PgOptionsOf(const Config& config, std::size_t size) {
  return {.url = config.postgres_url->Reveal(), .size = size, .application_name = "sauda-feed"};
}

}  // namespace

/// Members in the order in which they are made; they die in reverse.
class App::Parts {
 public:
  explicit Parts(const Config& config)
      : config_{config},
        market_{clock_, config.broker.broker == Broker::kSimulator ? MarketClock::Source::kBroker
                                                                   : MarketClock::Source::kWall} {}

  Result<void> Start();
  void Stop();

 private:
  /// Everything that needs no more than the settings, in five steps.
  Result<void> StartJournal();
  void BuildStore();
  void BuildPipeline();
  void BuildFace(const std::shared_ptr<grpc::Channel>& instruments);
  void BuildHistory();
  void BuildAlerts();
  AlertDesk::Events AlertEvents();
  AlertKeeper::Events AlertKeeperEvents();
  AlertCaller::Events AlertCallerEvents();

  Ingest::Outlets OutletsOf();
  Connector::Events ConnectorEvents();
  StateKeeper::Events KeeperEvents();
  journal::Writer::Events JournalEvents();
  StoreFollower::Events StoreEvents();
  CandleKeeper::Events CandleEvents();
  /// Absent: the simulator has not said it yet.
  std::optional<std::int64_t> MarketMs() const;
  TickRetirer::Events RetirerEvents();
  void OnBrokerFrame(const BrokerFrame& frame);
  void OnBrokerTime(const Ingest::Times& times);
  void OnLoaded(const KeptState& kept);
  void TellRestart(std::int64_t stored_ns);
  /// Ticks of this run that are not stored yet.
  std::uint64_t Waiting() const {
    const std::uint64_t ticks = ingest_->ticks();
    return ticks - std::min(ticks, stored_seq_.load(std::memory_order_relaxed));
  }
  void Report(FeedState& state) const;
  void RestoreAlerts(const KeptAlerts& kept);
  /// No error: it can be used.
  void Tell(const std::string& dependency, const Error* failure);

  const Config config_;
  const std::string instance_ = rpc::NewRequestId();
  const SystemClock clock_;
  MarketClock market_;
  telemetry::MetricsExporter exporter_{"feed"};
  Metrics metrics_{exporter_.registry()};
  SecondsBatch published_{metrics_.publish_seconds};  // the publishing thread's
  SecondsBatch committed_{metrics_.commit_seconds};   // the storing thread's
  rpc::Calls calls_{exporter_.registry(), "feed"};
  telemetry::Dependencies dependencies_{
      exporter_.registry(), "feed", {"auth", "broker", "instruments", "journal", "postgres"}};

  Listings listings_;
  ProtoTickEncoder encoder_;
  UpstoxDecoder decoder_;
  UpstoxDecoder store_decoder_;  // the storing thread's
  std::unique_ptr<FileJournal> journal_;
  JournalPast past_;  // of earlier runs
  std::unique_ptr<FileJournalReader> journal_reader_;
  std::unique_ptr<PgSchema> schema_;
  std::unique_ptr<PgTickStore> tick_store_;
  std::atomic<std::uint64_t> stored_seq_{0};  // of this run
  std::unique_ptr<PgCandleStore> candle_store_;
  std::unique_ptr<CandleKeeper> candles_;
  std::atomic<HistoryService*> candle_readers_{nullptr};  // once there is somebody to be told
  std::unique_ptr<StoreFollower> store_;
  std::unique_ptr<PgTickRetirement> retirement_;
  std::unique_ptr<TickRetirer> retirer_;  // none: all days stay
  std::unique_ptr<Publisher> publisher_;
  HandOver hand_over_;
  std::unique_ptr<Ingest> ingest_;
  std::vector<std::unique_ptr<UpstoxFeed>> brokers_;  // one for each connection
  std::unique_ptr<Connector> connector_;
  std::unique_ptr<storage::PgPool> pool_;
  std::unique_ptr<PgSubscriptionStore> subscriptions_;
  std::unique_ptr<PgAlertStore> alert_store_;
  std::unique_ptr<AlertKeeper> alert_keeper_;
  std::unique_ptr<HttpWebhookClient> webhook_client_;
  std::unique_ptr<AlertCaller> alert_caller_;
  std::unique_ptr<AlertDesk> alerts_;
  std::unique_ptr<StateKeeper> keeper_;
  std::unique_ptr<InstrumentsClient> directory_;
  std::unique_ptr<Desk> desk_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<FeedService> service_;
  std::unique_ptr<PgHistory> history_;
  std::unique_ptr<CandleDesk> candle_desk_;
  std::unique_ptr<Workers> history_workers_;
  std::unique_ptr<HistoryService> history_service_;
  std::unique_ptr<AlertService> alert_service_;
  std::unique_ptr<TokenWatcher> tokens_;
  rpc::Server server_;

  RareLog bad_frames_;    // ingest's, which has one caller at a time
  RareLog unseen_ticks_;  // the alerts' thread only
  std::mutex webhook_log_mutex_;
  RareLog webhook_failures_;  // guarded by webhook_log_mutex_
};

Result<void> App::Parts::Start() {
  if (!config_.postgres_url) {
    return Error{Code::kInvalidArgument, "POSTGRES_URL_MISSING",
                 "give SAUDA_POSTGRES_URL or SAUDA_FEED_POSTGRES_URL, or the same with _FILE"};
  }
  if (auto started = exporter_.Start(config_.metrics_listen); !started) return started;
  const auto auth = rpc::Connect(config_.auth_address, config_.server.tls);
  if (!auth) return auth.error();
  const auto instruments = rpc::Connect(config_.instruments_address, config_.server.tls);
  if (!instruments) return instruments.error();

  if (auto started = StartJournal(); !started) return started;
  BuildPipeline();
  BuildStore();
  BuildAlerts();
  BuildFace(*instruments);
  BuildHistory();
  if (auto started = server_.Start(config_.server,
                                   {service_.get(), history_service_.get(), alert_service_.get()});
      !started) {
    return started;
  }
  candle_readers_ = history_service_.get();
  dependencies_.Listen(
      [this](const std::string& name, const auto& state) { server_.SetServing(name, state.up); });
  server_.SetServing(true);
  tokens_ = std::make_unique<TokenWatcher>(
      *auth, config_.broker.account, kDependencyBackoff,
      TokenWatcher::Events{.on_token =
                               [this](std::optional<BrokerToken> token, const std::string& why) {
                                 spdlog::info("token present={} reason={}", token.has_value(),
                                              Quoted(why));
                                 connector_->SetToken(std::move(token), why);
                               },
                           .on_state = [this](const Error* failure) { Tell("auth", failure); }});
  keeper_->Start();
  alert_keeper_->Start();
  spdlog::info("serving listen={} instance={} account={}", Quoted(config_.server.listen), instance_,
               Quoted(config_.broker.account));
  return {};
}

Result<void> App::Parts::StartJournal() {
  const auto directory = journal::AccountDirectory(config_.journal_dir, config_.broker.account);
  const auto recovered = journal::Recover(directory, instance_);
  if (!recovered) return recovered.error();
  for (const auto& each : *recovered) {
    if (each.problem) {
      spdlog::error("journal cannot be mended file={} reason={} message={}",
                    Quoted(each.path.string()), each.problem->reason,
                    Quoted(each.problem->message));
    } else if (each.what != journal::Recovered::What::kInUse) {
      spdlog::warn("journal mended file={} records={} cut_bytes={}", Quoted(each.path.string()),
                   each.records, each.cut_bytes);
    }
  }
  const auto past = ReadJournalPast(directory);
  if (!past) return past.error();
  past_ = *past;
  auto started = FileJournal::Start(
      {.root = config_.journal_dir,
       .instance = instance_,
       .account = config_.broker.account,
       .clock = config_.broker.broker == Broker::kSimulator ? MarketClock::Source::kBroker
                                                            : MarketClock::Source::kWall,
       .limits = {.ring_bytes = static_cast<std::size_t>(config_.journal_ring_mib) << 20U,
                  .segment_bytes = static_cast<std::uint64_t>(config_.journal_segment_mib) << 20U},
       .sync = config_.journal_sync.count() > 0 ? journal::Sync::kInterval : journal::Sync::kNever,
       .sync_interval = std::max(config_.journal_sync, std::chrono::milliseconds{1})},
      clock_, JournalEvents());
  if (!started) return started.error();
  journal_ = std::move(*started);
  journal_reader_ = std::make_unique<FileJournalReader>(
      FileJournalReader::Options{
          .directory = directory,
          .retention = {.age = std::chrono::days{config_.journal_keep_days},
                        .bytes = static_cast<std::uint64_t>(config_.journal_max_mib) << 20U}},
      clock_);
  return {};
}

// After the pipeline: the follower's thread begins at once, and tells what it writes.
void App::Parts::BuildStore() {
  schema_ = std::make_unique<PgSchema>(PgOptionsOf(config_, 1), kMigrations);
  tick_store_ =
      std::make_unique<PgTickStore>(PgOptionsOf(config_, 1), *schema_, config_.broker.account);
  candle_store_ =
      std::make_unique<PgCandleStore>(PgOptionsOf(config_, 1), *schema_, config_.broker.account);
  candles_ = std::make_unique<CandleKeeper>(
      *candle_store_, CandleKeeper::Options{.market_ms = [this] { return MarketMs(); }},
      CandleEvents());
  store_ = std::make_unique<StoreFollower>(
      *tick_store_, *journal_reader_, store_decoder_,
      StoreFollower::Options{.instance = instance_,
                             .batch_ticks = static_cast<std::size_t>(config_.store_batch),
                             .linger = config_.store_linger},
      StoreEvents(), candles_.get());
  if (config_.store_keep_days > 0) {
    retirement_ = std::make_unique<PgTickRetirement>(PgOptionsOf(config_, 1), *schema_);
    retirer_ = std::make_unique<TickRetirer>(
        *retirement_, clock_, TickRetirer::Options{.keep_days = config_.store_keep_days},
        RetirerEvents());
  }
  pool_ = std::make_unique<storage::PgPool>(PgOptionsOf(config_, 2));  // one for each keeper
  subscriptions_ = std::make_unique<PgSubscriptionStore>(
      *pool_, *schema_,
      PgSubscriptionStore::Reader{.account_id = config_.broker.account, .instance = instance_});
}

void App::Parts::BuildPipeline() {
  publisher_ = std::make_unique<Publisher>(
      encoder_,
      Publisher::Options{.queue_updates = static_cast<std::size_t>(config_.publish_queue)},
      [this](std::span<const Update> updates) { AddSince(published_, updates, clock_.Now()); });
  ingest_ =
      std::make_unique<Ingest>(decoder_, encoder_, listings_, hand_over_, *journal_, OutletsOf());
  const bool simulator = config_.broker.broker == Broker::kSimulator;
  Pool::Brokers brokers;
  for (std::size_t i = 0; i < config_.Connections(); ++i) {
    brokers_.push_back(std::make_unique<UpstoxFeed>(
        UpstoxFeed::Options{.url = simulator ? config_.broker.sim_url : "",
                            .ca_file = config_.broker.ca_file},
        market_, clock_));
    brokers.emplace_back(*brokers_.back());
  }
  connector_ = std::make_unique<Connector>(
      brokers, listings_, hand_over_, clock_,
      Connector::Options{
          .pace = {.batch_keys = static_cast<std::size_t>(config_.batch_keys),
                   .batch_gap = config_.batch_pause,
                   .answer_limit = config_.answer_limit},
          .attempts_before_alert = static_cast<std::uint32_t>(config_.attempts_before_alert),
          .slow_pace = config_.slow_pace,
          .stale_after = config_.stale_after,
          .simulated = simulator},
      ConnectorEvents());
}

void App::Parts::BuildFace(const std::shared_ptr<grpc::Channel>& instruments) {
  keeper_ = std::make_unique<StateKeeper>(
      *subscriptions_,
      StateKeeper::Options{.backoff = kDependencyBackoff, .patience = config_.state_wait},
      KeeperEvents());
  directory_ = std::make_unique<InstrumentsClient>(
      instruments, kResolveLimit, [this](const Error* failure) { Tell("instruments", failure); });
  desk_ = std::make_unique<Desk>(*directory_, listings_, *connector_, *publisher_, *keeper_,
                                 [this](FeedState& state) { Report(state); });
  workers_ = std::make_unique<Workers>();
  service_ = std::make_unique<FeedService>(FeedService::Parts{.desk = *desk_,
                                                              .source = *publisher_,
                                                              .latest = *publisher_,
                                                              .workers = *workers_,
                                                              .clock = clock_,
                                                              .metrics = metrics_,
                                                              .calls = calls_,
                                                              .instance = instance_,
                                                              .account = config_.broker.account,
                                                              .stall_limit = config_.stall_limit});
  alert_service_ =
      std::make_unique<AlertService>(AlertService::Parts{.desk = *desk_,
                                                         .alerts = *alerts_,
                                                         .webhooks = *alert_caller_,
                                                         .metrics = metrics_,
                                                         .calls = calls_,
                                                         .instance = instance_,
                                                         .account = config_.broker.account});
}

// Before anything starts: ticks, the connection and the kept rules all come here.
void App::Parts::BuildAlerts() {
  alert_store_ = std::make_unique<PgAlertStore>(
      *pool_, *schema_,
      PgAlertStore::Owner{.account_id = config_.broker.account, .instance = instance_});
  alert_keeper_ = std::make_unique<AlertKeeper>(
      *alert_store_, AlertKeeper::Options{.backoff = kDependencyBackoff}, AlertKeeperEvents());
  webhook_client_ = std::make_unique<HttpWebhookClient>(
      HttpWebhookClient::Options{.instance = instance_,
                                 .account_id = config_.broker.account,
                                 .ca_file = config_.webhook_ca_file},
      clock_);
  alert_caller_ = std::make_unique<AlertCaller>(*webhook_client_, clock_, AlertCaller::Options{},
                                                AlertCallerEvents());
  alerts_ = std::make_unique<AlertDesk>(
      clock_, [this] { return MarketMs().value_or(0); }, AlertDesk::Options{}, AlertEvents());
}

AlertDesk::Events App::Parts::AlertEvents() {
  return {.on_fired =
              [this](std::span<const Alert> alerts) {
                metrics_.alerts.Increment(static_cast<double>(alerts.size()));
                alert_keeper_->Add(alerts);
                alert_caller_->Add(alerts);
              },
          .on_unseen =
              [this](std::uint64_t ticks) {
                metrics_.alert_unseen_ticks.Increment(static_cast<double>(ticks));
                if (const auto left_out = unseen_ticks_.Due(clock_.Now())) {
                  spdlog::warn("alert rules are judged too slowly unseen_ticks={} left_out={}",
                               ticks, *left_out);
                }
              },
          .on_added = [this](const AlertRule& rule) { alert_keeper_->Put(rule); },
          .on_removed = [this](const std::string& id) { alert_keeper_->Remove(id); },
          .on_count =
              [this](std::size_t rules) { metrics_.alert_rules.Set(static_cast<double>(rules)); }};
}

AlertKeeper::Events App::Parts::AlertKeeperEvents() {
  return {.on_loaded = [this](const KeptAlerts& kept) { RestoreAlerts(kept); },
          .on_failure = [this](const Error& why) { Tell("postgres", &why); },
          .on_saved = [this] { Tell("postgres", nullptr); },
          .on_lost =
              [this](std::uint64_t alerts) {
                metrics_.alerts_unstored.Increment(static_cast<double>(alerts));
                spdlog::error("alerts will not be stored count={}", alerts);
              }};
}

AlertCaller::Events App::Parts::AlertCallerEvents() {
  return {.on_fate =
              [this](AlertCaller::Fate fate, const std::string& id, const Error* why) {
                metrics_.CountWebhook(NameOf(fate));
                if (fate == AlertCaller::Fate::kDelivered) return;
                const std::lock_guard lock{webhook_log_mutex_};
                if (const auto left_out = webhook_failures_.Due(clock_.Now())) {
                  spdlog::warn("webhook outcome={} webhook={} why={} left_out={}", NameOf(fate), id,
                               Quoted(why == nullptr ? "" : why->message), *left_out);
                }
              },
          .on_added = [this](const Webhook& webhook) { alert_keeper_->PutWebhook(webhook); },
          .on_removed = [this](const std::string& id) { alert_keeper_->RemoveWebhook(id); }};
}

void App::Parts::RestoreAlerts(const KeptAlerts& kept) {
  std::size_t left_out = 0;
  for (const Webhook& webhook : kept.webhooks) {
    if (!alert_caller_->RestoreWebhook(webhook)) ++left_out;
  }
  for (const AlertRule& rule : kept.rules) {
    InstrumentId id = 0;
    if (HasInstrument(rule.measure)) {
      const auto known = listings_.Find(rule.instrument_key);
      id = known ? *known : listings_.Add({.key = rule.instrument_key});
    }
    if (!alerts_->Restore(rule, id)) ++left_out;
  }
  Tell("postgres", nullptr);
  spdlog::info("alert rules loaded count={} webhooks={} left_out={}", kept.rules.size(),
               kept.webhooks.size(), left_out);
}

void App::Parts::BuildHistory() {
  // One connection more than workers: for the calls that gRPC's own threads make.
  history_ = std::make_unique<PgHistory>(PgOptionsOf(config_, kHistoryReaders + 1), *schema_,
                                         config_.broker.account);
  history_workers_ = std::make_unique<Workers>(kHistoryReaders, kHistoryQueue);
  candle_desk_ = std::make_unique<CandleDesk>(*history_, *candles_);
  history_service_ = std::make_unique<HistoryService>(
      HistoryService::Parts{.stream = {.workers = *history_workers_,
                                       .clock = clock_,
                                       .metrics = metrics_,
                                       .calls = calls_,
                                       .stall_limit = config_.stall_limit},
                            .history = *history_,
                            .candles = *candle_desk_,
                            .directory = *directory_,
                            .beats = *publisher_,
                            .account = config_.broker.account});
}

Ingest::Outlets App::Parts::OutletsOf() {
  return {.on_tick = [this](InstrumentId id, const Tick& tick) { alerts_->Take(id, tick); },
          .publish =
              [this](std::span<const Update> updates) {
                alerts_->EndFrame();
                metrics_.ticks.Increment(static_cast<double>(updates.size()));
                metrics_.decode_seconds.Observe(
                    SecondsSince(updates.front().received_at, clock_.Now()));
                return publisher_->Push(updates);
              },
          .on_broker_time = [this](const Ingest::Times& times) { OnBrokerTime(times); },
          .on_market_status =
              [this](const SegmentStatus& segments) {
                connector_->SetSegments(segments);
                alerts_->OnSegments(segments);
              },
          .on_bad_frame =
              [this](const Error& why, std::size_t bytes) {
                metrics_.CountBadFrame(why.reason);
                if (const auto left_out = bad_frames_.Due(clock_.Now())) {
                  spdlog::warn("frame skipped reason={} bytes={} left_out={}", why.reason, bytes,
                               *left_out);
                }
              },
          .on_skipped =
              [this](std::uint64_t entries) {
                metrics_.skipped_entries.Increment(static_cast<double>(entries));
              }};
}

void App::Parts::OnBrokerTime(const Ingest::Times& times) {
  market_.Observe(times.broker_ms);
  // The simulator's clock is that of its market: what lies between says nothing of the way.
  if (config_.broker.broker == Broker::kSimulator) return;
  metrics_.broker_delay_seconds.Observe(SecondsFrom(times.broker_ms, times.received_ns));
  if (times.trade_ms == 0) return;
  metrics_.trade_delay_seconds.Observe(SecondsFrom(times.trade_ms, times.received_ns));
}

void App::Parts::OnBrokerFrame(const BrokerFrame& frame) {
  metrics_.last_frame.Set(static_cast<double>(frame.received_ns) / 1e9);
  metrics_.frames.Increment();
  metrics_.frame_bytes.Increment(static_cast<double>(frame.bytes.size()));
  ingest_->OnFrame(frame);
  metrics_.store_waiting.Set(static_cast<double>(Waiting()));
}

Connector::Events App::Parts::ConnectorEvents() {
  return {.on_frame = [this](const BrokerFrame& frame) { OnBrokerFrame(frame); },
          .on_wanted =
              [this](std::size_t keys) { metrics_.subscriptions.Set(static_cast<double>(keys)); },
          .on_open =
              [this](bool simulated) {
                ingest_->SetSimulated(simulated);
                metrics_.connects.Increment();
                alerts_->OnConnect(simulated);
                Tell("broker", nullptr);
                spdlog::info("connected simulated={}", simulated);
              },
          .on_state =
              [this](ConnectionState state) {
                metrics_.SetConnection(std::string{NameOf(state)});
                publisher_->SetConnection(state);
                alerts_->OnConnection(state);
                spdlog::info("connection state={}", NameOf(state));
              },
          .on_open_gap =
              [this](std::uint32_t connection, std::optional<std::int64_t> from_ns) {
                journal_->SetOpenGap(connection, from_ns);
              },
          .on_gap =
              [this](const Gap& gap) {
                metrics_.CountGap(gap.cause);
                spdlog::warn("gap cause={} from_ns={} to_ns={} detail={}", gap.cause, gap.from_ns,
                             gap.to_ns, Quoted(gap.detail));
                journal_->PushGap(gap);
                alerts_->OnGap(gap);
              },
          .on_attempt_failed =
              [this](const Error& why) {
                metrics_.connect_failures.Increment();
                Tell("broker", &why);
                spdlog::warn("connect failed reason={} message={}", why.reason,
                             Quoted(why.message));
              },
          .on_alert =
              [this](bool failing) {
                metrics_.connect_failing.Set(failing ? 1 : 0);
                if (failing) {
                  spdlog::error("connect keeps failing attempts={}", config_.attempts_before_alert);
                }
              },
          .on_token_refused = [this](std::uint64_t) { tokens_->OnRefused(); },
          .on_lost =
              [this](const std::string& why) {
                metrics_.losses.Increment();
                Tell("broker", nullptr);
                spdlog::warn("connection lost why={}", Quoted(why));
              }};
}

journal::Writer::Events App::Parts::JournalEvents() {
  return {.on_written =
              [this] {
                journal::Writer& writer = journal_->writer();
                metrics_.journal_waiting.Set(static_cast<double>(writer.waiting_records()));
                const std::chrono::duration<double> wait = writer.TakeLongestWait();
                if (wait.count() > 0) metrics_.journal_seconds.Observe(wait.count());
              },
          .on_stopped =
              [this](const Error& why) {
                metrics_.journal_stopped.Set(1);
                Tell("journal", &why);
                spdlog::error("journal stopped reason={} message={}", why.reason,
                              Quoted(why.message));
              },
          .on_resumed =
              [this] {
                metrics_.journal_stopped.Set(0);
                Tell("journal", nullptr);
                spdlog::warn("journal goes on");
              },
          .on_lost =
              [this](const journal::Stretch& lost, bool) {
                metrics_.journal_lost_frames.Increment(static_cast<double>(lost.records));
                spdlog::error("frames not journaled count={} ticks={} from_ns={} to_ns={} cause={}",
                              lost.records, lost.ticks, lost.from_ns, lost.to_ns, lost.cause);
              }};
}

StoreFollower::Events App::Parts::StoreEvents() {
  return {.on_written =
              [this](std::span<const Tick> ticks) {
                AddSince(committed_, ticks, clock_.Now());
                metrics_.store_written.Increment(static_cast<double>(ticks.size()));
                if (!ticks.empty()) stored_seq_ = ticks.back().seq;
                metrics_.store_waiting.Set(static_cast<double>(Waiting()));
                Tell("postgres", nullptr);
              },
          .on_failure =
              [this](const Error& why) {
                metrics_.store_failures.Increment();
                Tell("postgres", &why);
              },
          .on_gap =
              [this](const std::string& instance, const Gap& gap) {
                if (gap.cause == "STORE_REFUSED" || gap.cause.starts_with("JOURNAL_")) {
                  metrics_.CountGap(gap.cause);
                  metrics_.store_lost.Increment(static_cast<double>(gap.ticks));
                  spdlog::warn("gap run={} cause={} ticks={} from_ns={} to_ns={} detail={}",
                               instance, gap.cause, gap.ticks, gap.from_ns, gap.to_ns,
                               Quoted(gap.detail));
                }
              },
          .on_journal_failure =
              [this](const Error& why) {
                metrics_.journal_read_failures.Increment();
                spdlog::error("journal cannot be read reason={} message={}", why.reason,
                              Quoted(why.message));
              }};
}

CandleKeeper::Events App::Parts::CandleEvents() {
  return {.on_written =
              [this](std::size_t bars) {
                metrics_.candles_written.Increment(static_cast<double>(bars));
              },
          .on_failure =
              [this](const Error& why, std::size_t lost) {
                metrics_.store_failures.Increment();
                metrics_.candles_lost.Increment(static_cast<double>(lost));
                if (why.code == Code::kUnavailable) return Tell("postgres", &why);
                spdlog::error("candles not stored reason={} lost={} message={}", why.reason, lost,
                              Quoted(why.message));
              },
          .on_turn =
              [this] {
                if (auto* const readers = candle_readers_.load()) readers->TurnCandles();
              }};
}

TickRetirer::Events App::Parts::RetirerEvents() {
  return {.on_retired =
              [this](const std::string& day) {
                metrics_.store_retired_partitions.Increment();
                spdlog::info("stored day removed for its age partition={}", day);
              },
          .on_failure =
              [](const Error& why) {
                spdlog::warn("old days stay for now reason={} message={}", why.reason,
                             Quoted(why.message));
              }};
}

StateKeeper::Events App::Parts::KeeperEvents() {
  return {.on_loaded = [this](const KeptState& kept) { OnLoaded(kept); },
          .on_late =
              [this] {
                spdlog::warn("going on without the kept state: PostgreSQL has not answered");
                TellRestart(0);
                connector_->Start(true);
              },
          .on_failure = [this](const Error& why) { Tell("postgres", &why); },
          .on_saved = [this] { Tell("postgres", nullptr); }};
}

void App::Parts::OnLoaded(const KeptState& kept) {
  Tell("postgres", nullptr);
  for (const KeptSubscription& each : kept.subscriptions) directory_->Remember(each.listing);
  const std::size_t left_out = desk_->Restore(kept.subscriptions);
  spdlog::info("state loaded subscriptions={} left_out={} connected={}", kept.subscriptions.size(),
               left_out, kept.connected);
  if (!kept.subscriptions.empty()) TellRestart(kept.covered_ns.value_or(0));
  connector_->Start(kept.connected);
}

/// What earlier runs did not see: from the last frame that they kept, or from the beginning of a
/// gap that was open when the last of them ended.
void App::Parts::TellRestart(std::int64_t stored_ns) {
  const std::int64_t covered_ns =
      past_.open_gap_ns ? *past_.open_gap_ns : std::max(stored_ns, past_.last_ns);
  if (covered_ns == 0) return;
  connector_->SetGapStart(covered_ns, "RESTART", "the service was not running");
}

void App::Parts::Report(FeedState& state) const {
  state.instance = instance_;
  state.ticks = ingest_->ticks();
  state.decode_errors = ingest_->bad_frames();
  state.store_waiting = Waiting();
  state.store_written = store_->written();
  state.store_lost = store_->lost();
  state.market_ms = MarketMs().value_or(0);
}

std::optional<std::int64_t> App::Parts::MarketMs() const {
  const bool simulator = config_.broker.broker == Broker::kSimulator;
  if (simulator && !market_.offset_ms()) return std::nullopt;
  return market_.NowMs();
}

void App::Parts::Tell(const std::string& dependency, const Error* failure) {
  if (failure == nullptr) {
    dependencies_.Up(dependency);
  } else {
    dependencies_.Down(dependency, failure->reason + ": " + failure->message);
  }
}

void App::Parts::Stop() {
  server_.SetServing(false);
  const Error stopping{Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"};
  if (service_) service_->EndStreams(stopping);
  if (history_service_) history_service_->EndStreams(stopping);
  if (alert_service_) alert_service_->EndStreams(stopping);
  if (tokens_) tokens_->Stop();
  if (keeper_ && !keeper_->Stop()) spdlog::warn("changes of subscriptions were not saved");
  if (connector_) connector_->Stop();
  dependencies_.Listen(nullptr);  // it tells the server
  server_.Stop();
  if (workers_) workers_->Stop();
  if (history_workers_) history_workers_->Stop();
  if (alerts_) alerts_->Stop();
  if (alert_caller_) alert_caller_->Stop();
  if (alert_keeper_ && !alert_keeper_->Stop()) spdlog::warn("changes of alerts were not saved");
  if (publisher_) publisher_->Stop();
  if (journal_) journal_->Stop();
  if (retirer_) retirer_->Stop();
  if (store_ && !store_->Stop(config_.store_flush_limit)) {
    spdlog::warn("ticks wait in the journal for the next start");
  }
}

App::App(const Config& config) : parts_{std::make_unique<Parts>(config)} {}
App::~App() = default;
Result<void> App::Start() { return parts_->Start(); }
void App::Stop() { parts_->Stop(); }

}  // namespace sauda::feed
