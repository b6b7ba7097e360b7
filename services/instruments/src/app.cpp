#include "services/instruments/src/app.hpp"

#include <chrono>

#include "libs/http/client.hpp"
#include "libs/http/url.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/migrations.hpp"

namespace sauda::instruments {
namespace {

constexpr auto kPostgres = "postgres";
constexpr auto kRedis = "redis";
constexpr auto kBroker = "broker";
// The real broker's file server is not ours to ask all the time; the simulator's clock may jump.
constexpr std::chrono::seconds kAskUpstoxEvery{60};

bool IsSimulated(const Config& config) { return config.broker.broker == Broker::kSimulator; }

HttpMasterSource::Connect Connecting(const Config& config, const Clock& clock) {
  return [ca = config.broker.ca_file, url = config.MasterUrl(),
          &clock]() -> Result<std::unique_ptr<http::Client>> {
    const auto parsed = http::Url::Parse(url);
    if (!parsed) return parsed.error();
    return http::Client::Make({.ca = {.file = ca}, .allowed = {parsed->HostPort()}}, clock);
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
      lock_{redis_},
      broker_source_{Connecting(config_, clock_),
                     market_clock_,
                     {.url = config_.MasterUrl(), .simulated = IsSimulated(config_)}},
      folder_source_{config_.import_folder, IsSimulated(config_), market_clock_},
      sources_{broker_source_, folder_source_},
      sync_{{.source = sources_,
             .lock = lock_,
             .store = store_,
             .clock = clock_,
             .market_clock = market_clock_,
             .make_parser = [] { return std::make_unique<SimdjsonRecordParser>(); }},
            {.most_bad_percent = static_cast<int>(config_.most_bad_percent),
             .most_gone_percent = static_cast<int>(config_.most_gone_percent)}},
      syncs_{sync_, store_, metrics_, clock_},
      service_{{syncs_, store_, market_clock_, calls_}} {}

Result<void> App::Start() {
  if (!config_.postgres_url || !config_.redis_url) {
    return Error{
        Code::kInvalidArgument, "SETTINGS_INVALID",
        "SAUDA_POSTGRES_URL and SAUDA_REDIS_URL, or the files named by *_FILE, are needed"};
  }
  if (const auto url = http::Url::Parse(config_.MasterUrl()); !url) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                 "the address of the instrument file is wrong: " + url.error().message};
  }
  if (auto started = exporter_.Start(config_.metrics_listen); !started) return started;
  if (auto started = server_.Start(config_.server, {&service_}); !started) return started;
  dependencies_.Listen(
      [this](const std::string& name, const telemetry::Dependencies::State& state) {
        server_.SetServing(name, state.up);
        if (name == kPostgres) server_.SetServing(state.up);  // without it nothing can be answered
      });
  watch_.emplace(dependencies_,
                 std::vector<DependencyWatch::Probe>{{kPostgres, [this] { return AskPostgres(); }},
                                                     {kRedis, [this] { return redis_.Ping(); }},
                                                     {kBroker, [this] { return AskBroker(); }}});
  scheduler_.emplace(
      SyncScheduler::Parts{syncs_, store_, clock_, market_clock_},
      SyncScheduler::Options{.daily_minute = static_cast<int>(config_.daily_sync_minute),
                             .when_empty = config_.sync_on_start});
  return {};
}

void App::Stop() {
  sync_.Cancel();
  scheduler_.reset();
  watch_.reset();
  dependencies_.Listen([](const std::string&, const telemetry::Dependencies::State&) {});
  server_.Stop();
}

Result<void> App::AskPostgres() {
  if (store_.prepared()) return pool_.Ping();
  if (auto prepared = store_.Prepare(); !prepared) return prepared;
  return syncs_.ShowStatus();
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
