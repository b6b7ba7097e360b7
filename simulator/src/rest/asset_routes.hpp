#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/base/result.hpp"
#include "libs/http/server.hpp"
#include "libs/http/worker_pool.hpp"
#include "simulator/src/core/master.hpp"
#include "simulator/src/core/master_lists.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// The instrument files and lists, made from the master when first asked for and kept. A
/// file that was given is served byte for byte as complete.json.gz, packed if it was not.
/// Thread-safe.
class Assets {
 public:
  Assets(const Master& master, std::string complete_file)
      : master_{master}, complete_file_{std::move(complete_file)} {}

  /// `exchange` is NSE, BSE or MCX, empty for the complete file. Fails with kNotFound /
  /// MASTER_UNREADABLE when the given file is gone.
  Result<std::shared_ptr<const std::string>> File(const std::string& exchange);

  /// One of the lists beside them.
  std::shared_ptr<const std::string> List(ListFile file);

 private:
  const Master& master_;
  const std::string complete_file_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const std::string>> made_;     // guarded by mutex_
  std::map<ListFile, std::shared_ptr<const std::string>> made_lists_;  // guarded by mutex_
};

/// Packs text as gzip does. Level 1..9.
std::string Gzip(const std::string& text, int level);

/// Serves the files without a token, 403 without a User-Agent. Packing runs on `pool`. Given
/// references must outlive the server.
void AddAssetRoutes(http::Server& server, Guard& guard, Assets& assets, http::WorkerPool& pool);

}  // namespace sauda::sim
