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
                           .Register(registry)},
        token_due_{prometheus::BuildGauge()
                       .Name("sauda_auth_token_due_seconds")
                       .Help("Seconds until a market is open and no access token lives; -1: nobody "
                             "needs one")
                       .Register(registry)},
        watchers_{prometheus::BuildGauge()
                      .Name("sauda_auth_watchers")
                      .Help("Token streams open now")
                      .Register(registry)
                      .Add({})},
        logins_{prometheus::BuildCounter()
                    .Name("sauda_auth_logins_total")
                    .Help("Logins that ended, by way and outcome")
                    .Register(registry)} {
    for (const char* way : {"code", "approved", "pasted"}) {
      for (const char* outcome : {"ok", "refused", "failed"}) {
        (void)logins_.Add({{"way", way}, {"outcome", outcome}});
      }
    }
  }

  /// `account` is one of those that were configured: a closed set.
  void SetTokenSeconds(const std::string& account, double seconds) {
    token_seconds_.Add({{"account", account}}).Set(seconds);
  }
  /// Negative: nobody needs a token of the account.
  void SetTokenDue(const std::string& account, double seconds) {
    token_due_.Add({{"account", account}}).Set(seconds);
  }
  void SetWatchers(double count) { watchers_.Set(count); }

  /// `way` is code, approved or pasted; `outcome` ok, refused (by us or the broker) or failed
  /// (something was away).
  void CountLogin(const std::string& way, const std::string& outcome) {
    logins_.Add({{"way", way}, {"outcome", outcome}}).Increment();
  }

 private:
  prometheus::Family<prometheus::Gauge>& token_seconds_;
  prometheus::Family<prometheus::Gauge>& token_due_;
  prometheus::Gauge& watchers_;
  prometheus::Family<prometheus::Counter>& logins_;
};

}  // namespace sauda::auth
