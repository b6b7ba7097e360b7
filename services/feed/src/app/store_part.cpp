#include "services/feed/src/app/store_part.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "libs/telemetry/log.hpp"
#include "services/feed/src/app/seconds_since.hpp"

namespace sauda::feed {

using telemetry::Quoted;

StorePart::StorePart(Ground& ground, FileJournalReader& reader, Events events)
    : ground_{ground},
      events_{std::move(events)},
      committed_{ground.metrics.commit_seconds},
      ticks_{ground.Postgres(1), *ground.schema, ground.config.broker.account},
      candle_store_{ground.Postgres(1), *ground.schema, ground.config.broker.account},
      candles_{candle_store_,
               CandleKeeper::Options{.market_ms = [&ground] { return ground.MarketMs(); },
                                     .calendars = &ground.calendars},
               CandleEvents()} {
  const Config& config = ground_.config;
  follower_ = std::make_unique<StoreFollower>(
      ticks_, reader, decoder_,
      StoreFollower::Options{.instance = ground_.instance,
                             .batch_ticks = static_cast<std::size_t>(config.store_batch),
                             .linger = config.store_linger},
      FollowerEvents(), &candles_);
  if (config.store_keep_days > 0) {
    retirement_ = std::make_unique<PgTickRetirement>(ground_.Postgres(1), *ground_.schema);
    retirer_ = std::make_unique<TickRetirer>(
        *retirement_, ground_.clock, TickRetirer::Options{.keep_days = config.store_keep_days},
        RetirerEvents());
  }
}

void StorePart::Stop() {
  if (retirer_) retirer_->Stop();
  if (!follower_->Stop(ground_.config.store_flush_limit)) {
    spdlog::warn("ticks wait in the journal for the next start");
  }
}

std::uint64_t StorePart::Waiting() const {
  const std::uint64_t ticks = events_.ticks();
  return ticks - std::min(ticks, stored_seq_.load(std::memory_order_relaxed));
}

StoreFollower::Events StorePart::FollowerEvents() {
  Metrics& metrics = ground_.metrics;
  return {.on_written =
              [this, &metrics](std::span<const Tick> ticks) {
                AddSince(committed_, ticks, ground_.clock.Now());
                metrics.store_written.Increment(static_cast<double>(ticks.size()));
                if (!ticks.empty()) stored_seq_ = ticks.back().seq;
                ShowWaiting();
                ground_.Tell("postgres", nullptr);
              },
          .on_failure =
              [this, &metrics](const Error& why) {
                metrics.store_failures.Increment();
                ground_.Tell("postgres", &why);
              },
          .on_gap =
              [&metrics](const std::string& instance, const Gap& gap) {
                if (gap.cause != "STORE_REFUSED" && !gap.cause.starts_with("JOURNAL_")) return;
                metrics.CountGap(gap.cause);
                metrics.store_lost.Increment(static_cast<double>(gap.ticks));
                spdlog::warn("gap run={} cause={} ticks={} from_ns={} to_ns={} detail={}", instance,
                             gap.cause, gap.ticks, gap.from_ns, gap.to_ns, Quoted(gap.detail));
              },
          .on_journal_failure =
              [&metrics](const Error& why) {
                metrics.journal_read_failures.Increment();
                spdlog::error("journal cannot be read reason={} message={}", why.reason,
                              Quoted(why.message));
              }};
}

CandleKeeper::Events StorePart::CandleEvents() {
  Metrics& metrics = ground_.metrics;
  return {.on_written =
              [&metrics](std::size_t bars) {
                metrics.candles_written.Increment(static_cast<double>(bars));
              },
          .on_failure =
              [this, &metrics](const Error& why, std::size_t lost) {
                metrics.store_failures.Increment();
                metrics.candles_lost.Increment(static_cast<double>(lost));
                if (why.code == Code::kUnavailable) return ground_.Tell("postgres", &why);
                spdlog::error("candles not stored reason={} lost={} message={}", why.reason, lost,
                              Quoted(why.message));
              },
          .on_begun_anew =
              [] {
                spdlog::warn(
                    "candles in the making begin anew and are marked as partial: their checkpoint "
                    "is of another version, or damaged");
              },
          .on_turn = [this] { events_.on_candles(); }};
}

TickRetirer::Events StorePart::RetirerEvents() {
  return {.on_retired =
              [this](const std::string& day) {
                ground_.metrics.store_retired_partitions.Increment();
                spdlog::info("stored day removed for its age partition={}", day);
              },
          .on_failure =
              [](const Error& why) {
                spdlog::warn("old days stay for now reason={} message={}", why.reason,
                             Quoted(why.message));
              }};
}

}  // namespace sauda::feed
