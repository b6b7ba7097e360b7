#pragma once

#include "libs/base/clock.hpp"

namespace sauda::feed {

/// Where one thread waits for work from others.
class Waiting {
 public:
  virtual ~Waiting() = default;
  /// By the one thread. Returns when there may be something to do, or at `until`. A Wake since the
  /// last return counts.
  virtual void Wait(Monotonic until) = 0;
  /// From any thread.
  virtual void Wake() = 0;
};

}  // namespace sauda::feed
