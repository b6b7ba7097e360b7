#pragma once

#include <chrono>
#include <memory>

#include "libs/base/result.hpp"
#include "services/feed/src/config.hpp"

namespace sauda::feed {

/// Builds the service and owns its parts; the only place where rpc, adapters and the engine meet.
class App {
 public:
  explicit App(const Config& config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Serves at once; the broker, PostgreSQL, auth and instruments are waited for in the background.
  /// Fails with kUnavailable / PORT_TAKEN, kInvalidArgument / TLS_FILES_UNREADABLE, BIND_NEEDS_TLS
  /// or POSTGRES_URL_MISSING.
  Result<void> Start();

  /// Health turns NOT_SERVING, streams end with SHUTTING_DOWN, the socket is closed, and what waits
  /// for PostgreSQL is written, each with its limit.
  void Stop();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sauda::feed
