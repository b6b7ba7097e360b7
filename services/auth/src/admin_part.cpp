#include "services/auth/src/admin_part.hpp"

#include "services/auth/src/migrations.hpp"

namespace sauda::auth {
namespace {

storage::PgOptions OptionsOf(const std::optional<Secret>& url) {
  // Without an address nothing is asked; libpq must not fall back on its own environment.
  return {.url = url ? url->Reveal() : "host=127.0.0.1 port=1", .application_name = "sauda-auth"};
}

}  // namespace

AdminPart::AdminPart(const std::optional<Secret>& postgres_url, std::chrono::milliseconds poll,
                     Parts parts)
    : configured_{postgres_url.has_value()},
      poll_{poll},
      parts_{parts},
      options_{OptionsOf(postgres_url)},
      metrics_{parts.registry},
      pool_{options_},
      schema_{options_, kMigrations},
      audit_{pool_, schema_},
      keys_{pool_, schema_},
      desk_{{.store = keys_, .board = board_, .random = random_, .clock = parts.clock}},
      acts_{audit_},
      service_{desk_, board_, audit_, parts.calls} {}

AdminPart::~AdminPart() {
  if (schema_.prepared()) (void)acts_.Flush();
}

void AdminPart::Start() {
  if (!configured_) {
    parts_.dependencies.Down(kPostgres, "no address is set: there are no API keys and no audit");
    return;
  }
  task_.emplace(poll_, [this] { KeepUp(); });
}

void AdminPart::Stop() {
  task_.reset();
  service_.Shutdown();
}

void AdminPart::KeepUp() {
  const Monotonic now = parts_.clock.Now();
  if (now < next_try_) return;
  const auto looked = LookOnce();
  if (looked) {
    backoff_.Reset();
    parts_.dependencies.Up(kPostgres);
  } else {
    next_try_ = now + backoff_.Next();
    parts_.dependencies.Down(kPostgres, looked.error().reason + ": " + looked.error().message);
  }
  const std::int64_t now_ms = desk_.NowMs();
  metrics_.SetKeys(board_.Count(keys::KeyState::kActive, now_ms),
                   board_.Count(keys::KeyState::kRevoked, now_ms),
                   board_.Count(keys::KeyState::kExpired, now_ms));
  metrics_.SetWatchers(board_.watchers());
  metrics_.SetWaitingActs(acts_.waiting());
  metrics_.SetLostActs(acts_.lost());
}

Result<void> AdminPart::LookOnce() {
  if (!schema_.prepared()) {
    if (auto prepared = schema_.Prepare(); !prepared) return prepared;
  }
  if (auto refreshed = desk_.Refresh(); !refreshed) return refreshed;
  return acts_.Flush();
}

}  // namespace sauda::auth
