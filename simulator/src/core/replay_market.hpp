#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "libs/base/result.hpp"
#include "simulator/src/core/market.hpp"

namespace sauda::sim {

/// One element of a capture: a Feed message as it was recorded.
struct Captured {
  std::string instrument_key;
  std::int64_t recorded_ms = 0;  ///< the recorder's clock, epoch ms; of a journal: the broker's
  FullState state;
};

/// A capture in order of recording. Implemented over files by CaptureReader and JournalCapture,
/// over memory by tests.
class CaptureSource {
 public:
  virtual ~CaptureSource() = default;

  /// The next element; absent at the end. Fails with kDataLoss / CAPTURE_BROKEN and says where.
  virtual Result<std::optional<Captured>> Next() = 0;

  /// Starts again from the first element.
  virtual Result<void> Rewind() = 0;
};

/// What a capture holds, found by reading it once from end to end.
struct CaptureSummary {
  std::vector<std::pair<std::string, std::uint64_t>> elements_by_key;  ///< in order of appearance
  std::uint64_t elements = 0;
  std::int64_t first_recorded_ms = 0;
  std::int64_t last_recorded_ms = 0;
  std::int64_t clock_lag_ms = 0;  ///< how far the newest trades ran ahead of the recorder's clock
};

/// Reads a capture once and rewinds it. Fails as CaptureSource::Next does, and with
/// kInvalidArgument / CAPTURE_EMPTY.
Result<CaptureSummary> Summarise(CaptureSource& source);

/// Serves a capture: each recorded element is exactly one update, in the order of recording, at the
/// recorded spacing divided by the speed, or flat out. Nothing is invented: a listing is unknown
/// until its first element.
///
/// The clock is the recording's: the recorder's time, plus how far the exchange's own times ran
/// ahead of it (so that no trade is newer than the clock). At the end every segment goes to
/// NORMAL_CLOSE and the clock runs on at 1x.
class ReplayMarket final : public Market {
 public:
  struct Options {
    double speed = 1.0;        ///< times the recorded pace; 0 is flat out
    bool on_subscribe = true;  ///< wait until every key of the capture is followed, by anyone
    bool loop = false;         ///< start again at the end; the clock then jumps back
    bool stepped = false;      ///< flat out, but no further than Step allows; the end is a step too
  };

  /// Every key of the capture must be in `master` (see AddMissing). `master` and `source` must
  /// outlive the market.
  ReplayMarket(const Master& master, CaptureSource& source, CaptureSummary summary, Options options,
               Monotonic now);

  const Master& master() const override { return master_; }
  std::int64_t NowMs(Monotonic now) const override;
  double Speed() const override;
  MarketPhase phase() const override { return phase_; }
  const SegmentStatuses& statuses() const override { return statuses_; }
  const FullState* State(ListingId id) override;
  void Follow(ListingId id) override;
  void Unfollow(ListingId id) override;
  std::span<const Update> Advance(Monotonic now, std::size_t budget) override;
  std::optional<Monotonic> NextDue() const override;
  bool Movable() const override { return false; }  // so orders do not follow: they start nothing
  void ShowResting(ListingId, Side, double, std::int64_t) override {}
  void PrintTrade(ListingId, double, std::int64_t, Side, bool) override {}

  /// Lets a stepped recording serve so many more elements. Nothing for another.
  void Step(std::uint64_t elements) { steps_ += elements; }

  /// Elements served so far, over all loops.
  std::uint64_t served() const { return served_; }
  std::uint64_t served(ListingId id) const;
  const CaptureSummary& summary() const { return summary_; }

  /// Why the replay stopped before its end; absent when it did not. phase() is kEnded then.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void Start(Monotonic now);
  void Fetch();
  void Serve();
  void End(Monotonic now);
  Monotonic DueAt(std::int64_t recorded_ms) const;

  const Master& master_;
  CaptureSource& source_;
  const CaptureSummary summary_;
  const Options options_;
  MarketPhase phase_ = MarketPhase::kWaiting;
  SegmentStatuses statuses_{};
  std::unordered_map<std::string, ListingId> ids_;
  std::unordered_map<ListingId, std::size_t> followers_;  ///< of the capture's keys
  std::unordered_set<ListingId> awaited_;  ///< keys that nobody follows; empty once it runs
  Monotonic anchor_;                       ///< when the clock stood at anchor_recorded_ms_
  std::int64_t anchor_recorded_ms_ = 0;
  std::int64_t last_served_ms_ = 0;
  std::optional<Captured> next_;                     ///< read ahead
  std::unordered_map<ListingId, FullState> states_;  ///< all that is known: elements laid together
  std::unordered_map<ListingId, std::uint64_t> numbers_;
  std::deque<FullState> batch_;  ///< what the last Advance published, each element by itself
  std::vector<Update> published_;
  std::uint64_t served_ = 0;
  std::uint64_t steps_ = 0;  ///< that a stepped recording may still take
  std::optional<Error> failure_;
};

/// Adds a minimal listing for each key of the capture that the master does not have, so that a
/// recording can be served beside any master.
void AddMissing(const CaptureSummary& summary, std::vector<Listing>& listings);

}  // namespace sauda::sim
