#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "services/feed/src/core/alerts/webhook.hpp"

namespace sauda::feed {

/// What waits for one webhook, in order, and when to try next. Bounded: when it is full the oldest
/// that is not under way is given up. An attempt that the client put off, since nobody may be asked
/// yet, does not count as one; but no alert is tried again after an attempt, put off or not, that
/// ended `give_up_after` after it was put in. Not thread-safe; time comes in as arguments.
class WebhookQueue {
 public:
  struct Options {
    std::size_t waiting = 1'000;
    std::uint32_t attempts = 8;  ///< for one alert; then it is given up
    std::chrono::minutes give_up_after{60};
    Backoff::Limits backoff{std::chrono::milliseconds{1'000}, std::chrono::milliseconds{60'000}};
  };
  enum class Outcome : std::uint8_t { kDelivered, kRetry, kPutOff, kGivenUp };

  explicit WebhookQueue(Options options) : options_{options}, backoff_{options.backoff} {
    (void)backoff_.Next();  // the first attempt waits for nothing
  }

  /// False: the oldest had to go.
  bool Put(const Alert& alert, Monotonic now);
  /// When the next attempt is due; absent: nothing waits, or an attempt is under way.
  std::optional<Monotonic> due() const;
  /// Begins an attempt with the oldest; it must be due.
  Alert Begin();
  /// How that attempt ended.
  Outcome End(const WebhookResult& result, Monotonic now);

  std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    Alert alert;
    Monotonic since;
  };

  /// Of an attempt that failed: whether there will be another, and which; sets not_before_.
  Outcome Judge(const WebhookFailure& why, Monotonic now);

  const Options options_;
  std::deque<Waiting> waiting_;
  Backoff backoff_;
  std::uint32_t attempts_ = 0;  // of the oldest
  bool under_way_ = false;
  Monotonic not_before_;
};

}  // namespace sauda::feed
