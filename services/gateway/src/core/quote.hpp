#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sauda::gateway {

/// What an instrument is, for the lists by type. The numbers are feed's.
enum class Kind : std::uint8_t { kUnknown = 0, kIndex = 1, kEquity = 2, kFuture = 3, kOption = 4 };

/// One tick with every field the feed gives, as plain values. Prices are the broker's doubles in
/// rupees; times end in their unit and count from the Unix epoch, UTC.
struct Quote {
  std::string key;
  std::int64_t instrument_id = 0;
  std::uint64_t seq = 0;
  std::int64_t received_ns = 0;
  std::int64_t broker_ms = 0;
  std::string mode;  ///< ltpc, option_greeks, full, full_d30
  bool broker_snapshot = false;
  bool simulated = false;

  struct Last {
    double price = 0;
    std::int64_t time_ms = 0;
    std::int64_t quantity = 0;
    double previous_close = 0;
    std::optional<double> indicative_price;
  };
  std::optional<Last> last;

  struct Level {
    std::int64_t bid_quantity = 0;
    double bid_price = 0;
    std::int64_t ask_quantity = 0;
    double ask_price = 0;
  };
  std::vector<Level> depth;

  struct Greeks {
    double delta = 0;
    double theta = 0;
    double gamma = 0;
    double vega = 0;
    double rho = 0;
  };
  std::optional<Greeks> greeks;

  struct Bar {
    std::string interval;
    double open = 0;
    double high = 0;
    double low = 0;
    double close = 0;
    std::int64_t volume = 0;
    std::int64_t start_ms = 0;
  };
  std::vector<Bar> bars;

  double average_price = 0;
  std::int64_t volume = 0;
  double open_interest = 0;
  double implied_volatility = 0;
  double total_buy_quantity = 0;
  double total_sell_quantity = 0;

  struct Auction {
    double equilibrium_price = 0;
    double reference_price = 0;
    std::int64_t equilibrium_quantity = 0;
    std::int64_t imbalance_quantity = 0;
    std::int64_t market_imbalance_quantity = 0;
    bool closing_auction_eligible = false;
  };
  std::optional<Auction> auction;
};

}  // namespace sauda::gateway
