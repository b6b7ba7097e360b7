#include "services/instruments/src/config.hpp"

#include <array>

#include "services/instruments/src/core/lists/broker_list.hpp"

namespace sauda::instruments {
namespace {

// upstox-api 3.1; the simulator serves the same path.
constexpr auto kUpstoxAssets = "https://assets.upstox.com";
constexpr auto kFolder = "/market-quote/instruments/exchange/";
// The whole in one file; else by exchange.
constexpr auto kWhole = "complete.json.gz";
constexpr std::array kByExchange{"NSE.json.gz", "BSE.json.gz", "MCX.json.gz"};

}  // namespace

void Config::Declare(Settings& settings) {
  log.Declare(settings);
  server.Declare(settings);
  settings.Address("metrics-listen", metrics_listen, "host:port of /metrics");
  broker.Declare(settings);
  settings.Hidden(SettingName::Shared("postgres-url"), postgres_url,
                  "postgresql://user:password@host:port/database");
  settings.Hidden(SettingName::Shared("redis-url"), redis_url,
                  "redis://:password@host:port/database, for the sync lock");
  settings.Text(
      "master-url", master_url,
      "address of the instrument file; more, separated by commas, are tried in order, and "
      "some with + between them make one master; the broker's, and the lists beside it, when "
      "empty");
  settings.Text("import-folder", import_folder,
                "folder from which a sync may take files by name; none when empty");
  settings.Text("calendar-file", calendar_file,
                "JSON file of days that are not as the broker says, such as special sessions; "
                "none when empty");
  settings.Number("batch-rows", batch_rows, {.low = 1, .high = 10'000},
                  "rows copied to the database at a time");
  settings.Number("max-bad-percent", most_bad_percent, {.low = 0, .high = 100},
                  "a file with more unusable records than this share changes nothing");
  settings.Number("max-deactivated-percent", most_gone_percent, {.low = 0, .high = 100},
                  "a file that lacks more of a segment than this share, expiries apart, changes "
                  "nothing");
  settings.Flag("sync-on-start", sync_on_start, "sync at start when there is no instrument yet");
  settings.Number("daily-sync-minute", daily_sync_minute, {.low = -1, .high = 1'439},
                  "minute of the day in India at which to sync, by the market clock: 360 is 06:00, "
                  "-1 is never");
}

std::string Config::BrokerFolder() const {
  std::string base = broker.broker == Broker::kUpstox ? kUpstoxAssets : broker.sim_url;
  while (base.ends_with('/')) base.pop_back();
  return base + kFolder;
}

std::vector<std::string> Config::ListUrls() const {
  std::vector<std::string> urls;
  if (!master_url.empty()) return urls;
  for (const ListFacts& list : kListFacts) urls.push_back(BrokerFolder() + std::string{list.file});
  return urls;
}

std::string Config::MasterUrls() const {
  if (!master_url.empty()) return master_url;
  const std::string base = BrokerFolder();
  std::string urls = base + kWhole + ",";
  for (const char* const file : kByExchange) {
    urls += (urls.back() == ',' ? "" : "+") + base + file;
  }
  return urls;
}

}  // namespace sauda::instruments
