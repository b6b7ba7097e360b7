#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/secret.hpp"
#include "libs/settings/settings.hpp"
#include "libs/telemetry/log.hpp"
#include "simulator/src/core/logins.hpp"

namespace sauda::sim {

enum class MarketKind : std::uint8_t { kGenerated, kReplay, kJournal };

/// When a recording starts to run.
enum class ReplayStart : std::uint8_t { kSubscribed, kAtOnce };

/// Every setting of sauda-sim; --help says what each is for.
struct Config {
  telemetry::LogSettings log;
  std::string listen = "127.0.0.1:7443";
  std::string metrics_listen = "127.0.0.1:9206";  ///< empty, by code only: not served
  std::string state_dir = ".sauda/sim";
  std::string announced_host;
  bool deflate = false;
  std::chrono::milliseconds idle_limit{30'000};

  std::string market = "generated";  ///< or "replay", or "journal:PATH"
  ReplayStart replay_start = ReplayStart::kSubscribed;
  bool loop = false;
  bool always_open = false;
  bool incremental = false;
  bool count_by_key = false;
  bool numbered = false;
  std::string record;
  std::string order_record;
  std::vector<std::string> captures;
  std::string instruments;
  std::string speed = "1";
  std::int64_t seed = 1;
  double rate = 0;
  std::int64_t start_ms = 0;

  std::string api_key = "sim-key";
  std::optional<Secret> api_secret;   ///< absent: kDefaultSecret
  std::optional<Secret> admin_token;  ///< absent: made, and kept in the state directory
  std::string redirect_uri = "http://127.0.0.1:8080/api/integrations/upstox/callback";
  std::string user_id = "SIM001";
  std::optional<Secret> notifier_url;  ///< absent: approved tokens are sent nowhere
  bool extended_tokens = false;
  std::string static_ip;                ///< empty: none is registered
  std::vector<std::string> more_users;  ///< key:secret:user, as UserSpec reads them
  bool plus_plan = false;
  std::int64_t feed_keys = 0;
  std::int64_t opening_cash = 1'000'000;

  std::int64_t order_per_second = 10;
  std::int64_t order_per_minute = 500;
  std::int64_t order_per_half_hour = 2'000;
  std::int64_t api_per_second = 50;
  std::int64_t api_per_minute = 500;
  std::int64_t api_per_half_hour = 2'000;

  /// No secret of anybody: the simulator's app is known to all.
  static constexpr const char* kDefaultSecret = "sim-secret";

  void Declare(Settings& settings);

  /// The app and user of one of `more_users`; absent when it is in another form.
  static std::optional<AppRegistration> UserSpec(const std::string& text);
  /// Every app: the one of the settings, then those of `more_users`. Fails with kInvalidArgument /
  /// SETTINGS_INVALID.
  Result<std::vector<AppRegistration>> Apps() const;

  MarketKind market_kind() const;
  /// What `market` names after "journal:"; empty for the other kinds.
  std::string journal_path() const;

  /// Market seconds per second; 0 is flat out ("max", "step"). Fails with kInvalidArgument /
  /// SETTINGS_INVALID.
  Result<double> SpeedFactor() const;
};

}  // namespace sauda::sim
