#include "services/feed/src/metrics.hpp"

#include <algorithm>

#include "services/feed/src/core/connection_rule.hpp"

namespace sauda::feed {
namespace {

prometheus::Counter& MakeCounter(prometheus::Registry& registry, const char* name,
                                 const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& MakeGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

const prometheus::Histogram::BucketBoundaries kBounds{
    0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
    0.01,    0.02,    0.05,    0.1,    0.2,    0.5,    1,     5,     60};

prometheus::Histogram& MakeSeconds(prometheus::Registry& registry, const char* name,
                                   const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, kBounds);
}

constexpr const char* kOtherCause = "OTHER";

}  // namespace

SecondsBatch::SecondsBatch(prometheus::Histogram& histogram)
    : histogram_{histogram}, counts_(kBounds.size() + 1) {}

void SecondsBatch::Add(double seconds, std::uint64_t times) {
  seconds = std::max(seconds, 0.0);
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  const auto weight = static_cast<double>(times);
  counts_[static_cast<std::size_t>(bucket)] += weight;
  sum_ += seconds * weight;
  empty_ = false;
}

void SecondsBatch::Flush() {
  if (empty_) return;
  histogram_.ObserveMultiple(counts_, sum_);
  std::fill(counts_.begin(), counts_.end(), 0);
  sum_ = 0;
  empty_ = true;
}

Metrics::Metrics(prometheus::Registry& registry)
    : frames{MakeCounter(registry, "sauda_feed_frames_total", "Frames read from the broker.")},
      frame_bytes{MakeCounter(registry, "sauda_feed_frame_bytes_total", "Bytes of those frames.")},
      ticks{MakeCounter(registry, "sauda_feed_ticks_total", "Ticks made from frames.")},
      skipped_entries{MakeCounter(registry, "sauda_feed_skipped_entries_total",
                                  "Entries of frames that said nothing or that nobody wants.")},
      connects{
          MakeCounter(registry, "sauda_feed_connects_total", "Connections made to the broker.")},
      connect_failures{MakeCounter(registry, "sauda_feed_connect_failures_total",
                                   "Attempts to connect that failed.")},
      losses{MakeCounter(registry, "sauda_feed_connection_losses_total",
                         "Connections that ended without being asked to.")},
      connect_failing{MakeGauge(registry, "sauda_feed_connect_failing",
                                "1 after ten failed attempts in a row, until one succeeds.")},
      open_streams{
          MakeGauge(registry, "sauda_feed_open_streams", "StreamTicks calls in progress.")},
      slow_consumers{MakeCounter(registry, "sauda_feed_slow_consumers_total",
                                 "Streams ended because their reader was too slow.")},
      sent_ticks{MakeCounter(registry, "sauda_feed_sent_ticks_total",
                             "Ticks handed to gRPC, all streams.")},
      dropped_ticks{MakeCounter(registry, "sauda_feed_dropped_ticks_total",
                                "Ticks that a full buffer dropped, all streams.")},
      conflated_ticks{MakeCounter(registry, "sauda_feed_conflated_ticks_total",
                                  "Ticks that newer ones replaced, all streams.")},
      stream_waiting{MakeGauge(registry, "sauda_feed_stream_waiting_ticks",
                               "Ticks that wait to be written, over all streams, as of the last "
                               "second.")},
      subscriptions{
          MakeGauge(registry, "sauda_feed_subscriptions", "Keys wanted from the broker.")},
      last_frame{MakeGauge(registry, "sauda_feed_last_frame_timestamp_seconds",
                           "When the last frame was read, Unix time; 0 before the first.")},
      journal_stopped{MakeGauge(registry, "sauda_feed_journal_stopped",
                                "1 while the journal's disk takes nothing.")},
      journal_lost_frames{MakeCounter(registry, "sauda_feed_journal_lost_frames_total",
                                      "Frames that the journal could not take.")},
      journal_read_failures{MakeCounter(registry, "sauda_feed_journal_read_failures_total",
                                        "Reads of the journal that failed.")},
      store_waiting{MakeGauge(registry, "sauda_feed_store_waiting_ticks",
                              "Ticks of this run that wait in the journal for PostgreSQL.")},
      store_written{MakeCounter(registry, "sauda_feed_store_written_ticks_total",
                                "Ticks written to PostgreSQL.")},
      store_lost{MakeCounter(registry, "sauda_feed_store_lost_ticks_total",
                             "Ticks that are known never to reach PostgreSQL.")},
      store_retired_partitions{
          MakeCounter(registry, "sauda_feed_store_retired_partitions_total",
                      "Days of stored ticks that were removed for their age.")},
      store_failures{MakeCounter(registry, "sauda_feed_store_failures_total",
                                 "Writes to PostgreSQL that failed.")},
      journal_waiting{MakeGauge(registry, "sauda_feed_journal_waiting_frames",
                                "Frames that wait for the journal's thread.")},
      broker_delay_seconds{MakeSeconds(
          registry, "sauda_feed_broker_delay_seconds",
          "From the broker's time of a frame until its read, by two clocks: as wrong as they are "
          "apart, less than none counts as none. Not with the simulator.")},
      trade_delay_seconds{MakeSeconds(
          registry, "sauda_feed_trade_delay_seconds",
          "From the exchange's time of the newest trade of a frame until its read, by two clocks: "
          "as wrong as they are apart, less than none counts as none. Not with the simulator.")},
      decode_seconds{
          MakeSeconds(registry, "sauda_feed_decode_seconds",
                      "From the read of a frame until its ticks were made and journaled.")},
      journal_seconds{
          MakeSeconds(registry, "sauda_feed_journal_seconds",
                      "Longest time from a frame's push until the kernel had it, of each write.")},
      history_streams{
          MakeGauge(registry, "sauda_feed_history_streams", "StreamHistory calls in progress.")},
      history_ticks{MakeCounter(registry, "sauda_feed_history_ticks_total",
                                "Stored ticks that were read for StreamHistory.")},
      candle_streams{
          MakeGauge(registry, "sauda_feed_candle_streams", "StreamCandles calls in progress.")},
      candles_written{MakeCounter(registry, "sauda_feed_candles_written_total",
                                  "Bars of a minute written to PostgreSQL, revisions included.")},
      candles_lost{MakeCounter(registry, "sauda_feed_candles_lost_total",
                               "Bars of a minute that PostgreSQL did not take and that were given "
                               "up.")},
      alert_rules{MakeGauge(registry, "sauda_feed_alert_rules", "Alert rules that are judged.")},
      alert_watchers{
          MakeGauge(registry, "sauda_feed_alert_watchers", "WatchAlerts calls in progress.")},
      alerts{MakeCounter(registry, "sauda_feed_alerts_total", "Alert rules that fired.")},
      alert_unseen_ticks{MakeCounter(registry, "sauda_feed_alert_unseen_ticks_total",
                                     "Ticks that came faster than alert rules are judged.")},
      alerts_unstored{MakeCounter(registry, "sauda_feed_alerts_unstored_total",
                                  "Alerts that PostgreSQL will never have.")},
      publish_seconds{MakeSeconds(registry, "sauda_feed_publish_seconds",
                                  "From the read of a frame until its ticks were offered.")},
      write_seconds{MakeSeconds(registry, "sauda_feed_write_seconds",
                                "From the read of the frame of a message's oldest new tick until "
                                "gRPC had written the message.")},
      commit_seconds{MakeSeconds(registry, "sauda_feed_commit_seconds",
                                 "From the read of a frame until its ticks were committed.")} {
  auto& bad_frames = prometheus::BuildCounter()
                         .Name("sauda_feed_bad_frames_total")
                         .Help("Frames that could not be read, by reason; they are skipped.")
                         .Register(registry);
  for (const char* reason : {"FRAME_EMPTY", "FRAME_MALFORMED", "FRAME_POINTLESS"}) {
    bad_frames_[reason] = &bad_frames.Add({{"reason", reason}});
  }
  auto& webhooks = prometheus::BuildCounter()
                       .Name("sauda_feed_webhook_calls_total")
                       .Help("Calls of webhooks, by outcome; lost and given_up are alerts.")
                       .Register(registry);
  for (const char* outcome : {"delivered", "retried", "put_off", "given_up", "lost"}) {
    webhooks_[outcome] = &webhooks.Add({{"outcome", outcome}});
  }
  auto& connection = prometheus::BuildGauge()
                         .Name("sauda_feed_connection_state")
                         .Help("1 for the state of the broker's connection, 0 for the others.")
                         .Register(registry);
  for (const ConnectionState state : kConnectionStates) {
    const std::string name{NameOf(state)};
    connection_[name] = &connection.Add({{"state", name}});
  }
  auto& gap = prometheus::BuildCounter()
                  .Name("sauda_feed_gaps_total")
                  .Help("Gaps found, by cause, losses of the store and the journal included.")
                  .Register(registry);
  for (const char* cause : {"CONNECTION_LOST", "DISCONNECTED", "HAND_OVER", "RESTART",
                            "STORE_REFUSED", "JOURNAL_LOST", "JOURNAL_DAMAGED", "JOURNAL_MISSING",
                            "JOURNAL_MISMATCH", "JOURNAL_RETENTION", kOtherCause}) {
    gaps_[cause] = &gap.Add({{"cause", cause}});
  }
  SetConnection("CONNECTING");
}

void Metrics::CountBadFrame(const std::string& reason) {
  if (const auto found = bad_frames_.find(reason); found != bad_frames_.end()) {
    found->second->Increment();
  }
}

void Metrics::CountGap(const std::string& cause) {
  const auto found = gaps_.find(cause);
  (found != gaps_.end() ? found->second : gaps_.at(kOtherCause))->Increment();
}

void Metrics::CountWebhook(std::string_view outcome) {
  if (const auto found = webhooks_.find(outcome); found != webhooks_.end()) {
    found->second->Increment();
  }
}

void Metrics::SetConnection(const std::string& name) {
  for (const auto& [state, gauge] : connection_) gauge->Set(state == name ? 1 : 0);
}

}  // namespace sauda::feed
