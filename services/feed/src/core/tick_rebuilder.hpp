#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/feed/src/core/delta.hpp"
#include "services/feed/src/core/frame_journal.hpp"

namespace sauda::feed {

/// Makes ticks of journaled frames again: the same that were published when they came. Given the
/// state at a segment's head and its frames in their order. Not thread-safe.
class TickRebuilder final : private DeltaSink {
 public:
  /// `decoder` outlives it.
  explicit TickRebuilder(FrameDecoder& decoder) : decoder_{decoder} {}

  /// Forgets everything: a segment begins.
  void Forget() { latest_.clear(); }

  /// Takes what a segment's head says of the frames before it.
  Result<void> TakeState(const JournaledFrame& state);

  /// Appends the frame's ticks. Fails with kDataLoss / JOURNAL_MISMATCH, nothing appended, when the
  /// frame does not hold the instruments that it is said to.
  Result<void> Rebuild(const JournaledFrame& frame, std::vector<Tick>& ticks);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  void OnHead(const FrameHead& head) override { broker_ms_ = head.broker_ms; }
  void OnDelta(const Delta& delta) override;
  Result<void> Read(const JournaledFrame& frame, std::vector<Tick>* ticks);
  Tick& LatestOf(std::string_view key, std::int64_t instrument_id);

  FrameDecoder& decoder_;
  std::unordered_map<std::string, Tick, Hash, std::equal_to<>> latest_;  // by key

  const JournaledFrame* frame_ = nullptr;  // under way, as is all below
  std::vector<Tick>* ticks_ = nullptr;
  std::size_t entry_ = 0;
  std::uint64_t next_seq_ = 0;
  std::int64_t broker_ms_ = 0;
};

}  // namespace sauda::feed
