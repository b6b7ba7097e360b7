#include "services/feed/src/tick_retirer.hpp"

#include <utility>

namespace sauda::feed {

TickRetirer::TickRetirer(TickRetirement& retirement, const Clock& clock, Options options,
                         Events events)
    : retirement_{retirement},
      clock_{clock},
      options_{options},
      events_{std::move(events)},
      thread_{[this] { Run(); }} {}

TickRetirer::~TickRetirer() { Stop(); }

void TickRetirer::Run() {
  while (!stopping()) {
    Round();
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, options_.every, [this] { return stopping_; });
  }
}

void TickRetirer::Round() {
  constexpr std::int64_t kDayNs = 86'400'000'000'000;  // no summer time in India
  while (!stopping()) {
    const auto retired = retirement_.RetireOldest(clock_.UtcNs() - options_.keep_days * kDayNs);
    if (!retired) return events_.on_failure(retired.error());
    if (!*retired) return;
    events_.on_retired(**retired);
  }
}

bool TickRetirer::stopping() {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

void TickRetirer::Stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace sauda::feed
