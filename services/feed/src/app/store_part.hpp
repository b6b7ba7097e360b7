#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "services/feed/src/adapters/file_journal_reader.hpp"
#include "services/feed/src/adapters/pg_candle_store.hpp"
#include "services/feed/src/adapters/pg_tick_retirement.hpp"
#include "services/feed/src/adapters/pg_tick_store.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/app/ground.hpp"
#include "services/feed/src/candle_keeper.hpp"
#include "services/feed/src/store_follower.hpp"
#include "services/feed/src/tick_retirer.hpp"

namespace sauda::feed {

/// From the journal into PostgreSQL: ticks, gaps and candles, and the end of days too old to keep.
class StorePart {
 public:
  struct Events {
    std::function<std::uint64_t()> ticks;  ///< how many this run has taken in
    std::function<void()> on_candles;      ///< they may have changed
  };
  /// `ground` has started; it and `reader` outlive it. Its threads begin at once.
  StorePart(Ground& ground, FileJournalReader& reader, Events events);

  /// Ends the old days' removal, then writes what waits, within the settings' limit.
  void Stop();

  /// Ticks of this run that are not stored yet.
  std::uint64_t Waiting() const;
  void ShowWaiting() const { ground_.metrics.store_waiting.Set(static_cast<double>(Waiting())); }
  std::uint64_t written() const { return follower_->written(); }
  std::uint64_t lost() const { return follower_->lost(); }
  CandleKeeper& candles() { return candles_; }

 private:
  CandleKeeper::Events CandleEvents();
  StoreFollower::Events FollowerEvents();
  TickRetirer::Events RetirerEvents();

  Ground& ground_;
  const Events events_;
  SecondsBatch committed_;                    // the storing thread's
  std::atomic<std::uint64_t> stored_seq_{0};  // of this run
  UpstoxDecoder decoder_;                     // the storing thread's
  PgTickStore ticks_;
  PgCandleStore candle_store_;
  CandleKeeper candles_;
  std::unique_ptr<StoreFollower> follower_;
  std::unique_ptr<PgTickRetirement> retirement_;
  std::unique_ptr<TickRetirer> retirer_;  // none: all days stay
};

}  // namespace sauda::feed
