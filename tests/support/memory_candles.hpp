#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/feed/src/core/candle_store.hpp"

namespace sauda::feed {

/// A CandleStore in memory, and the reading of it; may be told to fail. Thread-safe.
class MemoryCandles final : public CandleStore, public CandleHistory {
 public:
  Result<void> Append(std::span<const StoredCandle> bars,
                      const CandleCheckpoint* checkpoint) override {
    const std::lock_guard lock{mutex_};
    if (failure_) return *failure_;
    if (append_failure_) return *append_failure_;
    if (checkpoint != nullptr && checkpoint_failure_) return *checkpoint_failure_;
    most_at_once_ = std::max(most_at_once_, bars.size());
    for (const StoredCandle& bar : bars) {
      Candle kept = bar.candle;
      kept.instrument = 0;
      kept.complete = true;
      bars_[{bar.key, kept.start_ms}] = kept;
    }
    if (checkpoint != nullptr) {
      checkpoint_ = *checkpoint;
      ++checkpoints_;
    }
    return {};
  }
  Result<std::optional<CandleCheckpoint>> Load() override {
    const std::lock_guard lock{mutex_};
    if (failure_) return *failure_;
    return checkpoint_;
  }
  Result<std::vector<Candle>> Minutes(const MinuteRange& range) override {
    const std::lock_guard lock{mutex_};
    if (failure_) return *failure_;
    last_limit_ = range.limit;
    std::vector<Candle> minutes;
    for (auto bar = bars_.lower_bound({range.key, range.from_ms});
         bar != bars_.end() && minutes.size() < range.limit; ++bar) {
      if (bar->first.first != range.key || bar->first.second >= range.to_ms) break;
      minutes.push_back(bar->second);
    }
    return minutes;
  }

  void Fail(std::optional<Error> failure) {
    const std::lock_guard lock{mutex_};
    failure_ = std::move(failure);
  }
  /// Of Append alone.
  void FailAppends(std::optional<Error> failure) {
    const std::lock_guard lock{mutex_};
    append_failure_ = std::move(failure);
  }
  /// Of Append with a checkpoint alone.
  void FailCheckpoints(std::optional<Error> failure) {
    const std::lock_guard lock{mutex_};
    checkpoint_failure_ = std::move(failure);
  }
  /// By key and start; as read, that is without the instrument's number.
  std::map<std::pair<std::string, std::int64_t>, Candle> bars() const {
    const std::lock_guard lock{mutex_};
    return bars_;
  }
  std::optional<CandleCheckpoint> checkpoint() const {
    const std::lock_guard lock{mutex_};
    return checkpoint_;
  }
  std::size_t most_at_once() const {
    const std::lock_guard lock{mutex_};
    return most_at_once_;
  }
  /// Of the last call of Minutes.
  std::size_t last_limit() const {
    const std::lock_guard lock{mutex_};
    return last_limit_;
  }
  int checkpoints() const {
    const std::lock_guard lock{mutex_};
    return checkpoints_;
  }

 private:
  mutable std::mutex mutex_;  // guards the rest
  std::map<std::pair<std::string, std::int64_t>, Candle> bars_;
  std::optional<CandleCheckpoint> checkpoint_;
  int checkpoints_ = 0;
  std::optional<Error> failure_;
  std::optional<Error> append_failure_;
  std::optional<Error> checkpoint_failure_;
  std::size_t most_at_once_ = 0;
  std::size_t last_limit_ = 0;
};

}  // namespace sauda::feed
