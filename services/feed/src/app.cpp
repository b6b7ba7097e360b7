#include "services/feed/src/app.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include <grpcpp/channel.h>

#include "libs/base/market_clock.hpp"
#include "libs/journal/catalog.hpp"
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
#include "services/feed/src/adapters/instruments_client.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_subscription_store.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/adapters/token_watcher.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/adapters/upstox_feed.hpp"
#include "services/feed/src/connector.hpp"
#include "services/feed/src/desk.hpp"
#include "services/feed/src/ingest.hpp"
#include "services/feed/src/metrics.hpp"
#include "services/feed/src/migrations.hpp"
#include "services/feed/src/publisher.hpp"
#include "services/feed/src/rpc/feed_service.hpp"
#include "services/feed/src/rpc/proto_codec.hpp"
#include "services/feed/src/state_keeper.hpp"
#include "services/feed/src/store_follower.hpp"
#include "services/feed/src/workers.hpp"

namespace sauda::feed {
namespace {

using telemetry::Quoted;

constexpr std::chrono::seconds kResolveLimit{5};
constexpr Backoff::Limits kDependencyBackoff{std::chrono::milliseconds{200},
                                             std::chrono::milliseconds{5'000}};

double SecondsSince(Monotonic then, Monotonic now) {
  return std::chrono::duration<double>(now - then).count();
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
  /// Everything that needs no more than the settings, in four steps.
  Result<void> StartJournal();
  void BuildStore();
  void BuildPipeline();
  void BuildFace(const std::shared_ptr<grpc::Channel>& instruments);

  Ingest::Outlets OutletsOf();
  Connector::Events ConnectorEvents();
  StateKeeper::Events KeeperEvents();
  journal::Writer::Events JournalEvents();
  StoreFollower::Events StoreEvents();
  void OnBrokerFrame(const BrokerFrame& frame);
  void OnLoaded(const KeptState& kept);
  /// Ticks of this run that are not stored yet.
  std::uint64_t Waiting() const {
    const std::uint64_t ticks = ingest_->ticks();
    return ticks - std::min(ticks, stored_seq_.load(std::memory_order_relaxed));
  }
  void Report(FeedState& state) const;
  /// No error: it can be used.
  void Tell(const std::string& dependency, const Error* failure);

  const Config config_;
  const std::string instance_ = rpc::NewRequestId();
  const SystemClock clock_;
  MarketClock market_;
  telemetry::MetricsExporter exporter_{"feed"};
  Metrics metrics_{exporter_.registry()};
  rpc::Calls calls_{exporter_.registry(), "feed"};
  telemetry::Dependencies dependencies_{
      exporter_.registry(), "feed", {"auth", "broker", "instruments", "journal", "postgres"}};

  Listings listings_;
  ProtoTickEncoder encoder_;
  UpstoxDecoder decoder_;
  UpstoxDecoder store_decoder_;  // the storing thread's
  std::unique_ptr<FileJournal> journal_;
  std::optional<std::int64_t> journaled_ns_;  // the last frame of an earlier run
  std::unique_ptr<FileJournalReader> journal_reader_;
  std::unique_ptr<PgSchema> schema_;
  std::unique_ptr<PgTickStore> tick_store_;
  std::atomic<std::uint64_t> stored_seq_{0};  // of this run
  std::unique_ptr<StoreFollower> store_;
  std::unique_ptr<Publisher> publisher_;
  HandOver hand_over_;
  std::unique_ptr<Ingest> ingest_;
  std::vector<std::unique_ptr<UpstoxFeed>> brokers_;  // one for each connection
  std::unique_ptr<Connector> connector_;
  std::unique_ptr<storage::PgPool> pool_;
  std::unique_ptr<PgSubscriptionStore> subscriptions_;
  std::unique_ptr<StateKeeper> keeper_;
  std::unique_ptr<InstrumentsClient> directory_;
  std::unique_ptr<Desk> desk_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<FeedService> service_;
  std::unique_ptr<TokenWatcher> tokens_;
  rpc::Server server_;

  RareLog bad_frames_;  // ingest's, which has one caller at a time
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
  BuildFace(*instruments);
  if (auto started = server_.Start(config_.server, {service_.get()}); !started) return started;
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
  const auto listing = journal::List(directory);
  if (!listing) return listing.error();
  for (const auto& segment : listing->segments) {
    if (!segment.seal || segment.seal->last_ns == 0) continue;
    journaled_ns_ = std::max(journaled_ns_.value_or(0), segment.seal->last_ns);
  }
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
  store_ = std::make_unique<StoreFollower>(
      *tick_store_, *journal_reader_, store_decoder_,
      StoreFollower::Options{.instance = instance_,
                             .batch_ticks = static_cast<std::size_t>(config_.store_batch),
                             .linger = config_.store_linger},
      StoreEvents());
  pool_ = std::make_unique<storage::PgPool>(PgOptionsOf(config_, 1));
  subscriptions_ = std::make_unique<PgSubscriptionStore>(
      *pool_, *schema_,
      PgSubscriptionStore::Reader{.account_id = config_.broker.account, .instance = instance_});
}

void App::Parts::BuildPipeline() {
  publisher_ = std::make_unique<Publisher>(
      encoder_,
      Publisher::Options{.queue_updates = static_cast<std::size_t>(config_.publish_queue)},
      [this](std::span<const Update> updates) {
        const Monotonic now = clock_.Now();
        for (const Update& update : updates) {
          metrics_.publish_seconds.Observe(SecondsSince(update.received_at, now));
        }
      });
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
}

Ingest::Outlets App::Parts::OutletsOf() {
  return {.publish =
              [this](std::span<const Update> updates) {
                metrics_.ticks.Increment(static_cast<double>(updates.size()));
                return publisher_->Push(updates);
              },
          .on_broker_time = [this](std::int64_t broker_ms) { market_.Observe(broker_ms); },
          .on_market_status =
              [this](const SegmentStatus& segments) { connector_->SetSegments(segments); },
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

void App::Parts::OnBrokerFrame(const BrokerFrame& frame) {
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
                Tell("broker", nullptr);
                spdlog::info("connected simulated={}", simulated);
              },
          .on_state =
              [this](ConnectionState state) {
                metrics_.SetConnection(std::string{NameOf(state)});
                publisher_->SetConnection(state);
                spdlog::info("connection state={}", NameOf(state));
              },
          .on_gap =
              [this](const Gap& gap) {
                metrics_.gaps.Increment();
                spdlog::warn("gap cause={} from_ns={} to_ns={} detail={}", gap.cause, gap.from_ns,
                             gap.to_ns, Quoted(gap.detail));
                journal_->PushGap(gap);
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
  return {.on_stopped =
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
                const Monotonic now = clock_.Now();
                for (const Tick& tick : ticks) {
                  metrics_.commit_seconds.Observe(SecondsSince(tick.received_at, now));
                }
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
                  metrics_.gaps.Increment();
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

StateKeeper::Events App::Parts::KeeperEvents() {
  return {.on_loaded = [this](const KeptState& kept) { OnLoaded(kept); },
          .on_late =
              [this] {
                spdlog::warn("going on without the kept state: PostgreSQL has not answered");
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
  const std::int64_t covered_ns = std::max(kept.covered_ns.value_or(0), journaled_ns_.value_or(0));
  if (covered_ns > 0 && !kept.subscriptions.empty()) {
    connector_->SetGapStart(covered_ns, "RESTART", "the service was not running");
  }
  connector_->Start(kept.connected);
}

void App::Parts::Report(FeedState& state) const {
  state.instance = instance_;
  state.ticks = ingest_->ticks();
  state.decode_errors = ingest_->bad_frames();
  state.store_waiting = Waiting();
  state.store_written = store_->written();
  state.store_lost = store_->lost();
  const bool simulator = config_.broker.broker == Broker::kSimulator;
  if (!simulator || market_.offset_ms()) state.market_ms = market_.NowMs();
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
  if (service_) {
    service_->EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"});
  }
  if (tokens_) tokens_->Stop();
  if (keeper_ && !keeper_->Stop()) spdlog::warn("changes of subscriptions were not saved");
  if (connector_) connector_->Stop();
  dependencies_.Listen(nullptr);  // it tells the server
  server_.Stop();
  if (workers_) workers_->Stop();
  if (publisher_) publisher_->Stop();
  if (journal_) journal_->Stop();
  if (store_ && !store_->Stop(config_.store_flush_limit)) {
    spdlog::warn("ticks wait in the journal for the next start");
  }
}

App::App(const Config& config) : parts_{std::make_unique<Parts>(config)} {}
App::~App() = default;
Result<void> App::Start() { return parts_->Start(); }
void App::Stop() { parts_->Stop(); }

}  // namespace sauda::feed
