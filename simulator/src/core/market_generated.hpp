#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "simulator/src/core/market.hpp"

namespace sauda::sim {

/// A made-up market: every listing is a seeded random walk round a price that fits its kind, with a
/// book on its tick, rising volume, open interest and, for options, Black-Scholes prices and greeks
/// of its underlying. The same seed, options and calls give the same market.
///
/// A listing costs nothing until it is followed or asked for. Moves in steps of kStep of real time;
/// prices move only while their segment is in NORMAL_OPEN.
class GeneratedMarket final : public Market {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::int64_t start_ms = 0;     ///< market time at the start, epoch ms
    double speed = 1.0;            ///< market seconds per second, above 0
    double updates_per_key = 2.0;  ///< a followed listing's updates per real second, on average
    double rate = 0;               ///< above 0: updates per real second over all followed listings
    bool always_open = false;      ///< every segment stays in NORMAL_OPEN at any hour
    /// For tests that count: the last trade's quantity is the number of the update, and a listing
    /// that was followed once goes on moving without a follower.
    bool numbered = false;
  };

  static constexpr std::chrono::milliseconds kStep{5};

  /// `master` must outlive the market.
  GeneratedMarket(const Master& master, Options options, Monotonic now);
  ~GeneratedMarket() override;

  const Master& master() const override;
  std::int64_t NowMs(Monotonic now) const override;
  double Speed() const override;
  MarketPhase phase() const override { return MarketPhase::kRunning; }
  const SegmentStatuses& statuses() const override;
  const FullState* State(ListingId id) override;
  void Follow(ListingId id) override;
  void Unfollow(ListingId id) override;
  std::span<const Update> Advance(Monotonic now, std::size_t budget) override;
  std::optional<Monotonic> NextDue() const override;
  bool Movable() const override { return true; }
  void ShowResting(ListingId id, Side side, double price, std::int64_t quantity) override;
  void PrintTrade(ListingId id, double price, std::int64_t quantity, Side aggressor,
                  bool against_book) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Where a generated market's clock starts by default: `wall_ms` when the equity segments trade
/// then, else five minutes after the newest open before it.
std::int64_t DefaultStartMs(std::int64_t wall_ms);

}  // namespace sauda::sim
