#pragma once

#include <memory>
#include <string>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "simulator/src/config.hpp"

namespace sauda::sim {

/// The simulated broker, whole: market, loop, server. Start and Stop once each, by one thread.
class App {
 public:
  explicit App(Config config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Fails with the reasons of the settings (SETTINGS_INVALID), of the files (MASTER_…, CAPTURE_…,
  /// CERTIFICATES_…, SECRET_…) and of the addresses (BIND_FAILED, PORT_TAKEN).
  Result<void> Start();

  /// Ends streams, lets answers finish, joins.
  void Stop();

  /// "https://127.0.0.1:7443", valid after Start.
  std::string url() const;

 private:
  class Parts;
  const Config config_;
  const SystemClock notifier_clock_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sauda::sim
