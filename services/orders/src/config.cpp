#include "services/orders/src/config.hpp"

#include "libs/base/text.hpp"
#include "libs/http/url.hpp"

namespace sauda::orders {
namespace {

Error Invalid(std::string message) {
  return {Code::kInvalidArgument, "SETTINGS_INVALID", std::move(message)};
}

}  // namespace

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
  settings.Millis("never-arrived-after-ms", never_arrived_after, {.low = 1'000, .high = 3'600'000},
                  "least time between the two reads of the book that prove that a lost order never "
                  "arrived; with the real broker at least 60000");
  settings.Millis("settle-every-ms", settle_every, {.low = 100, .high = 600'000},
                  "how often the book is read while an order's fate is unknown");
  settings.Millis(
      "compare-every-ms", compare_every, {.low = 1'000, .high = 600'000},
      "how often the book is read while all is known: it tells what the stream left out");
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
  settings.Flag("print-route", print_route, "say where orders would go, and end");
  settings.Number("dead-man-seconds", dead_man_seconds, {.low = 0, .high = 86'400},
                  "pull the kill switch when `saudactl kill keep-alive` was called and then not "
                  "again for so long; 0: never");
}

Result<RouteChoice> Config::ChooseRoute() const {
  if (route == sauda::OrderRoute::kPaper) return RouteChoice{};
  if (broker.broker == Broker::kUpstox) {
    if (!broker.broker_said) {
      return Invalid(
          "--order-route live trades real money: name the broker too, with --broker or "
          "SAUDA_BROKER; that credentials for it are set is not enough");
    }
    return RouteChoice{.writes_to = upstox::Endpoints::Real(), .real_money = true};
  }
  const auto url = http::Url::Parse(broker.sim_url);
  if (!url) return url.error();
  const bool here = IsLoopbackHost(url->host);
  if (!here && (!url->tls() || broker.ca_file.empty())) {
    return Invalid(
        "--sim-url: a simulator beyond loopback that takes live orders needs https and "
        "--broker-ca, so that nobody else can answer for it");
  }
  const auto endpoints = upstox::Endpoints::At(broker.sim_url);
  if (!endpoints) return endpoints.error();
  return RouteChoice{.writes_to = *endpoints};
}

std::optional<Result<std::string>> Config::Answer() const {
  if (!print_route) return std::nullopt;
  const auto choice = ChooseRoute();
  if (!choice) return choice.error();
  return choice->ToString();
}

std::string RouteChoice::ToString() const {
  if (!writes_to) return "paper: no order leaves the process\n";
  if (real_money) return "live, REAL MONEY: orders go to " + writes_to->hft + "\n";
  return "live, simulated: orders go to " + writes_to->hft + "\n";
}

Result<void> Config::CheckForRealMoney() const {
  if (!trades_real_money()) return {};
  const auto refuse = [](const char* message) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID", message};
  };
  const bool granted = budget.per_second <= kMostAtTheBroker.per_second &&
                       budget.per_minute <= kMostAtTheBroker.per_minute &&
                       budget.per_half_hour <= kMostAtTheBroker.per_half_hour;
  if (!granted) {
    return refuse(
        "--budget-per-second, --budget-per-minute, --budget-per-half-hour: the broker takes at "
        "most 50, 500 and 2000");
  }
  if (never_arrived_after < kNeverArrivedAtLeast) {
    return refuse("--never-arrived-after-ms: at least 60000 with the real broker");
  }
  return {};
}

}  // namespace sauda::orders
