#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.hpp"
#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// One level of the book, both sides. Quantity 0 is an absent side. Prices in rupees.
struct DepthLevel {
  std::int64_t bid_qty = 0;
  double bid = 0;
  std::int64_t ask_qty = 0;
  double ask = 0;

  friend bool operator==(const DepthLevel&, const DepthLevel&) = default;
};

/// One bar of marketOHLC.
struct Bar {
  std::string interval;  ///< "1d": the running day; "I1": the last completed minute
  double open = 0, high = 0, low = 0, close = 0;
  std::int64_t volume = 0;
  std::int64_t start_ms = 0;  ///< epoch ms; the day's bar starts at 00:00 IST

  friend bool operator==(const Bar&, const Bar&) = default;
};

/// theta per day, vega and rho per percentage point.
struct Greeks {
  double delta = 0, theta = 0, gamma = 0, vega = 0, rho = 0;

  friend bool operator==(const Greeks&, const Greeks&) = default;
};

/// The parts of a feed message that may be left out of one.
enum Part : std::uint8_t { kTrade = 1, kDepth = 2, kGreeks = 4, kBars = 8, kAllParts = 15 };

/// Everything the feed can say about one listing. Zero is what the wire leaves out.
struct FullState {
  bool index = false;              ///< an index has no depth, greeks or totals
  std::uint8_t parts = kAllParts;  ///< which parts are known (recorded messages may lack some)
  double ltp = 0;                  ///< last traded price, rupees
  std::int64_t ltt_ms = 0;         ///< time of the last trade, epoch ms
  std::int64_t ltq = 0;            ///< quantity of the last trade
  double cp = 0;                   ///< previous day's close
  std::vector<DepthLevel> depth;   ///< best first: 5 levels, or 30
  Greeks greeks;
  std::vector<Bar> bars;
  double atp = 0;        ///< average traded price, two decimals
  std::int64_t vtt = 0;  ///< volume traded today
  double oi = 0;         ///< open interest
  double iv = 0;         ///< implied volatility, a fraction
  double tbq = 0;        ///< total buy quantity
  double tsq = 0;        ///< total sell quantity
  double iep = 0;        ///< indicative equilibrium price, in auctions
  double rp = 0;         ///< reference price
  std::int64_t ieq = 0, iiq_total = 0, iiq_market = 0;  ///< auction quantities
  bool cas_eligible = false;
  std::optional<double> trade_iep;  ///< iep inside ltpc

  friend bool operator==(const FullState&, const FullState&) = default;
};

/// What the broker calls a segment's state; the values are its wire numbers.
enum class SegmentStatus : std::uint8_t {
  kPreOpenStart,
  kPreOpenEnd,
  kNormalOpen,
  kNormalClose,
  kClosingStart,
  kClosingEnd,
};

/// The segments a market_info message names, in its order.
inline constexpr std::array<std::string_view, 11> kFeedSegments = {
    "NSE_EQ", "BSE_EQ",  "NSE_FO",    "BSE_FO",    "NCD_FO",   "BCD_FO",
    "MCX_FO", "NSE_COM", "NSE_INDEX", "BSE_INDEX", "MCX_INDEX"};

/// One status per entry of kFeedSegments.
using SegmentStatuses = std::array<SegmentStatus, kFeedSegments.size()>;

/// One change of one listing.
struct Update {
  ListingId id = 0;
  std::uint64_t number = 0;          ///< counts the listing's updates from 1, without holes
  std::int64_t market_ms = 0;        ///< market time of the change
  const FullState* state = nullptr;  ///< valid until the next call that moves the market
};

enum class Side : std::uint8_t { kBuy, kSell };

/// Where a market stands: waiting for its subscribers, moving, or at the end of its recording.
enum class MarketPhase : std::uint8_t { kWaiting, kRunning, kEnded };

/// A simulated market: its clock, its listings, and how they move. Two kinds: GeneratedMarket and
/// ReplayMarket. Owned by the application; one thread uses it.
class Market {
 public:
  virtual ~Market() = default;

  virtual const Master& master() const = 0;

  /// Market time, epoch ms UTC. Does not move the market.
  virtual std::int64_t NowMs(Monotonic now) const = 0;

  /// Market seconds per second; 0 when the market moves only with its data (flat out, or waiting).
  virtual double Speed() const = 0;

  virtual MarketPhase phase() const = 0;

  /// As of the last Advance.
  virtual const SegmentStatuses& statuses() const = 0;

  /// What is known of a listing now; nullptr when nothing is (a recording that has not come to it).
  /// A generated listing comes to life here. Valid until the next call that moves the market.
  virtual const FullState* State(ListingId id) = 0;

  /// Says that somebody wants this listing's updates; Advance gives updates only of followed
  /// listings (a recording gives all of them). Counted: as many Unfollow calls end it.
  virtual void Follow(ListingId id) = 0;
  virtual void Unfollow(ListingId id) = 0;

  /// Moves the market to `now` and gives what changed, oldest first, at most `budget` updates. The
  /// rest comes with the next call: a reader who cannot take more passes 0 and nothing is lost
  /// (recording) or the listing's newest state comes later (generated).
  virtual std::span<const Update> Advance(Monotonic now, std::size_t budget) = 0;

  /// When Advance has something to do next: a time already past when it has now, absent when only a
  /// subscription can cause it.
  virtual std::optional<Monotonic> NextDue() const = 0;

  /// Whether orders can move it. A recording cannot be moved: the two calls below do nothing there.
  virtual bool Movable() const = 0;

  /// Shows resting orders in the depth: `quantity` is all that rests at this price, 0 removes it.
  virtual void ShowResting(ListingId id, Side side, double price, std::int64_t quantity) = 0;

  /// Prints a trade: last price, volume, bars. `against_book` also takes the quantity from the
  /// generated depth, best level first, on the side that `aggressor` hits.
  virtual void PrintTrade(ListingId id, double price, std::int64_t quantity, Side aggressor,
                          bool against_book) = 0;
};

}  // namespace sauda::sim
