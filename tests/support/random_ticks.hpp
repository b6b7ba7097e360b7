#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Ticks of every mode, with parts present and absent and numbers at their edges.
class RandomTicks {
 public:
  explicit RandomTicks(std::uint32_t seed) : random_{seed} {}

  /// The next seq; received up to two hours after the one before it.
  Tick Next() {
    Tick tick;
    tick.seq = ++seq_;
    const std::string key = "NSE_FO|" + std::to_string(random_() % 5);
    tick.listing = std::make_shared<const Listing>(
        Listing{.key = key, .instrument_id = Chance(3) ? 0 : 70 + Number() % 2});
    received_ns_ += Chance(4) ? 0 : static_cast<std::int64_t>(random_()) * 1'700;
    tick.received_ns = received_ns_;
    tick.broker_ms = Number();
    tick.mode = static_cast<Mode>(1 + random_() % 4);
    tick.broker_snapshot = Chance(2);
    tick.simulated = Chance(2);
    if (!Chance(4)) tick.last = Last();
    const std::array<std::size_t, 4> levels{0, 1, 5, 30};
    tick.depth.resize(levels[random_() % 4]);
    for (DepthLevel& level : tick.depth) level = {Number(), Real(), Number(), Real()};
    if (Chance(2)) tick.greeks = Greeks{Real(), Real(), Real(), Real(), Real()};
    if (Chance(2)) tick.bars.push_back(OneBar("1d"));
    if (Chance(2)) tick.bars.push_back(OneBar("I1"));
    tick.totals = {Real(), Number(), Real(), Real(), Real(), Real()};
    if (Chance(3)) tick.auction = Auction{Real(), Real(), Number(), Number(), Number(), Chance(2)};
    return tick;
  }

  std::vector<Tick> Next(std::size_t count) {
    std::vector<Tick> ticks;
    while (ticks.size() < count) ticks.push_back(Next());
    return ticks;
  }

 private:
  bool Chance(std::uint32_t one_in) { return random_() % one_in == 0; }
  std::int64_t Number() {
    if (Chance(20)) return std::numeric_limits<std::int64_t>::max();
    return Chance(4) ? 0 : static_cast<std::int64_t>(random_());
  }
  double Real() {
    if (Chance(20)) return std::numeric_limits<double>::denorm_min();
    if (Chance(20)) return -1e300 / 3;
    return Chance(4) ? 0 : static_cast<double>(random_()) * 0.05;
  }
  LastTrade Last() {
    LastTrade last{Real(), Number(), Number(), Real(), {}};
    if (Chance(2)) last.indicative_price = Real();
    return last;
  }
  Bar OneBar(const char* interval) {
    return {interval, Real(), Real(), Real(), Real(), Number(), Number()};
  }

  std::mt19937 random_;
  std::uint64_t seq_ = 0;
  std::int64_t received_ns_ = 1'765'771'200'000'000'000;  // 2025-12-15 09:30 IST
};

}  // namespace sauda::feed
