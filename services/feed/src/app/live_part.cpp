#include "services/feed/src/app/live_part.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "libs/telemetry/log.hpp"
#include "services/feed/src/app/seconds_since.hpp"

namespace sauda::feed {
namespace {

using telemetry::Quoted;

/// From a time of another machine's clock until a read by this one's; not below zero.
double SecondsFrom(std::int64_t then_ms, std::int64_t received_ns) {
  constexpr double kNsPerSecond = 1e9;
  constexpr std::int64_t kNsPerMs = 1'000'000;
  return std::max(0.0, static_cast<double>(received_ns - then_ms * kNsPerMs) / kNsPerSecond);
}

}  // namespace

LivePart::LivePart(Ground& ground, FileJournal& journal, AlertDesk& alerts, Events events)
    : ground_{ground},
      journal_{journal},
      alerts_{alerts},
      events_{std::move(events)},
      published_{ground.metrics.publish_seconds},
      publisher_{loop_, encoder_,
                 Publisher::Options{.queue_updates =
                                        static_cast<std::size_t>(ground.config.publish_queue)},
                 [this](std::span<const Update> updates) {
                   AddSince(published_, updates, ground_.clock.Now());
                 }},
      ingest_{decoder_, encoder_, ground.listings, hand_over_, journal, Outlets()} {
  const Config& config = ground_.config;
  ingest_.SetSimulated(ground_.simulator());  // a frame may be faster than the word that it is open
  Pool::Brokers brokers;
  for (std::size_t i = 0; i < config.Connections(); ++i) {
    brokers_.push_back(std::make_unique<UpstoxFeed>(
        UpstoxFeed::Options{.url = ground_.simulator() ? config.broker.sim_url : "",
                            .ca_file = config.broker.ca_file,
                            .ping_every = config.ping_every,
                            .pong_limit = config.pong_limit},
        ground_.market, ground_.clock));
    brokers.emplace_back(*brokers_.back());
  }
  connector_ = std::make_unique<Connector>(
      brokers, ground_.listings, hand_over_, ground_.clock,
      Connector::Options{
          .pace = {.batch_keys = static_cast<std::size_t>(config.batch_keys),
                   .batch_gap = config.batch_pause,
                   .answer_limit = config.answer_limit},
          .attempts_before_alert = static_cast<std::uint32_t>(config.attempts_before_alert),
          .slow_pace = config.slow_pace,
          .stale_after = config.stale_after,
          .held_after = config.held_after,
          .simulated = ground_.simulator()},
      ConnectorEvents());
}

Ingest::Outlets LivePart::Outlets() {
  Metrics& metrics = ground_.metrics;
  return {.on_tick = [this](InstrumentId id, const Tick& tick) { alerts_.Take(id, tick); },
          .publish =
              [this, &metrics](std::span<const Update> updates) {
                alerts_.EndFrame();
                metrics.ticks.Increment(static_cast<double>(updates.size()));
                metrics.decode_seconds.Observe(
                    SecondsSince(updates.front().received_at, ground_.clock.Now()));
                return publisher_.Push(updates);
              },
          .on_broker_time = [this](const Ingest::Times& times) { OnBrokerTime(times); },
          .on_market_status =
              [this](const SegmentStatus& segments) {
                connector_->SetSegments(segments);
                alerts_.OnSegments(segments);
              },
          .on_bad_frame =
              [this, &metrics](const Error& why, std::size_t bytes) {
                metrics.CountBadFrame(why.reason);
                if (const auto left_out = bad_frames_.Due(ground_.clock.Now())) {
                  spdlog::warn("frame skipped reason={} bytes={} left_out={}", why.reason, bytes,
                               *left_out);
                }
              },
          .on_skipped =
              [&metrics](std::uint64_t entries) {
                metrics.skipped_entries.Increment(static_cast<double>(entries));
              }};
}

void LivePart::OnBrokerTime(const Ingest::Times& times) {
  ground_.market.Observe(times.broker_ms);
  // The simulator's clock is that of its market: what lies between says nothing of the way.
  if (ground_.simulator()) return;
  Metrics& metrics = ground_.metrics;
  metrics.broker_delay_seconds.Observe(SecondsFrom(times.broker_ms, times.received_ns));
  if (times.trade_ms == 0) return;
  metrics.trade_delay_seconds.Observe(SecondsFrom(times.trade_ms, times.received_ns));
}

void LivePart::OnBrokerFrame(const BrokerFrame& frame) {
  Metrics& metrics = ground_.metrics;
  metrics.last_frame.Set(static_cast<double>(frame.received_ns) / 1e9);
  metrics.frames.Increment();
  metrics.frame_bytes.Increment(static_cast<double>(frame.bytes.size()));
  ingest_.OnFrame(frame);
  events_.on_frame();
}

void LivePart::OnOpen(bool simulated) {
  ingest_.SetSimulated(simulated);
  ground_.metrics.connects.Increment();
  alerts_.OnConnect(simulated);
  ground_.Tell("broker", nullptr);
  spdlog::info("connected simulated={}", simulated);
}

void LivePart::OnState(ConnectionState state) {
  ground_.metrics.SetConnection(std::string{NameOf(state)});
  publisher_.SetConnection(state);
  alerts_.OnConnection(state);
  // One that failed may be needed no more, so the failure of one attempt is not the last word.
  if (IsConnected(state)) ground_.Tell("broker", nullptr);
  spdlog::info("connection state={}", NameOf(state));
}

void LivePart::OnGap(const Gap& gap) {
  ground_.metrics.CountGap(gap.cause);
  spdlog::warn("gap cause={} from_ns={} to_ns={} detail={}", gap.cause, gap.from_ns, gap.to_ns,
               Quoted(gap.detail));
  journal_.PushGap(gap);
  alerts_.OnGap(gap);
}

Connector::Events LivePart::ConnectorEvents() {
  Metrics& metrics = ground_.metrics;
  return {
      .on_frame = [this](const BrokerFrame& frame) { OnBrokerFrame(frame); },
      .on_wanted =
          [&metrics](std::size_t keys) { metrics.subscriptions.Set(static_cast<double>(keys)); },
      .on_open = [this](bool simulated) { OnOpen(simulated); },
      .on_state = [this](ConnectionState state) { OnState(state); },
      .on_open_gap =
          [this](std::uint32_t connection, std::optional<std::int64_t> from_ns) {
            journal_.SetOpenGap(connection, from_ns);
            alerts_.OnOpenGap(connection, from_ns);
          },
      .on_gap = [this](const Gap& gap) { OnGap(gap); },
      .on_attempt_failed =
          [this, &metrics](const Error& why) {
            metrics.connect_failures.Increment();
            ground_.Tell("broker", &why);
            spdlog::warn("connect failed reason={} message={}", why.reason, Quoted(why.message));
          },
      .on_alert =
          [this, &metrics](bool failing) {
            metrics.connect_failing.Set(failing ? 1 : 0);
            if (failing) {
              spdlog::error("connect keeps failing attempts={}",
                            ground_.config.attempts_before_alert);
            }
          },
      .on_token_refused = [this](std::uint64_t) { events_.on_token_refused(); },
      .on_lost =
          [this, &metrics](const std::string& why) {
            metrics.losses.Increment();
            ground_.Tell("broker", nullptr);
            spdlog::warn("connection lost why={}", Quoted(why));
          }};
}

}  // namespace sauda::feed
