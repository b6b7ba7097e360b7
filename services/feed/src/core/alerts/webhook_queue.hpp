#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "services/feed/src/core/alerts/alert_log.hpp"

namespace sauda::feed {

/// What waits for one webhook, in order, and when to try next. Bounded: when it is full the oldest
/// that is not under way is given up. Not thread-safe; time comes in as arguments.
class WebhookQueue {
 public:
  struct Options {
    std::size_t waiting = 1'000;
    std::uint32_t attempts = 8;  ///< for one alert; then it is given up
    Backoff::Limits backoff{std::chrono::milliseconds{1'000}, std::chrono::milliseconds{60'000}};
  };
  enum class Outcome : std::uint8_t { kDelivered, kRetry, kGivenUp };

  explicit WebhookQueue(Options options) : options_{options}, backoff_{options.backoff} {
    (void)backoff_.Next();  // the first attempt waits for nothing
  }

  /// False: the oldest had to go.
  bool Put(const Alert& alert);
  /// When the next attempt is due; absent: nothing waits, or an attempt is under way.
  std::optional<Monotonic> due() const;
  /// Begins an attempt with the oldest; it must be due.
  Alert Begin();
  /// How that attempt ended.
  Outcome End(const Result<void>& result, Monotonic now);

  std::size_t size() const { return alerts_.size(); }

 private:
  const Options options_;
  std::deque<Alert> alerts_;
  Backoff backoff_;
  std::uint32_t attempts_ = 0;  // of the oldest
  bool under_way_ = false;
  Monotonic not_before_;
};

}  // namespace sauda::feed
