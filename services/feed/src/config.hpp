#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/secret.hpp"
#include "libs/rpc/server.hpp"
#include "libs/settings/service.hpp"
#include "libs/settings/settings.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::feed {

/// What the broker's user pays for; it decides how many connections there may be.
enum class Plan : std::uint8_t { kBasic, kPlus };

/// Everything that can be set from outside, checked whole at start.
struct Config {
  rpc::ServerSettings server{.listen = "127.0.0.1:7103"};
  telemetry::LogSettings log;
  BrokerSettings broker;
  std::string metrics_listen = "127.0.0.1:9203";
  std::string auth_address = "127.0.0.1:7101";
  std::string instruments_address = "127.0.0.1:7102";
  std::optional<Secret> postgres_url;

  Plan plan = Plan::kBasic;
  std::int64_t connections = 0;
  std::int64_t batch_keys = 50;
  std::chrono::milliseconds batch_pause{1'000};
  std::chrono::milliseconds answer_limit{60'000};
  std::int64_t limit_index = 100;
  std::int64_t limit_equity = 500;
  std::int64_t limit_futures = 200;
  std::int64_t limit_options = 500;
  std::vector<std::string> universe_exclude{"NIFTY", "BANKNIFTY", "FINNIFTY", "NIFTYNXT50"};
  std::chrono::milliseconds stale_after{10'000};
  std::chrono::milliseconds ping_every{30'000};
  std::chrono::milliseconds pong_limit{10'000};
  std::chrono::milliseconds held_after{5'000};  ///< by code only: as Link has it
  std::int64_t attempts_before_alert = 10;
  std::chrono::milliseconds slow_pace{60'000};
  std::chrono::milliseconds state_wait{10'000};

  std::chrono::milliseconds stall_limit{5'000};
  std::string webhook_ca_file;
  std::int64_t publish_queue = 16'384;
  std::string journal_dir = "/var/lib/sauda/journal";
  std::int64_t journal_segment_mib = 256;
  std::int64_t journal_keep_days = 7;
  std::int64_t journal_max_mib = 20'480;
  std::int64_t journal_ring_mib = 32;
  std::chrono::milliseconds journal_sync{0};
  std::int64_t store_batch = 4'096;
  std::chrono::milliseconds store_linger{5};
  std::chrono::milliseconds store_flush_limit{10'000};
  std::int64_t store_keep_days = 0;

  void Declare(Settings& settings);

  /// Connections to the broker that may be open at a time. Source: the broker's "Market data feed
  /// V3", limits.
  std::size_t Connections() const {
    if (connections > 0) return static_cast<std::size_t>(connections);
    return plan == Plan::kPlus ? 5 : 2;
  }
};

}  // namespace sauda::feed
