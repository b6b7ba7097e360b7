#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "libs/rpc/server.hpp"
#include "libs/settings/service.hpp"
#include "libs/settings/settings.hpp"
#include "libs/telemetry/log.hpp"
#include "libs/upstox/endpoints.hpp"
#include "services/orders/src/core/budget/order_budget.hpp"

namespace sauda::orders {

/// Where orders go, settled before anything of a route is made.
struct RouteChoice {
  /// Where the live route writes; absent on paper, which makes nothing that could.
  std::optional<upstox::Endpoints> writes_to;
  bool real_money = false;

  /// One line for people.
  std::string ToString() const;
};

/// Everything that can be set from outside, checked whole at start. README.md explains each.
struct Config {
  telemetry::LogSettings log;
  rpc::ServerSettings server{.listen = "127.0.0.1:7104"};
  std::string metrics_listen = "127.0.0.1:9204";
  BrokerSettings broker;
  sauda::OrderRoute route = sauda::OrderRoute::kPaper;
  std::optional<Secret> postgres_url;
  std::optional<Secret> redis_url;
  std::string auth_address = "127.0.0.1:7101";
  std::string instruments_address = "127.0.0.1:7102";
  std::string feed_address = "127.0.0.1:7103";
  std::chrono::milliseconds broker_deadline{5'000};
  std::chrono::milliseconds never_arrived_after{60'000};
  std::chrono::milliseconds settle_every{5'000};
  std::chrono::milliseconds compare_every{60'000};
  std::chrono::milliseconds first_tick_limit{2'000};
  BudgetSettings budget;
  std::chrono::milliseconds budget_wait{1'000};
  std::string state_dir = "/var/lib/sauda/orders";
  std::int64_t dead_man_seconds = 0;
  bool print_route = false;

  /// The least `never_arrived_after` with the real broker.
  static constexpr std::chrono::milliseconds kNeverArrivedAtLeast{60'000};

  void Declare(Settings& settings);

  /// What only a simulator grants: more calls than the real broker takes, and a lost order given up
  /// sooner than it may still turn up. Fails with kInvalidArgument / SETTINGS_INVALID.
  Result<void> CheckForRealMoney() const;

  /// With these, and only these, an order can reach a real exchange.
  bool trades_real_money() const {
    return broker.broker == Broker::kUpstox && route == sauda::OrderRoute::kLive;
  }

  /// The only place that decides where orders go. Live is refused, with kInvalidArgument /
  /// SETTINGS_INVALID, when it would lead to the real broker and no setting names that, or to a
  /// simulator beyond loopback without --broker-ca or TLS: what answers there could be anybody.
  /// URL_MALFORMED: --sim-url.
  Result<RouteChoice> ChooseRoute() const;

  /// What to print instead of running; absent: run.
  std::optional<Result<std::string>> Answer() const;
};

}  // namespace sauda::orders
