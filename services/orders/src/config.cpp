#include "services/orders/src/config.hpp"

namespace sauda::orders {

void Config::Declare(Settings& settings) {
  log.Declare(settings);
  server.Declare(settings);
  settings.Address("metrics-listen", metrics_listen, "host:port of /metrics");
  broker.Declare(settings);
  DeclareOrderRoute(settings, route);
  settings.Hidden(SettingName::Shared("postgres-url"), postgres_url,
                  "postgresql://user:password@host:port/database, of the ledger");
  settings.Hidden(SettingName::Shared("redis-url"), redis_url,
                  "redis://:password@host:port/database, of the order budget on the live route; "
                  "without it redis://127.0.0.1:7379/0");
  settings.Address(SettingName::Shared("auth-address"), auth_address, "host:port of auth");
  settings.Address(SettingName::Shared("instruments-address"), instruments_address,
                   "host:port of instruments");
  settings.Address(SettingName::Shared("feed-address"), feed_address, "host:port of feed");
  settings.Millis("broker-deadline-ms", broker_deadline, {.low = 100, .high = 60'000},
                  "how long one order call to the broker may take; later its answer is lost");
  settings.Millis("never-arrived-after-ms", never_arrived_after, {.low = 60'000, .high = 3'600'000},
                  "least time between the two reads of the book that prove that a lost order never "
                  "arrived");
  settings.Millis("settle-every-ms", settle_every, {.low = 100, .high = 600'000},
                  "how often the book is read while an order's fate is unknown");
  settings.Millis("first-tick-ms", first_tick_limit, {.low = 100, .high = 30'000},
                  "how long a paper market order waits for a live price");
  settings.Number("budget-per-second", budget.per_second, {.low = 1, .high = 100'000},
                  "most calls that write at the broker in any second, of all replicas; the broker "
                  "takes 10, or 50 of an algo that the exchange knows");
  settings.Number("budget-per-minute", budget.per_minute, {.low = 1, .high = 1'000'000},
                  "the same in any minute; the broker takes 500");
  settings.Number("budget-per-half-hour", budget.per_half_hour, {.low = 1, .high = 10'000'000},
                  "the same in any 30 minutes; the broker takes 2000");
  settings.Millis("budget-wait-ms", budget_wait, {.low = 0, .high = 30'000},
                  "how long an order waits for room in the budget");
  settings.Text("state-dir", state_dir,
                "folder of the kill switch's state; what cannot be read there counts as halted");
  settings.Number("dead-man-seconds", dead_man_seconds, {.low = 0, .high = 86'400},
                  "pull the kill switch when `saudactl kill keep-alive` was called and then not "
                  "again for so long; 0: never");
}

}  // namespace sauda::orders
