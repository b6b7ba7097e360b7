#include "services/gateway/src/config.hpp"

#include "libs/rpc/server.hpp"

namespace sauda::gateway {

void Config::Declare(Settings& settings) {
  settings.Address("listen", listen, "host:port of HTTP");
  settings.Address("metrics-listen", metrics_listen, "host:port of the metrics page");
  settings.Address(SettingName::Shared("auth-address"), auth_address, "host:port of sauda-auth");
  settings.Address(SettingName::Shared("instruments-address"), instruments_address,
                   "host:port of sauda-instruments");
  settings.Address(SettingName::Shared("feed-address"), feed_address, "host:port of sauda-feed");
  settings.Address(SettingName::Shared("orders-address"), orders_address,
                   "host:port of sauda-orders");
  settings.List("allowed-hosts", allowed_hosts,
                "host names that browsers may use beside localhost");
  settings.Flag("plain-http-beyond-loopback", plain_http_beyond_loopback,
                "allow --listen beyond this machine without HTTPS: only behind a proxy or a "
                "published loopback port");
  settings.Choice(
      "api-keys", api_keys,
      {{"auto", ApiKeys::kAuto}, {"off", ApiKeys::kOff}, {"required", ApiKeys::kRequired}},
      "whether clients need an API key; auto: when --listen reaches beyond this "
      "machine; one that is sent is always checked");
  settings.Text("https-cert", https_certificate_file, "PEM certificate for HTTPS");
  settings.Text("https-key", https_key_file, "PEM key of that certificate");
  settings.Millis("call-limit", call_limit, {.low = 100, .high = 60'000},
                  "deadline of a call to another service, ms");
  settings.Millis("sync-limit", sync_limit, {.low = 1'000, .high = 3'600'000},
                  "deadline of an instrument sync, ms");
  settings.Millis("heartbeat", heartbeat, {.low = 100, .high = 60'000},
                  "pause between signs of life on a stream, ms");
  settings.Number("login-burst", login_burst, {.low = 1, .high = 10'000},
                  "requests of a client about logins that may come at once");
  settings.Number("logins-per-minute", logins_per_minute, {.low = 1, .high = 100'000},
                  "and how many a minute in the long run");
  settings.Number("keys-burst", keys_burst, {.low = 1, .high = 10'000},
                  "requests of a client about API keys and the audit that may come at once");
  settings.Number("keys-per-minute", keys_per_minute, {.low = 1, .high = 100'000},
                  "and how many a minute in the long run");
  settings.Millis("report-uses-every", report_uses_every, {.low = 100, .high = 60'000},
                  "pause between reports to auth of which API keys were used, ms");
  settings.Millis(SettingName::Shared("drain-limit"), drain_limit, {.low = 0, .high = 60'000},
                  "how long requests may take to end at a stop, ms");
  settings.Number("workers", workers, {.low = 1, .high = 256},
                  "requests that may wait for other services at once");
  tls.Declare(settings);
  log.Declare(settings);
}

bool Config::KeysRequired() const {
  if (api_keys == ApiKeys::kAuto) return !rpc::IsLoopback(listen);
  return api_keys == ApiKeys::kRequired;
}

}  // namespace sauda::gateway
