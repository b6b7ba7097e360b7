#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "libs/settings/service.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::gateway {

/// Whether clients need an API key. kAuto: beyond loopback.
enum class ApiKeys : std::uint8_t { kAuto, kOff, kRequired };

/// Everything that can be set from outside, checked whole at start.
struct Config {
  std::string listen = "127.0.0.1:8080";
  std::string metrics_listen = "127.0.0.1:9200";
  std::string auth_address = "127.0.0.1:7101";
  std::string instruments_address = "127.0.0.1:7102";
  std::string feed_address = "127.0.0.1:7103";
  std::string orders_address = "127.0.0.1:7104";
  /// Names by which browsers may call the gateway, beside loopback: a page of another name cannot
  /// reach it through the user's browser.
  std::vector<std::string> allowed_hosts;
  bool plain_http_beyond_loopback = false;
  ApiKeys api_keys = ApiKeys::kAuto;
  std::string https_certificate_file;
  std::string https_key_file;
  std::chrono::milliseconds call_limit{5'000};
  std::chrono::milliseconds sync_limit{600'000};
  std::chrono::milliseconds heartbeat{15'000};
  std::chrono::milliseconds report_uses_every{5'000};
  std::int64_t login_burst = 20;
  std::int64_t logins_per_minute = 60;
  std::int64_t keys_burst = 20;
  std::int64_t keys_per_minute = 60;
  std::chrono::milliseconds drain_limit{5'000};
  std::int64_t workers = 16;
  TlsSettings tls;  ///< towards the other services
  telemetry::LogSettings log;

  void Declare(Settings& settings);

  /// What kAuto comes to with `listen`.
  bool KeysRequired() const;
};

}  // namespace sauda::gateway
