#pragma once

#include <memory>

#include "libs/base/result.hpp"
#include "services/orders/src/config.hpp"

namespace sauda::orders {

/// Builds the service and owns its parts; the only place where adapters meet the core.
class App {
 public:
  explicit App(Config config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Serves from here on, whatever is away. Fails with kInvalidArgument / SETTINGS_INVALID,
  /// BIND_NEEDS_TLS, TLS_FILES_UNREADABLE, TLS_INVALID, URL_MALFORMED or kUnavailable / PORT_TAKEN.
  Result<void> Start();

  /// NOT_SERVING, watchers end, calls drain, threads join.
  void Stop();

  int port() const;

 private:
  class Running;
  const Config config_;
  std::unique_ptr<Running> running_;
};

}  // namespace sauda::orders
