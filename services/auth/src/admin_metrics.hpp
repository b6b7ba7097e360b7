#pragma once

#include <cstdint>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace sauda::auth {

/// Metrics of keys and audit; docs/metrics.md says what they mean. Set by the part's thread alone.
class AdminMetrics {
 public:
  explicit AdminMetrics(prometheus::Registry& registry)
      : AdminMetrics{prometheus::BuildGauge()
                         .Name("sauda_auth_keys")
                         .Help("API keys, by state; those that ended long ago are not counted")
                         .Register(registry),
                     registry} {}

  void SetKeys(std::size_t active, std::size_t revoked, std::size_t expired) {
    active_.Set(static_cast<double>(active));
    revoked_.Set(static_cast<double>(revoked));
    expired_.Set(static_cast<double>(expired));
  }
  void SetWatchers(std::size_t count) { watchers_.Set(static_cast<double>(count)); }
  void SetWaitingActs(std::size_t count) { waiting_.Set(static_cast<double>(count)); }
  void SetLostActs(std::uint64_t count) {
    lost_.Increment(static_cast<double>(count) - lost_.Value());
  }

 private:
  AdminMetrics(prometheus::Family<prometheus::Gauge>& keys, prometheus::Registry& registry)
      : active_{keys.Add({{"state", "active"}})},
        revoked_{keys.Add({{"state", "revoked"}})},
        expired_{keys.Add({{"state", "expired"}})},
        watchers_{prometheus::BuildGauge()
                      .Name("sauda_auth_key_watchers")
                      .Help("Streams of keys open now: one a gateway")
                      .Register(registry)
                      .Add({})},
        waiting_{prometheus::BuildGauge()
                     .Name("sauda_auth_audit_waiting")
                     .Help("Acts that are done and not yet in the audit")
                     .Register(registry)
                     .Add({})},
        lost_{prometheus::BuildCounter()
                  .Name("sauda_auth_audit_lost_total")
                  .Help("Acts that are in the log alone: too many waited for the audit")
                  .Register(registry)
                  .Add({})} {}

  prometheus::Gauge& active_;
  prometheus::Gauge& revoked_;
  prometheus::Gauge& expired_;
  prometheus::Gauge& watchers_;
  prometheus::Gauge& waiting_;
  prometheus::Counter& lost_;
};

}  // namespace sauda::auth
