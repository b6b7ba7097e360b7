#include "services/feed/src/app/ground.hpp"

#include <utility>

#include "libs/rpc/request_id.hpp"
#include "services/feed/src/migrations.hpp"

namespace sauda::feed {

Ground::Ground(Config the_config)
    : config{std::move(the_config)},
      instance{rpc::NewRequestId()},
      market{clock, clock_source()},
      exporter{"feed"},
      metrics{exporter.registry()},
      calls{exporter.registry(), "feed"},
      dependencies{
          exporter.registry(), "feed", {"auth", "broker", "instruments", "journal", "postgres"}} {}

Result<void> Ground::Start() {
  if (!config.postgres_url) {
    return Error{Code::kInvalidArgument, "POSTGRES_URL_MISSING",
                 "give SAUDA_POSTGRES_URL or SAUDA_FEED_POSTGRES_URL, or the same with _FILE"};
  }
  if (auto started = exporter.Start(config.metrics_listen); !started) return started;
  schema = std::make_unique<PgSchema>(Postgres(1), kMigrations);
  pool = std::make_unique<storage::PgPool>(Postgres(2));  // one for each keeper
  return {};
}

MarketClock::Source Ground::clock_source() const {
  return simulator() ? MarketClock::Source::kBroker : MarketClock::Source::kWall;
}

storage::PgOptions Ground::Postgres(std::size_t connections) const {
  return {
      .url = config.postgres_url->Reveal(), .size = connections, .application_name = "sauda-feed"};
}

std::optional<std::int64_t> Ground::MarketMs() const {
  if (simulator() && !market.offset_ms()) return std::nullopt;
  return market.NowMs();
}

void Ground::Tell(const std::string& dependency, const Error* failure) {
  if (failure == nullptr) {
    dependencies.Up(dependency);
  } else {
    dependencies.Down(dependency, failure->reason + ": " + failure->message);
  }
}

}  // namespace sauda::feed
