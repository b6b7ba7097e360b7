#include "libs/base/market_clock.hpp"

#include <chrono>

namespace sauda {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

}  // namespace

std::int64_t MarketClock::NowMs() const {
  const std::int64_t wall_ms = clock_.UtcNs() / kNsPerMs;
  if (source_ == Source::kWall) return wall_ms;
  const std::lock_guard lock{mutex_};
  if (!anchor_) return wall_ms;
  const auto since = std::chrono::duration<double, std::milli>(clock_.Now() - anchor_->at).count();
  return anchor_->market_ms + static_cast<std::int64_t>(since * anchor_->speed);
}

void MarketClock::Observe(std::int64_t market_ms, double speed) {
  const std::lock_guard lock{mutex_};
  anchor_ = Anchor{.market_ms = market_ms,
                   .at = clock_.Now(),
                   .speed = speed,
                   .offset_ms = market_ms - clock_.UtcNs() / kNsPerMs};
}

std::optional<std::int64_t> MarketClock::offset_ms() const {
  const std::lock_guard lock{mutex_};
  if (!anchor_) return std::nullopt;
  return anchor_->offset_ms;
}

}  // namespace sauda
