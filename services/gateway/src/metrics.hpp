#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace sauda::gateway {

/// Every metric of the service, made once at start and handed down by reference.
struct Metrics {
  explicit Metrics(prometheus::Registry& registry)
      : requests{prometheus::BuildCounter()
                     .Name("sauda_gateway_http_requests_total")
                     .Help("Requests answered, by method, route and status.")
                     .Register(registry)},
        seconds{prometheus::BuildHistogram()
                    .Name("sauda_gateway_http_duration_seconds")
                    .Help("From a request's arrival to its answer, by route.")
                    .Register(registry)},
        streams{prometheus::BuildGauge()
                    .Name("sauda_gateway_streams")
                    .Help("Open event streams.")
                    .Register(registry)
                    .Add({})},
        ticks{prometheus::BuildCounter()
                  .Name("sauda_gateway_ticks_total")
                  .Help("Ticks received from the feed.")
                  .Register(registry)
                  .Add({})},
        lost{prometheus::BuildCounter()
                 .Name("sauda_gateway_ticks_lost_total")
                 .Help("Ticks that did not reach the gateway: it was slow, or away for a moment.")
                 .Register(registry)
                 .Add({})},
        conflated{prometheus::BuildCounter()
                      .Name("sauda_gateway_events_conflated_total")
                      .Help("Events that newer ones replaced because a browser was slow.")
                      .Register(registry)
                      .Add({})},
        feed_reconnects{prometheus::BuildCounter()
                            .Name("sauda_gateway_feed_reconnects_total")
                            .Help("Streams to the feed that broke and were opened again.")
                            .Register(registry)
                            .Add({})},
        refused{prometheus::BuildCounter()
                    .Name("sauda_gateway_refused_total")
                    .Help("Requests that were not let in, by reason.")
                    .Register(registry)},
        keys{prometheus::BuildGauge()
                 .Name("sauda_gateway_keys")
                 .Help("API keys that the gateway knows, those that are over too.")
                 .Register(registry)
                 .Add({})} {}

  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Histogram>& seconds;
  prometheus::Gauge& streams;
  prometheus::Counter& ticks;
  prometheus::Counter& lost;
  prometheus::Counter& conflated;
  prometheus::Counter& feed_reconnects;
  prometheus::Family<prometheus::Counter>& refused;
  prometheus::Gauge& keys;
};

}  // namespace sauda::gateway
