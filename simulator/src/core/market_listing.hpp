#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "simulator/src/core/market_hours.hpp"
#include "simulator/src/core/market_price.hpp"

namespace sauda::sim {

/// One listing of a generated market while somebody looks at it: its book, its trades and what the
/// feed says about it. Prices are whole numbers of 0.0001 rupees inside, so they are always on
/// tick.
class MarketListing {
 public:
  static constexpr std::size_t kLevels = 30;

  /// Comes to life in the middle of its session, as if it had traded since the open. `model` and
  /// `listing` must outlive it.
  MarketListing(const PriceModel& model, const Listing& listing, const Pricing& pricing,
                bool always_open, std::int64_t ms);

  /// Moves to `ms`: a new book always, a trade more often than not.
  void Move(std::int64_t ms);

  void ShowResting(Side side, double price, std::int64_t quantity);
  void PrintTrade(double price, std::int64_t quantity, Side aggressor, bool against_book,
                  std::int64_t ms);

  /// Puts the number of its newest update where the last trade's quantity stands.
  void ShowNumber() { state_.ltq = static_cast<std::int64_t>(updates); }

  bool ExpiredAt(std::int64_t ms) const {
    return pricing_.expires_ms != 0 && ms >= pricing_.expires_ms;
  }
  const FullState& state() const { return state_; }
  std::int64_t moved_ms() const { return moved_ms_; }

  std::uint64_t updates = 0;  ///< numbered by the market as it publishes them

 private:
  struct Offer {
    std::int64_t units = 0;
    std::int64_t quantity = 0;
  };

  std::uint64_t Random();
  std::int64_t Lots(std::uint64_t most);
  std::int64_t OnTick(double price) const;
  Session SessionAt(std::int64_t ms) const;

  void StartDay(std::int64_t ms);
  void SampleDay(std::int64_t until_ms);
  void SampleMinute(std::int64_t until_ms);
  void Trade(std::int64_t units, std::int64_t quantity, std::int64_t ms);
  void MakeBook(double fair);
  void ShowBook();

  const PriceModel& model_;
  const Listing& listing_;
  const Pricing pricing_;
  const bool always_open_;
  const std::int64_t tick_;
  const std::int64_t lot_;
  std::uint64_t random_;
  Session session_;
  std::int64_t moved_ms_ = 0;
  std::int64_t oi_changes_ms_ = 0;
  double turnover_ = 0;  ///< rupees today, for the average price
  Bar minute_;           ///< the running minute
  std::vector<Offer> bids_, asks_;
  std::map<std::int64_t, std::int64_t, std::greater<>> resting_bids_;
  std::map<std::int64_t, std::int64_t> resting_asks_;
  FullState state_;
};

}  // namespace sauda::sim
