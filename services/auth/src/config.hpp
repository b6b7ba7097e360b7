#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "libs/base/secret.hpp"
#include "libs/rpc/server.hpp"
#include "libs/settings/service.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::auth {

/// Settings of sauda-auth.
struct Config {
  telemetry::LogSettings log;
  rpc::ServerSettings server{.listen = "127.0.0.1:7101"};
  std::string metrics_listen = "127.0.0.1:9201";
  BrokerSettings broker;
  std::optional<Secret> redis_url;
  std::optional<Secret> postgres_url;  ///< absent: no API keys and no audit
  std::optional<Secret> vault_key;
  std::optional<Secret> vault_key_before;
  std::string api_key;  ///< empty: nobody can log in by code
  std::optional<Secret> api_secret;
  std::string redirect_uri = "http://127.0.0.1:8080/api/integrations/upstox/callback";
  std::chrono::milliseconds vault_poll{1'000};
  std::chrono::milliseconds clock_poll{1'000};
  std::chrono::milliseconds keys_poll{500};
  std::chrono::milliseconds broker_deadline{10'000};
  std::chrono::milliseconds state_life{600'000};

  void Declare(Settings& settings);
};

}  // namespace sauda::auth
