#pragma once

#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace sauda::sim {

/// Every metric of the simulator; docs/metrics.md lists them. Thread-safe.
struct Metrics {
  explicit Metrics(prometheus::Registry& registry)
      : requests{prometheus::BuildCounter()
                     .Name("sauda_sim_requests_total")
                     .Help("Answered HTTP requests, by route and status")
                     .Register(registry)},
        request_seconds{prometheus::BuildHistogram()
                            .Name("sauda_sim_request_seconds")
                            .Help("Time from a request's last byte to its answer")
                            .Register(registry)},
        sessions{prometheus::BuildGauge()
                     .Name("sauda_sim_sessions")
                     .Help("Open WebSocket sessions, by stream")
                     .Register(registry)},
        frames{prometheus::BuildCounter()
                   .Name("sauda_sim_frames_total")
                   .Help("WebSocket messages sent, by stream")
                   .Register(registry)},
        skipped{prometheus::BuildCounter()
                    .Name("sauda_sim_feed_skipped_total")
                    .Help("Market updates not offered to a slow or stalled session")
                    .Register(registry)},
        faults{prometheus::BuildCounter()
                   .Name("sauda_sim_faults_total")
                   .Help("Faults that happened, by target and kind")
                   .Register(registry)},
        order_updates{prometheus::BuildCounter()
                          .Name("sauda_sim_order_updates_total")
                          .Help("Steps of orders, by status reached")
                          .Register(registry)},
        feed_sessions{sessions.Add({{"stream", "feed"}})},
        portfolio_sessions{sessions.Add({{"stream", "portfolio"}})},
        feed_frames{frames.Add({{"stream", "feed"}})},
        portfolio_frames{frames.Add({{"stream", "portfolio"}})},
        feed_skipped{skipped.Add({})} {}

  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Histogram>& request_seconds;
  prometheus::Family<prometheus::Gauge>& sessions;
  prometheus::Family<prometheus::Counter>& frames;
  prometheus::Family<prometheus::Counter>& skipped;
  prometheus::Family<prometheus::Counter>& faults;
  prometheus::Family<prometheus::Counter>& order_updates;
  prometheus::Gauge& feed_sessions;
  prometheus::Gauge& portfolio_sessions;
  prometheus::Counter& feed_frames;
  prometheus::Counter& portfolio_frames;
  prometheus::Counter& feed_skipped;
};

}  // namespace sauda::sim
