#pragma once

#include <cstdint>

#include "services/instruments/src/core/master_sync.hpp"

namespace sauda::instruments {

/// Runs syncs for whoever asks: a caller, the clock, the start. Thread-safe.
class SyncRunner {
 public:
  virtual ~SyncRunner() = default;

  /// As MasterSync::Run. Blocks until it is committed or refused.
  virtual Result<SyncReport> Run(const SyncOrder& order) = 0;

  /// Whether this instance is at it.
  virtual bool running() const = 0;

  /// How far it is.
  virtual SyncProgress progress() const = 0;
};

/// The first instant after `now_ms` at which the day in India is `minute_of_day` minutes old.
std::int64_t NextDailyMs(std::int64_t now_ms, int minute_of_day);

/// Whether the last such instant up to `now_ms` came after `last_ms`.
bool MissedDaily(std::int64_t last_ms, std::int64_t now_ms, int minute_of_day);

/// Whether the same sync may succeed if it is simply tried again soon.
bool WorthRepeating(const Error& error);

}  // namespace sauda::instruments
