#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "libs/journal/writer.hpp"
#include "services/feed/src/core/frame_journal.hpp"

namespace sauda::feed {

/// The journal in files. Gaps wait in memory until the next frame, which is when what they tell of
/// is over. One that the journal cannot take then is part of what it tells as lost. That one is
/// open is told in each segment that frames of its time are in.
class FileJournal final : public FrameJournal {
 public:
  /// Fails as journal::Writer::Start does. `clock` outlives it.
  static Result<std::unique_ptr<FileJournal>> Start(journal::Writer::Options options,
                                                    const Clock& clock,
                                                    journal::Writer::Events events);

  bool WantsState(std::int64_t received_ns) const override {
    return writer_->WantsState(received_ns);
  }
  void PushState(const LatestTicks& latest) override;
  void PushFrame(const JournaledFrame& frame) override;
  void SetOpenGap(std::uint32_t connection, std::optional<std::int64_t> from_ns) override;
  void PushGap(const Gap& gap) override;

  /// Writes what waits and ends the run. Nothing is pushed any more.
  void Stop();

  journal::Writer& writer() { return *writer_; }

 private:
  static constexpr std::size_t kStateTicks = 1'000;  // in one record
  static constexpr std::size_t kMaxGaps = 1'000;     // that wait; then the oldest two become one

  explicit FileJournal(std::unique_ptr<journal::Writer> writer) : writer_{std::move(writer)} {}
  void PushNotices(const JournaledFrame& before);
  std::int64_t OpenGapNs() const;

  const std::unique_ptr<journal::Writer> writer_;
  std::atomic<bool> has_notices_{false};
  std::mutex mutex_;  // guards what follows
  std::vector<Gap> gaps_;
  std::map<std::uint32_t, std::int64_t> open_gaps_;  // since when, by connection
  bool tell_open_gap_ = false;                       // before the next frame
};

}  // namespace sauda::feed
