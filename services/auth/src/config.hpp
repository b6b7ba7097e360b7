#pragma once

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/secret.hpp"
#include "libs/rpc/server.hpp"
#include "libs/settings/service.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::auth {

/// How one broker user logs in.
struct Credentials {
  static constexpr std::string_view kCallback =
      "http://127.0.0.1:8080/api/integrations/upstox/callback";

  std::string api_key;  ///< empty: nobody can log in by code
  std::optional<Secret> api_secret;
  std::string redirect_uri{kCallback};
  std::string user_id;                 ///< empty: whoever logs in
  std::optional<Secret> notifier_key;  ///< absent: no login by consent in the broker's app
};

/// Settings of sauda-auth.
struct Config {
  telemetry::LogSettings log;
  rpc::ServerSettings server{.listen = "127.0.0.1:7101"};
  std::string metrics_listen = "127.0.0.1:9201";
  BrokerSettings broker;
  std::string instruments_address = "127.0.0.1:7102";
  std::optional<Secret> redis_url;
  std::optional<Secret> postgres_url;  ///< absent: no API keys and no audit
  std::optional<Secret> vault_key;
  std::optional<Secret> vault_key_before;
  std::string vault_keyring;  ///< a file of keys in place of the two; empty: none
  /// Names of the broker accounts beside `broker.account`, as declared; see Declare.
  std::vector<std::string> more_accounts;
  /// How each account logs in, by its name. A list, so that bound variables stay where they are.
  std::list<std::pair<std::string, Credentials>> credentials;
  std::chrono::milliseconds vault_poll{1'000};
  std::chrono::milliseconds clock_poll{1'000};
  std::chrono::milliseconds keys_poll{500};
  std::chrono::milliseconds broker_deadline{10'000};
  std::chrono::milliseconds state_life{600'000};

  /// The further accounts have settings of their own, which are declared with the others: so their
  /// names are read from the variable SAUDA_AUTH_MORE_ACCOUNTS already here.
  void Declare(Settings& settings);

  /// What the names and the credentials do not allow. Fails with kInvalidArgument /
  /// SETTINGS_INVALID.
  Result<void> CheckAccounts() const;
};

}  // namespace sauda::auth
