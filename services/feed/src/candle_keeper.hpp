#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libs/base/clock.hpp"
#include "services/feed/src/core/candle_source.hpp"
#include "services/feed/src/core/candle_store.hpp"
#include "services/feed/src/core/candles.hpp"
#include "services/feed/src/core/frame_journal.hpp"
#include "services/feed/src/core/market_offset.hpp"

namespace sauda::feed {

/// Makes candles of the ticks that are read back from the journal, and has them stored, with now
/// and then a checkpoint of all that is in the making. What is read after a checkpoint is made
/// again after a restart, of the same ticks in the same order, so the stored bars do not depend on
/// when the process was restarted. Time goes by the broker's clock in the ticks.
///
/// Threads: StoreFollower's makes every call but those of CandleSource, which any may make. mutex_
/// orders them.
class CandleKeeper final : public CandleSource {
 public:
  struct Options {
    std::size_t kept_minutes = 6;                  ///< by instrument, in memory
    std::chrono::milliseconds delay{2'000};        ///< of the broker: bars end so much later
    std::chrono::milliseconds idle_delay{10'000};  ///< the same while no frame comes
    std::chrono::milliseconds checkpoint_every{60'000};
    std::chrono::milliseconds retry_after{1'000};
    std::size_t most_waiting = 65'536;  ///< bars that the store has not taken; more are given up
    /// The time of the market, milliseconds since the Unix epoch; absent while it is not known.
    std::function<std::optional<std::int64_t>()> market_ms;
    /// When markets trade; outlives it. Null: the shipped calendar.
    const calendar::CalendarKeeper* calendars = nullptr;
  };
  /// What it tells; called on StoreFollower's thread.
  struct Events {
    std::function<void(std::size_t bars)> on_written;
    /// `lost`: bars that were given up.
    std::function<void(const Error&, std::size_t lost)> on_failure;
    /// Load found a checkpoint of another version, or a damaged one: what was in the making begins
    /// anew, marked as partial.
    std::function<void()> on_begun_anew;
    /// Something may have changed for readers.
    std::function<void()> on_turn;
  };

  /// `store` outlives it.
  CandleKeeper(CandleStore& store, Options options, Events events);

  /// Takes over where an earlier process stopped. Before anything else; fails as CandleStore::Load.
  Result<void> Load();

  /// Where the reading of this run must begin for the candles at the latest.
  std::uint64_t SegmentOf(const std::string& instance) const;

  /// Ticks of one frame that lies in this segment. Those that were taken before are left out.
  void Take(const std::string& instance, std::uint64_t segment, std::span<const Tick> ticks);
  /// A gap that is read at its place in the journal.
  void TakeGap(const std::string& instance, const Gap& gap);
  /// A frame whose ticks cannot be made again, instead of Take.
  void TakeLost(const std::string& instance, std::uint64_t segment, const JournaledFrame& frame);
  /// Ticks up to `last_seq` of this run, from the times of `gap`, were removed from the journal,
  /// before they were read or after it.
  void TakeRemoved(const std::string& instance, std::uint64_t last_seq, const Gap& gap);

  /// Everything that has come so far was taken: bars may end by the market's clock.
  void CloseIdle();

  /// Stores what is finished, and then a checkpoint when one is due or `checkpoint` asks for it: in
  /// transactions of their own, so that bars never depend on the size of what is in the making.
  /// Fails when the store is away, and everything waits, but for the oldest of too many bars; what
  /// the store refuses is given up, and told. Within `retry_after` of a failure it only says so
  /// again, unless `checkpoint` asks.
  Result<void> Write(bool checkpoint = false);

  /// Bars that the store has not taken yet.
  std::size_t waiting() const { return waiting_.size(); }

  std::vector<Candle> Read(const std::string& key, Interval interval,
                           std::size_t limit) const override;
  std::uint64_t version() const override { return version_.load(std::memory_order_acquire); }
  std::uint64_t VersionOf(const std::string& key) const override;
  std::int64_t closed_to_ms() const override;

 private:
  // With mutex_ held:
  InstrumentId IdOf(const std::string& key);
  void Changed(InstrumentId id);
  void Gather();
  /// Nobody keeps the candles of contracts that are not traded any more.
  void Prune();
  bool LoadState(std::string_view state);
  /// The simulator plays a day again: its bars are made again, in the place of the earlier ones.
  void BeginAnew();

  void Enter(const std::string& instance);
  void MarkGap(const Gap& gap);
  CandleCheckpoint MakeCheckpoint() const;
  void Save(StateWriter& out) const;
  Result<void> WriteBars();
  Result<void> WriteCheckpoint(Monotonic now);
  void GiveUpTooMany();

  CandleStore& store_;
  const Options options_;
  const Events events_;

  // StoreFollower's thread only:
  CandleCheckpoint stored_;  // without its state
  std::string instance_;     // that is read
  std::uint64_t seq_ = 0;
  std::uint64_t segment_ = 0;
  std::int64_t closed_second_ = 0;
  MarketOffset offset_;
  std::map<std::pair<std::int64_t, std::string>, Candle> waiting_;  // by start and key
  std::uint64_t gap_number_ = 0;                                    // of the last gap of the run
  Monotonic checkpoint_at_;
  std::optional<Error> away_;  // why bars could not be stored; absent: they could
  Monotonic retry_at_;
  bool dirty_ = false;  // since the last checkpoint

  mutable std::mutex mutex_;  // guards the rest
  mutable Candles candles_;   // reading may look up a session
  std::vector<std::string> keys_;
  std::unordered_map<std::string, InstrumentId> ids_;
  std::vector<std::uint64_t> versions_;  // by id
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace sauda::feed
