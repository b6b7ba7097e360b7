#pragma once

#include <map>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace sauda::auth {

/// The service's own metrics; docs/metrics.md says what they mean. Made once in the app, handed
/// down by reference. Thread-safe.
class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry)
      : token_seconds_{prometheus::BuildGauge()
                           .Name("sauda_auth_token_life_seconds")
                           .Help(
                               "Seconds until the broker's access token dies, by the market clock")
                           .Register(registry)
                           .Add({})},
        watchers_{prometheus::BuildGauge()
                      .Name("sauda_auth_watchers")
                      .Help("Token streams open now")
                      .Register(registry)
                      .Add({})},
        logins_{prometheus::BuildCounter()
                    .Name("sauda_auth_logins_total")
                    .Help("Logins that ended, by way and outcome")
                    .Register(registry)} {
    for (const char* way : {"code", "pasted"}) {
      for (const char* outcome : {"ok", "refused", "failed"}) {
        (void)logins_.Add({{"way", way}, {"outcome", outcome}});
      }
    }
  }

  void SetTokenSeconds(double seconds) { token_seconds_.Set(seconds); }
  void SetWatchers(double count) { watchers_.Set(count); }

  /// `way` is code or pasted; `outcome` ok, refused (by us or the broker) or failed (something was
  /// away).
  void CountLogin(const std::string& way, const std::string& outcome) {
    logins_.Add({{"way", way}, {"outcome", outcome}}).Increment();
  }

 private:
  prometheus::Gauge& token_seconds_;
  prometheus::Gauge& watchers_;
  prometheus::Family<prometheus::Counter>& logins_;
};

}  // namespace sauda::auth
