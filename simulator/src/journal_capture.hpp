#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/journal/records.hpp"
#include "simulator/src/core/replay_market.hpp"

namespace sauda::sim {

/// A journal of sauda-feed as a capture: each instrument of each frame is one element, in the order
/// in which the broker sent them, stamped with the broker's own time of the frame; with the read's
/// where a frame has none. So a market that was simulated on a day of its own is served on that
/// day. States at the head of segments are no elements: they repeat frames before.
///
/// What the journal misses is logged, once: gaps, frames that are no message of the broker's,
/// damaged and missing segments. Memory is one frame. Owned by one thread.
class JournalCapture final : public CaptureSource {
 public:
  /// `path`: a journal's folder, an account's folder in it, or one segment's file. Fails as
  /// journal::FindSegments.
  static Result<std::unique_ptr<JournalCapture>> Open(const std::string& path);

  /// Fails as FileError when the disk does.
  Result<std::optional<Captured>> Next() override;
  Result<void> Rewind() override;

 private:
  explicit JournalCapture(std::vector<journal::SegmentInfo> segments);

  void Take(const journal::RecordView& record);
  void TakeFrame(const journal::RecordView& record);
  void Tell(const std::string& what);

  journal::Records records_;
  std::vector<Captured> frame_;  // elements of one frame
  std::size_t taken_ = 0;        // of them
  std::vector<std::int64_t> instruments_;
  std::uint64_t unreadable_ = 0;  // frames
  std::uint64_t troubles_ = 0;
  bool told_ = false;  // it was read once to its end
};

}  // namespace sauda::sim
