#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libs/base/result.hpp"

namespace sauda::feed {

/// Removes stored ticks that are old. Used by one thread; calls may block, with deadlines.
class TickRetirement {
 public:
  virtual ~TickRetirement() = default;

  /// Removes the oldest whole day (IST) of ticks that ends at `before_ns` or earlier, and names it;
  /// absent: there is none, or another process is at it. Gaps of that day stay. Who writes or reads
  /// meanwhile waits for it at most as long as it waits for them. Fails with kAborted / CONFLICT
  /// when somebody was in the way for that long, or kUnavailable / DATABASE_DOWN: call again later.
  virtual Result<std::optional<std::string>> RetireOldest(std::int64_t before_ns) = 0;
};

}  // namespace sauda::feed
