#pragma once

#include <span>

#include "libs/base/result.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Keeps ticks and gaps. One thread writes; calls may block, with deadlines.
class TickStore {
 public:
  virtual ~TickStore() = default;

  /// Writes both in one transaction, with how far it got. May be called again with the same ticks
  /// after a failure of unknown outcome: those with a seq up to what is stored are left out, as are
  /// gaps by number. Ticks are in the order of seq. Fails with kUnavailable / DATABASE_DOWN (call
  /// again), or with another code when the content cannot be stored (calling again is of no use).
  virtual Result<void> Append(std::span<const Tick> ticks, std::span<const Gap> gaps) = 0;
};

}  // namespace sauda::feed
