#include "services/instruments/src/app.hpp"

#include <chrono>

#include <spdlog/spdlog.h>

#include "libs/http/client.hpp"
#include "libs/http/url.hpp"
#include "libs/telemetry/log.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/migrations.hpp"

namespace sauda::instruments {
namespace {

constexpr auto kPostgres = "postgres";
constexpr auto kRedis = "redis";
constexpr auto kBroker = "broker";
// The real broker's file server is not ours to ask all the time; the simulator's clock may jump.
constexpr std::chrono::seconds kAskUpstoxEvery{60};
// Another instance's sync is seen here within it.
constexpr std::chrono::milliseconds kRefreshEvery{1'000};

bool IsSimulated(const Config& config) { return config.broker.broker == Broker::kSimulator; }

/// None when the setting is wrong: then Start refuses.
std::vector<MasterFiles> MasterChoices(const Config& config) {
  auto choices = ReadMasterUrls(config.MasterUrls());
  return choices ? std::move(*choices) : std::vector<MasterFiles>{};
}

HttpMasterSource::Connect Connecting(const Config& config, const Clock& clock) {
  return [ca = config.broker.ca_file, choices = MasterChoices(config),
          &clock]() -> Result<std::unique_ptr<http::Client>> {
    http::EgressList allowed;
    for (const MasterFiles& files : choices) {
      for (const std::string& url : files) {
        const auto parsed = http::Url::Parse(url);
        if (!parsed) return parsed.error();
        allowed.insert(parsed->HostPort());
      }
    }
    return http::Client::Make({.ca = {.file = ca}, .allowed = allowed}, clock);
  };
}

Secret Or(const std::optional<Secret>& secret, const char* fallback) {
  return secret ? *secret : Secret{fallback};
}

}  // namespace

storage::PgOptions App::Database() const {
  // Without an address Start refuses; libpq must not fall back on its own environment until then.
  return {.url = Or(config_.postgres_url, "host=127.0.0.1 port=1").Reveal(),
          .application_name = "sauda-instruments"};
}

App::App(Config config)
    : config_{std::move(config)},
      market_clock_{
          clock_, IsSimulated(config_) ? MarketClock::Source::kBroker : MarketClock::Source::kWall},
      exporter_{"instruments"},
      metrics_{exporter_.registry()},
      dependencies_{exporter_.registry(), "instruments", {kPostgres, kRedis, kBroker}},
      calls_{exporter_.registry(), "instruments"},
      pool_{Database()},
      redis_{{.url = Or(config_.redis_url, "redis://127.0.0.1:1/0")}},
      store_{pool_,
             {.database = Database(),
              .migrations = kMigrations,
              .batch_rows = static_cast<std::size_t>(config_.batch_rows)}},
      catalogs_{store_},
      lists_{store_},
      lock_{redis_},
      broker_source_{Connecting(config_, clock_),
                     market_clock_,
                     {.choices = MasterChoices(config_),
                      .simulated = IsSimulated(config_),
                      .lists = config_.ListUrls()}},
      folder_source_{config_.import_folder, IsSimulated(config_), market_clock_},
      sample_source_{IsSimulated(config_), market_clock_},
      sources_{broker_source_, folder_source_, sample_source_},
      list_sync_{{.source = broker_source_,
                  .store = store_,
                  .make_parser = [] { return std::make_unique<SimdjsonRecordParser>(); }}},
      sync_{{.source = sources_,
             .lock = lock_,
             .store = store_,
             .clock = clock_,
             .market_clock = market_clock_,
             .make_parser = [] { return std::make_unique<SimdjsonRecordParser>(); },
             .lists = &list_sync_},
            {.most_bad_percent = static_cast<int>(config_.most_bad_percent),
             .most_gone_percent = static_cast<int>(config_.most_gone_percent)}},
      syncs_{{sync_, store_, catalogs_, metrics_, clock_, lists_}},
      service_{{syncs_, store_, catalogs_, store_, lists_, market_clock_, calls_}},
      calendar_{{config_, pool_, [this] { return store_.prepared(); }, clock_, market_clock_,
                 calls_, exporter_.registry()}} {}

Result<void> App::Start() {
  if (!config_.postgres_url || !config_.redis_url) {
    return Error{
        Code::kInvalidArgument, "SETTINGS_INVALID",
        "SAUDA_POSTGRES_URL and SAUDA_REDIS_URL, or the files named by *_FILE, are needed"};
  }
  if (const auto urls = ReadMasterUrls(config_.MasterUrls()); !urls) return urls.error();
  if (auto checked = CalendarPart::CheckSettings(config_); !checked) return checked;
  if (auto started = exporter_.Start(config_.metrics_listen); !started) return started;
  if (auto started = server_.Start(config_.server, {&service_, &calendar_.service()}); !started)
    return started;
  dependencies_.Listen(
      [this](const std::string& name, const telemetry::Dependencies::State& state) {
        server_.SetServing(name, state.up);
        // What is in memory is answered without it.
        if (name == kPostgres) server_.SetServing(state.up || catalogs_.Current() != nullptr);
      });
  watch_.emplace(dependencies_,
                 std::vector<DependencyWatch::Probe>{{kPostgres, [this] { return AskPostgres(); }},
                                                     {kRedis, [this] { return redis_.Ping(); }},
                                                     {kBroker, [this] { return AskBroker(); }}});
  calendar_.Start();
  refresh_.emplace(kRefreshEvery, [this] { RefreshCatalog(); });
  scheduler_.emplace(
      SyncScheduler::Parts{syncs_, store_, clock_, market_clock_},
      SyncScheduler::Options{.daily_minute = static_cast<int>(config_.daily_sync_minute),
                             .when_empty = config_.sync_on_start});
  return {};
}

void App::Stop() {
  sync_.Cancel();
  scheduler_.reset();
  refresh_.reset();
  calendar_.Stop();
  watch_.reset();
  dependencies_.Listen([](const std::string&, const telemetry::Dependencies::State&) {});
  service_.EndStreams();
  server_.Stop();
}

Result<void> App::AskPostgres() {
  if (store_.prepared()) return pool_.Ping();
  if (auto prepared = store_.Prepare(); !prepared) return prepared;
  return syncs_.ShowStatus();
}

void App::RefreshCatalog() {
  if (!store_.prepared()) return;
  const auto read = syncs_.RefreshCatalog();
  const std::string failure = read ? "" : read.error().reason;
  // That the database is away shows elsewhere.
  if (failure != refresh_failure_ && !failure.empty() && failure != "DATABASE_DOWN") {
    spdlog::error("instruments cannot be read into memory reason={} message={}", failure,
                  telemetry::Quoted(read.error().message));
  }
  refresh_failure_ = failure;
}

Result<void> App::AskBroker() {
  const Monotonic now = clock_.Now();
  const bool fresh = broker_answer_ && now - broker_asked_ < kAskUpstoxEvery;
  if (!IsSimulated(config_) && fresh && broker_asked_ != Monotonic{}) return broker_answer_;
  broker_asked_ = now;
  broker_answer_ = broker_source_.Probe();
  return broker_answer_;
}

}  // namespace sauda::instruments
