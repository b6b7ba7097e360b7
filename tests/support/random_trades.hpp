#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "services/feed/src/core/tick.hpp"
#include "tests/support/candle_script.hpp"

namespace sauda::feed {

/// Ticks of a morning in a few instruments, as a market shows its trades: repeated, out of order at
/// times, with and without the volume of the day, with falls of it, some after a silence. From
/// 09:14 IST of 2025-12-15 on; about one a second.
class RandomTrades {
 public:
  static constexpr std::size_t kInstruments = 3;

  explicit RandomTrades(std::uint32_t seed) : random_{seed} {
    for (std::size_t i = 0; i < kInstruments; ++i) {
      lines_[i].listing = ListingOfKey("NSE_FO|" + std::to_string(i));
    }
  }

  Tick Next() {
    now_ms_ += random_() % 2'000;
    if (Chance(500)) now_ms_ += 300'000;
    id_ = static_cast<InstrumentId>(random_() % kInstruments);
    Line& line = lines_[id_];
    Tick tick;
    tick.listing = line.listing;
    tick.seq = ++seq_;
    tick.broker_ms = now_ms_;
    tick.received_ns = (now_ms_ + 40) * 1'000'000;
    tick.simulated = true;
    tick.broker_snapshot = Chance(5);
    if (!Chance(4)) Trade(line);
    LastTrade last = line.last;
    if (Chance(10)) last.time_ms -= static_cast<std::int64_t>(random_() % 90'000);
    tick.last = last;
    if (!Chance(10)) {
      tick.mode = Mode::kFull;
      tick.totals.volume = line.volume;
      tick.totals.open_interest = static_cast<double>(random_() % 100);
    }
    return tick;
  }

  InstrumentId id() const { return id_; }  ///< of the last one
  std::int64_t now_ms() const { return now_ms_; }

 private:
  struct Line {
    std::shared_ptr<const Listing> listing;
    LastTrade last;
    std::int64_t volume = 1'000;
  };

  static std::shared_ptr<const Listing> ListingOfKey(const std::string& key) {
    return std::make_shared<const Listing>(Listing{.key = key});
  }
  bool Chance(std::uint32_t one_in) { return random_() % one_in == 0; }
  void Trade(Line& line) {
    line.last = {.price = 100 + static_cast<double>(random_() % 400) * 0.05,
                 .time_ms = now_ms_ - static_cast<std::int64_t>(random_() % 800),
                 .quantity = static_cast<std::int64_t>(random_() % 50)};
    line.volume += line.last.quantity + static_cast<std::int64_t>(random_() % 30);
    if (Chance(200)) line.volume = std::max<std::int64_t>(line.volume - 500, 1);
  }

  std::mt19937 random_;
  std::array<Line, kInstruments> lines_;
  std::uint64_t seq_ = 0;
  InstrumentId id_ = 0;
  std::int64_t now_ms_ = At("09:14:00");
};

}  // namespace sauda::feed
