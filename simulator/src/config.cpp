#include "simulator/src/config.hpp"

#include <charconv>
#include <string_view>

namespace sauda::sim {
namespace {

constexpr std::string_view kJournal = "journal:";

std::optional<MarketKind> KindOf(const std::string& market) {
  if (market == "generated") return MarketKind::kGenerated;
  if (market == "replay") return MarketKind::kReplay;
  if (market.starts_with(kJournal) && market.size() > kJournal.size()) return MarketKind::kJournal;
  return std::nullopt;
}

}  // namespace

void Config::Declare(Settings& settings) {
  log.Declare(settings);
  settings.Address("listen", listen, "Where the simulated broker listens, TLS");
  settings.Address("metrics-listen", metrics_listen, "Where /metrics is served, plain HTTP");
  settings.Text("state-dir", state_dir,
                "Directory of the CA (ca.pem), the keys and the admin token; made when missing");
  settings.Text("announced-host", announced_host,
                "host:port in the addresses of authorized streams; empty: the request's own Host");
  settings.Flag("deflate", deflate, "Offer permessage-deflate on the feed");
  settings.Millis("idle-limit", idle_limit, {.low = 1'000, .high = 600'000},
                  "Silence of a WebSocket after which it is closed; a ping goes at half of it");

  settings.Text("market", market,
                "Which market is simulated: generated, replay (of --capture), or journal:PATH: a "
                "journal of sauda-feed again, its folder, an account's folder in it or one file",
                [](const std::string& text) -> std::optional<std::string> {
                  if (KindOf(text)) return std::nullopt;
                  return "generated, replay or journal:PATH";
                });
  settings.List("capture", captures, "Recordings to replay, JSON, gzip or plain");
  settings.Text("instruments", instruments,
                "Instrument file to serve and to trade, in the broker's JSON form, gzip or plain; "
                "empty: made from the seed");
  settings.Text("speed", speed,
                "Market seconds per second; of recordings also max, or step: no further than the "
                "admin pages say");
  settings.Flag("loop", loop, "Start a recording again when it ends");
  settings.Choice("replay-start", replay_start,
                  {{"subscribed", ReplayStart::kSubscribed}, {"at-once", ReplayStart::kAtOnce}},
                  "When a recording starts: when all its keys are subscribed, or with the process");
  settings.Number("seed", seed, {.low = 0, .high = INT64_MAX}, "Seed of the made-up market");
  settings.Real("rate", rate, 0, 1'000'000,
                "Updates per second over all subscribed keys; 0: two per key");
  settings.Number("start-ms", start_ms, {.low = 0, .high = 4'102'444'800'000},
                  "Market time of the generated market at the start, epoch ms; 0: now when markets "
                  "are open, else the newest trading morning");
  settings.Flag("always-open", always_open, "Keep every segment of the generated market open");
  settings.Flag("incremental", incremental, "Leave parts that did not change out of feed messages");
  settings.Flag("count-by-key", count_by_key,
                "Count each session's live messages by key, shown in the admin status");

  settings.Flag(
      "numbered", numbered,
      "Generated market: put the number of a key's update in place of the last trade's "
      "quantity, and keep keys moving that nobody follows any more; for tests that count");
  settings.Text("record", record,
                "File that tells what became of each update: whom it was sent to, and when; for "
                "tests that count");
  settings.Text("order-record", order_record,
                "File that tells of every order call that came, of what it came to, and of every "
                "step and trade of the orders; for tests that judge");

  settings.Text("api-key", api_key, "client_id of the registered app");
  settings.Hidden("api-secret", api_secret, "Secret of the registered app (default: sim-secret)");
  settings.Hidden("admin-token", admin_token,
                  "Token of the admin interface (default: made, kept in the state directory)");
  settings.Text("redirect-uri", redirect_uri, "Registered redirect address, compared exactly");
  settings.Text("user-id", user_id, "The simulated user's id");
  settings.Hidden("notifier-url", notifier_url,
                  "Registered notifier address, where tokens go that the user consented to; HTTPS, "
                  "or plain on this machine");
  settings.Text(
      "static-ip", static_ip,
      "Address that is registered for the user's orders, told and not enforced; empty: none");
  settings.Flag("extended-tokens", extended_tokens, "Give an extended token with each login");
  settings.List("more-users", more_users,
                "Further users, each key:secret:user with the key and secret of its app");
  settings.Flag("plus-plan", plus_plan, "Give the user the Plus plan: full_d30, 5 connections");
  settings.Number("feed-keys", feed_keys, {.low = 0, .high = 100'000},
                  "Most keys of one feed connection, less than its modes take; 0: what they take");
  settings.Number("opening-cash", opening_cash, {.low = 0, .high = 1'000'000'000},
                  "The user's cash at the start, rupees");

  constexpr Settings::Range kCalls{.low = 0, .high = 1'000'000};
  settings.Number("order-per-second", order_per_second, kCalls,
                  "Most order calls a second; 0: no limit");
  settings.Number("order-per-minute", order_per_minute, kCalls, "Most order calls a minute");
  settings.Number("order-per-half-hour", order_per_half_hour, kCalls,
                  "Most order calls in 30 minutes");
  settings.Number("api-per-second", api_per_second, kCalls,
                  "Most calls of one other API a second; 0: no limit");
  settings.Number("api-per-minute", api_per_minute, kCalls, "Most calls of one other API a minute");
  settings.Number("api-per-half-hour", api_per_half_hour, kCalls,
                  "Most calls of one other API in 30 minutes");
}

MarketKind Config::market_kind() const { return KindOf(market).value_or(MarketKind::kGenerated); }

std::string Config::journal_path() const {
  return market_kind() == MarketKind::kJournal ? market.substr(kJournal.size()) : std::string{};
}

std::optional<AppRegistration> Config::UserSpec(const std::string& text) {
  const auto first = text.find(':');
  const auto second = first == std::string::npos ? first : text.find(':', first + 1);
  if (second == std::string::npos) return std::nullopt;
  AppRegistration app{.api_key = text.substr(0, first),
                      .api_secret = Secret{text.substr(first + 1, second - first - 1)},
                      .redirect_uri = {},
                      .user_id = text.substr(second + 1),
                      .notifier_url = {}};
  if (app.api_key.empty() || app.api_secret.empty() || app.user_id.empty()) return std::nullopt;
  return app;
}

Result<std::vector<AppRegistration>> Config::Apps() const {
  const std::string notifier = notifier_url.value_or(Secret{}).Reveal();
  std::vector<AppRegistration> apps{{.api_key = api_key,
                                     .api_secret = api_secret.value_or(Secret{kDefaultSecret}),
                                     .redirect_uri = redirect_uri,
                                     .user_id = user_id,
                                     .notifier_url = notifier,
                                     .extended_tokens = extended_tokens}};
  for (const std::string& text : more_users) {
    auto app = UserSpec(text);
    if (!app) {
      return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                   "--more-users: expected key:secret:user for each"};
    }
    app->redirect_uri = redirect_uri;
    // Each app has a path of its own: the first one's, then its key.
    if (!notifier.empty()) app->notifier_url = notifier + app->api_key;
    app->extended_tokens = extended_tokens;
    apps.push_back(std::move(*app));
  }
  return apps;
}

Result<double> Config::SpeedFactor() const {
  const auto wrong = [this](const char* allowed) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                 "--speed is " + speed + ", allowed is " + allowed};
  };
  if (speed == "max" || speed == "step") {
    if (market_kind() != MarketKind::kGenerated) return 0.0;
    return wrong("a number with --market generated");
  }
  double factor = 0;
  const char* const end = speed.data() + speed.size();
  const auto [read_to, failure] = std::from_chars(speed.data(), end, factor);
  if (failure != std::errc{} || read_to != end || factor < 0.001 || factor > 100'000) {
    return wrong("a number from 0.001 to 100000, max or step");
  }
  return factor;
}

}  // namespace sauda::sim
