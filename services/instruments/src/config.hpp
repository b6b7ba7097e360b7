#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/secret.hpp"
#include "libs/rpc/server.hpp"
#include "libs/settings/service.hpp"
#include "libs/settings/settings.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::instruments {

/// Everything that can be set from outside, checked whole at start. README.md explains each.
struct Config {
  telemetry::LogSettings log;
  rpc::ServerSettings server{.listen = "127.0.0.1:7102"};
  std::string metrics_listen = "127.0.0.1:9202";
  BrokerSettings broker;
  std::optional<Secret> postgres_url;
  std::optional<Secret> redis_url;
  std::string master_url;     // empty: the broker's files
  std::string import_folder;  // empty: no files by hand
  std::string calendar_file;  // empty: no days of the owner's own
  std::int64_t batch_rows = 500;
  std::int64_t most_bad_percent = 5;
  std::int64_t most_gone_percent = 20;
  bool sync_on_start = false;
  std::int64_t daily_sync_minute = 360;  // of the day in India; -1: never

  void Declare(Settings& settings);

  /// Where the broker's files are, as ReadMasterUrls takes them.
  std::string MasterUrls() const;

  /// Where the lists beside it are, in the order of kLists; none beside a master of one's own.
  std::vector<std::string> ListUrls() const;

 private:
  std::string BrokerFolder() const;
};

}  // namespace sauda::instruments
