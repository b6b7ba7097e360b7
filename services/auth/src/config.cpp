#include "services/auth/src/config.hpp"

namespace sauda::auth {

void Config::Declare(Settings& settings) {
  log.Declare(settings);
  server.Declare(settings);
  settings.Address("metrics-listen", metrics_listen, "host:port of /metrics");
  broker.Declare(settings);
  settings.Hidden(SettingName::Shared("redis-url"), redis_url,
                  "Redis, redis://:password@host:port/db; without it redis://127.0.0.1:7379/0");
  settings.Hidden(SettingName::Shared("postgres-url"), postgres_url,
                  "postgresql://user:password@host:port/database, of API keys and audit; without "
                  "it there are neither");
  settings.Hidden("vault-key", vault_key,
                  "key of the token vault, 32 random bytes in base64 (openssl rand -base64 32); "
                  "needed");
  settings.Hidden("vault-key-before", vault_key_before,
                  "the former vault key, while tokens that it sealed live on");
  settings.Text(SettingName::Variable("api-key", "UPSTOX_API_KEY"), api_key,
                "API key of the app registered at the broker; the simulator's is sim-key");
  settings.Hidden(SettingName::Variable("api-secret", "UPSTOX_API_SECRET"), api_secret,
                  "its secret; the simulator's is sim-secret");
  settings.Text(SettingName::Variable("redirect-uri", "UPSTOX_REDIRECT_URI"), redirect_uri,
                "where the broker sends the browser after a login, as registered with the app");
  settings.Millis("vault-poll", vault_poll, {.low = 50, .high = 60'000},
                  "how often the vault is read for what other replicas wrote, ms");
  settings.Millis("clock-poll", clock_poll, {.low = 100, .high = 60'000},
                  "how often the simulator is asked for its time, ms");
  settings.Millis("keys-poll", keys_poll, {.low = 50, .high = 10'000},
                  "how often API keys are looked at for what other replicas changed, ms");
  settings.Millis("broker-deadline", broker_deadline, {.low = 100, .high = 60'000},
                  "how long one call to the broker may take, ms");
  settings.Millis("state-life", state_life, {.low = 1'000, .high = 3'600'000},
                  "how long a person may take to log in at the broker, ms");
}

}  // namespace sauda::auth
