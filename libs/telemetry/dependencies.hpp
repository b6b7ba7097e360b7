#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace sauda::telemetry {

/// What a service leans on (postgres, redis, broker, auth, …) and how each stands. A change is
/// logged once and shows in the gauge sauda_<service>_dependency_up. Thread-safe.
class Dependencies {
 public:
  struct State {
    bool up = false;
    std::string detail;  ///< why it is down, or what is waited for; empty when up
  };
  /// Called on each change, by the thread that made it; must not call back.
  using Listener = std::function<void(const std::string& name, const State& state)>;

  /// All start down with the detail "not tried yet".
  Dependencies(prometheus::Registry& registry, const std::string& service,
               const std::vector<std::string>& names);

  void Up(const std::string& name) { Set(name, {.up = true}); }
  void Down(const std::string& name, std::string why) { Set(name, {false, std::move(why)}); }

  std::map<std::string, State> states() const;
  bool all_up() const;

  /// Also tells the present states, at once. One listener at a time.
  void Listen(Listener listener);

 private:
  void Set(const std::string& name, State state);

  mutable std::mutex mutex_;
  std::map<std::string, State> states_;               // guarded by mutex_
  std::map<std::string, prometheus::Gauge*> gauges_;  // fixed at construction
  Listener listener_;                                 // guarded by mutex_
};

}  // namespace sauda::telemetry
