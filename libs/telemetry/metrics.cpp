#include "libs/telemetry/metrics.hpp"

#include <prometheus/exposer.h>
#include <prometheus/gauge.h>

#include "libs/settings/version.hpp"

namespace sauda::telemetry {

MetricsExporter::MetricsExporter(const std::string& service)
    : registry_{std::make_shared<prometheus::Registry>()} {
  prometheus::BuildGauge()
      .Name("sauda_" + service + "_build_info")
      .Help("Version of the build; always 1.")
      .Register(*registry_)
      .Add({{"version", kVersion}, {"commit", kCommit}})
      .Set(1);
}

MetricsExporter::~MetricsExporter() = default;

Result<void> MetricsExporter::Start(const std::string& address) {
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(address, 1);
  } catch (const std::exception&) {  // civetweb says no more than that it could not start
    return Error{Code::kUnavailable, "PORT_TAKEN", "cannot serve metrics on " + address};
  }
  exposer_->RegisterCollectable(registry_);
  return {};
}

}  // namespace sauda::telemetry
