#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace sauda::feed {

/// Durations that one thread counts up and hands to a histogram in one go: adding costs a third of
/// observing, and what was read together costs it once; handing over costs as much as five.
class SecondsBatch {
 public:
  explicit SecondsBatch(prometheus::Histogram& histogram);

  /// One value, handed over at once: for a few of them.
  void Observe(double seconds) { histogram_.Observe(seconds < 0 ? 0 : seconds); }

  /// `times` values of `seconds`; less than none counts as none, so that the sum only rises.
  void Add(double seconds, std::uint64_t times = 1);
  /// Hands over what was added since the last time.
  void Flush();

 private:
  prometheus::Histogram& histogram_;
  std::vector<double> counts_;  // by bucket
  double sum_ = 0;
  bool empty_ = true;
};

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
  /// A gap, by its cause; one that is not in the list of docs/metrics.md counts as OTHER.
  void CountGap(const std::string& cause);

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
  prometheus::Gauge& stream_waiting;
  prometheus::Gauge& subscriptions;
  prometheus::Gauge& last_frame;
  prometheus::Gauge& journal_stopped;
  prometheus::Counter& journal_lost_frames;
  prometheus::Counter& journal_read_failures;
  prometheus::Gauge& store_waiting;
  prometheus::Counter& store_written;
  prometheus::Counter& store_lost;
  prometheus::Counter& store_retired_partitions;
  prometheus::Counter& store_failures;
  prometheus::Gauge& journal_waiting;
  prometheus::Histogram& broker_delay_seconds;
  prometheus::Histogram& trade_delay_seconds;
  prometheus::Histogram& decode_seconds;
  prometheus::Histogram& journal_seconds;
  prometheus::Gauge& history_streams;
  prometheus::Counter& history_ticks;
  prometheus::Gauge& candle_streams;
  prometheus::Counter& candles_written;
  prometheus::Counter& candles_lost;
  prometheus::Gauge& alert_rules;
  prometheus::Gauge& alert_watchers;
  prometheus::Counter& alerts;
  prometheus::Counter& alert_unseen_ticks;
  prometheus::Counter& alerts_unstored;
  prometheus::Histogram& publish_seconds;
  prometheus::Histogram& write_seconds;
  prometheus::Histogram& commit_seconds;

 private:
  std::map<std::string, prometheus::Counter*, std::less<>> webhooks_;  // fixed at construction
  std::map<std::string, prometheus::Counter*> bad_frames_;             // fixed at construction
  std::map<std::string, prometheus::Gauge*> connection_;               // fixed at construction
  std::map<std::string, prometheus::Counter*> gaps_;                   // fixed at construction
};

}  // namespace sauda::feed
