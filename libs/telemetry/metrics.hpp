#pragma once

#include <memory>
#include <string>

#include <prometheus/registry.h>

#include "libs/base/result.hpp"
#include "libs/settings/settings.hpp"

namespace prometheus {
class Exposer;
}  // namespace prometheus

namespace sauda::telemetry {

/// Serves /metrics of one process, from Start until it dies. The registry lives as long as the
/// exporter; it starts with the build info of the service.
class MetricsExporter {
 public:
  /// `service` as in metric names: sauda_<service>_build_info.
  explicit MetricsExporter(const std::string& service);
  ~MetricsExporter();
  MetricsExporter(const MetricsExporter&) = delete;
  MetricsExporter& operator=(const MetricsExporter&) = delete;

  prometheus::Registry& registry() { return *registry_; }

  /// `address` is host:port. Fails with kUnavailable / PORT_TAKEN.
  Result<void> Start(const std::string& address);

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace sauda::telemetry
