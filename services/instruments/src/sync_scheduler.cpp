#include "services/instruments/src/sync_scheduler.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include <spdlog/spdlog.h>

#include "libs/telemetry/log.hpp"

namespace sauda::instruments {
namespace {

// The market clock may run at any speed, so it is looked at often and not slept on.
constexpr std::chrono::milliseconds kLookEvery{500};
constexpr std::int64_t kTwoDaysMs = std::int64_t{2} * 86'400'000;

}  // namespace

SyncScheduler::SyncScheduler(Parts parts, Options options)
    : parts_{parts}, options_{options}, thread_{[this](const std::stop_token& stop) {
        Loop(stop);
      }} {}

void SyncScheduler::Loop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;  // only for the stop token's sake
  while (!stop.stop_requested()) {
    if (Due()) {
      pending_ = true;
      backoff_.Reset();
      not_before_ = parts_.clock.Now() + backoff_.Next();
    }
    if (pending_ && parts_.clock.Now() >= not_before_) RunOne();
    std::unique_lock lock{mutex};
    (void)wake.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

bool SyncScheduler::Due() {
  if (options_.when_empty && !empty_asked_) {
    const auto status = parts_.store.Status();  // fails until the database is there
    empty_asked_ = status.has_value();
    if (status && status->total == 0) return true;
  }
  return DailyDue();
}

bool SyncScheduler::DailyDue() {
  // Before the broker has been heard the time of the market is not known.
  const auto offset_ms = parts_.market_clock.offset_ms();
  if (options_.daily_minute < 0 || !offset_ms) return false;
  const std::int64_t now_ms = parts_.market_clock.NowMs();
  if (!missed_asked_) {
    const auto status = parts_.store.Status();  // fails until the database is there
    if (!status) return false;
    missed_asked_ = true;
    next_daily_ms_ = NextDailyMs(now_ms, options_.daily_minute);
    // Reports are of the wall clock. Without any, whether to begin is not ours to say.
    const auto& last = status->last_sync;
    return last && MissedDaily(last->started_ms + *offset_ms, now_ms, options_.daily_minute);
  }
  const bool jumped_back = next_daily_ms_ && *next_daily_ms_ - now_ms > kTwoDaysMs;
  if (!next_daily_ms_ || jumped_back) next_daily_ms_ = NextDailyMs(now_ms, options_.daily_minute);
  if (now_ms < *next_daily_ms_) return false;
  next_daily_ms_ = NextDailyMs(now_ms, options_.daily_minute);
  return true;
}

void SyncScheduler::RunOne() {
  const auto report = parts_.syncs.Run({});
  if (report) {
    pending_ = false;
    return;
  }
  const Error& error = report.error();
  pending_ = WorthRepeating(error);
  if (pending_) {
    not_before_ = parts_.clock.Now() + backoff_.Next();
    spdlog::warn("sync by the clock put off reason={} message={}", error.reason,
                 telemetry::Quoted(error.message));
  } else {
    spdlog::error("sync by the clock failed, the last good master stays reason={} message={}",
                  error.reason, telemetry::Quoted(error.message));
  }
}

}  // namespace sauda::instruments
