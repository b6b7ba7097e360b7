#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace sauda::feed {

/// Every metric of the service, made once at start and handed down by reference; docs/metrics.md
/// lists them. No instrument or user labels.
struct Metrics {
  explicit Metrics(prometheus::Registry& registry);

  /// A frame that was skipped; `reason` is FrameDecoder's.
  void CountBadFrame(const std::string& reason);
  /// How a call of a webhook ended; `outcome` as NameOf of its fate gives it.
  void CountWebhook(std::string_view outcome);
  /// `name` as NameOf gives it: that state's gauge is 1, the others are 0.
  void SetConnection(const std::string& name);

  prometheus::Counter& frames;
  prometheus::Counter& frame_bytes;
  prometheus::Counter& ticks;
  prometheus::Counter& skipped_entries;
  prometheus::Counter& connects;
  prometheus::Counter& connect_failures;
  prometheus::Counter& losses;
  prometheus::Gauge& connect_failing;
  prometheus::Gauge& open_streams;
  prometheus::Counter& slow_consumers;
  prometheus::Counter& sent_ticks;
  prometheus::Counter& dropped_ticks;
  prometheus::Counter& conflated_ticks;
  prometheus::Gauge& subscriptions;
  prometheus::Gauge& journal_stopped;
  prometheus::Counter& journal_lost_frames;
  prometheus::Counter& journal_read_failures;
  prometheus::Gauge& store_waiting;
  prometheus::Counter& store_written;
  prometheus::Counter& store_lost;
  prometheus::Counter& store_failures;
  prometheus::Counter& gaps;
  prometheus::Gauge& alert_rules;
  prometheus::Gauge& alert_watchers;
  prometheus::Counter& alerts;
  prometheus::Counter& alert_unseen_ticks;
  prometheus::Counter& alerts_unstored;
  prometheus::Histogram& publish_seconds;
  prometheus::Histogram& commit_seconds;

 private:
  std::map<std::string, prometheus::Counter*, std::less<>> webhooks_;  // fixed at construction
  std::map<std::string, prometheus::Counter*> bad_frames_;             // fixed at construction
  std::map<std::string, prometheus::Gauge*> connection_;               // fixed at construction
};

}  // namespace sauda::feed
