#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/clock.hpp"

namespace sauda::feed {

/// Dense number of an instrument inside this process; broker keys are turned into it at the edge.
/// Rises in the order in which keys were first seen, and never leaves the process.
using InstrumentId = std::uint32_t;

/// How much the broker sends of an instrument, least first. The numbers are the proto's.
enum class Mode : std::uint8_t { kLtpc = 1, kOptionGreeks = 2, kFull = 3, kFullD30 = 4 };

/// What an instrument is, for lists by type. The numbers are the proto's.
enum class Kind : std::uint8_t { kUnknown = 0, kIndex = 1, kEquity = 2, kFuture = 3, kOption = 4 };

/// Whether it is written on something else.
constexpr bool IsContract(Kind kind) { return kind == Kind::kFuture || kind == Kind::kOption; }

/// Who an instrument is.
struct Listing {
  std::string key;                 ///< the broker's, `<segment>|<name or token>`
  std::int64_t instrument_id = 0;  ///< durable number; 0: the instruments service does not know it
  std::string symbol;              ///< trading symbol; empty when not known
  Kind kind = Kind::kUnknown;
  std::string underlying;  ///< key of what a contract is written on; empty: none, or not known

  friend bool operator==(const Listing&, const Listing&) = default;
};

/// The last trade. Prices in rupees, times in milliseconds since the Unix epoch, UTC.
struct LastTrade {
  double price = 0;
  std::int64_t time_ms = 0;
  std::int64_t quantity = 0;
  double previous_close = 0;
  std::optional<double> indicative_price;  ///< of an auction; absent when the broker sends none

  friend bool operator==(const LastTrade&, const LastTrade&) = default;
};

/// One level of depth; zero where a side has none.
struct DepthLevel {
  std::int64_t bid_quantity = 0;
  double bid_price = 0;
  std::int64_t ask_quantity = 0;
  double ask_price = 0;

  friend bool operator==(const DepthLevel&, const DepthLevel&) = default;
};

/// As the broker computes them: theta per day, vega and rho per percentage point.
struct Greeks {
  double delta = 0;
  double theta = 0;
  double gamma = 0;
  double vega = 0;
  double rho = 0;

  friend bool operator==(const Greeks&, const Greeks&) = default;
};

/// One bar: `1d` of the running day, `I1` of the last complete minute.
struct Bar {
  std::string interval;
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  std::int64_t volume = 0;
  std::int64_t start_ms = 0;

  friend bool operator==(const Bar&, const Bar&) = default;
};

/// Single figures of a day; 0 is also how the broker says that it has none.
struct Totals {
  double average_price = 0;
  std::int64_t volume = 0;
  double open_interest = 0;
  double implied_volatility = 0;  ///< a fraction: 0.1032 is 10.32 %
  double total_buy_quantity = 0;
  double total_sell_quantity = 0;

  friend bool operator==(const Totals&, const Totals&) = default;
};

/// What the broker says during an auction.
struct Auction {
  double equilibrium_price = 0;
  double reference_price = 0;
  std::int64_t equilibrium_quantity = 0;
  std::int64_t imbalance_quantity = 0;
  std::int64_t market_imbalance_quantity = 0;
  bool closing_auction_eligible = false;

  friend bool operator==(const Auction&, const Auction&) = default;
};

/// One instrument's state after one message from the broker.
struct Tick {
  std::shared_ptr<const Listing> listing;
  std::uint64_t seq = 0;         ///< rises by one with each tick of this feed instance
  std::int64_t received_ns = 0;  ///< when the frame was read, wall clock, since the Unix epoch
  Monotonic received_at;         ///< the same moment, for durations
  std::int64_t broker_ms = 0;    ///< the broker's `currentTs`
  Mode mode = Mode::kLtpc;
  bool broker_snapshot = false;  ///< in the broker's snapshot after a subscription
  bool simulated = false;
  std::optional<LastTrade> last;  ///< absent before the broker has sent one
  std::vector<DepthLevel> depth;  ///< best first: 1, 5 or 30; empty in mode LTPC
  std::optional<Greeks> greeks;
  std::vector<Bar> bars;
  Totals totals;
  std::optional<Auction> auction;  ///< absent outside auctions
};

/// A stretch of time for which ticks are missing or may be.
struct Gap {
  std::uint64_t number = 0;  ///< tells the gaps of a run apart; rises with their place
  std::int64_t from_ns = 0;  ///< the last moment before it that is covered
  std::int64_t to_ns = 0;    ///< the first moment after it
  std::string cause;  ///< CONNECTION_LOST, DISCONNECTED, HAND_OVER, RESTART, STORE_… or JOURNAL_…
  std::uint64_t ticks = 0;  ///< how many are known to be missing; 0: not known
  std::string detail;       ///< for people

  friend bool operator==(const Gap&, const Gap&) = default;
};

}  // namespace sauda::feed
