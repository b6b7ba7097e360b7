#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "libs/base/clock.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// One frame as the journal keeps it: what came, and which ticks were made of it.
struct JournaledFrame {
  /// In `instruments`: no tick was made, since nobody wants the key, or another connection speaks
  /// for it.
  static constexpr std::int64_t kUnwanted = -1;

  std::string_view bytes;  ///< as the broker sent them; lives until the call returns
  std::int64_t received_ns = 0;
  Monotonic received_at;
  std::uint32_t connection = 0;  ///< which of the owner's connections read it
  bool simulated = false;
  std::uint64_t first_seq = 0;  ///< of the first tick made of it; of no meaning when there is none
  /// One for each instrument that the decoder hands on, in its order: its durable number (0: not
  /// known) or kUnwanted. Lives until the call returns.
  std::span<const std::int64_t> instruments;

  std::uint32_t ticks() const {
    std::uint32_t count = 0;
    for (const std::int64_t each : instruments) count += each != kUnwanted ? 1 : 0;
    return count;
  }
};

/// What is known before the next frame.
struct LatestTicks {
  std::int64_t received_ns = 0;  ///< of that frame
  Monotonic received_at;
  bool simulated = false;
  std::span<const Tick> ticks;  ///< those without a listing are none; lives until the call returns
};

/// Keeps frames as they came. The ingesting thread makes every call but SetOpenGap and PushGap,
/// which any may make; no call waits for a disk.
class FrameJournal {
 public:
  virtual ~FrameJournal() = default;
  /// Whether it begins anew before this frame, and must know first what frames before amount to.
  virtual bool WantsState(std::int64_t received_ns) const = 0;
  virtual void PushState(const LatestTicks& latest) = 0;
  virtual void PushFrame(const JournaledFrame& frame) = 0;
  /// What a connection should bring is missing since `from_ns`; absent: no more. Kept with the
  /// frames that come meanwhile, so that a run which ends before its gap is pushed leaves word for
  /// the next.
  virtual void SetOpenGap(std::uint32_t connection, std::optional<std::int64_t> from_ns) = 0;
  /// Kept with the frames, before the next of them.
  virtual void PushGap(const Gap& gap) = 0;
};

}  // namespace sauda::feed
