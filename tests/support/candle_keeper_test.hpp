#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "services/feed/src/candle_keeper.hpp"
#include "tests/support/candle_script.hpp"
#include "tests/support/memory_candles.hpp"

namespace sauda::feed {

inline constexpr const char* kKey = "NSE_FO|1";
inline const Error kDown{Code::kUnavailable, "DATABASE_DOWN", "no database"};

/// A CandleKeeper over a store in memory, and what it told.
class CandleKeeperTest : public testing::Test {
 protected:
  /// A tick of a trade at its time, which the broker's clock shows too.
  static Tick TradeAt(const std::string& at, double price, std::int64_t volume, std::uint64_t seq) {
    Tick tick;
    tick.listing = std::make_shared<const Listing>(Listing{.key = kKey});
    tick.seq = seq;
    tick.broker_ms = At(at);
    tick.received_ns = (At(at) + 1'000'000) * 1'000'000;  // this machine is ahead of the market
    tick.mode = Mode::kFull;
    tick.last = LastTrade{.price = price, .time_ms = At(at), .quantity = 1};
    tick.totals.volume = volume;
    return tick;
  }
  std::unique_ptr<CandleKeeper> Make(CandleKeeper::Options options = {}) {
    options.retry_after = std::chrono::milliseconds{0};
    return std::make_unique<CandleKeeper>(
        store_, std::move(options),
        CandleKeeper::Events{.on_written = [this](std::size_t bars) { written_ += bars; },
                             .on_failure =
                                 [this](const Error& why, std::size_t lost) {
                                   failures_.push_back(why.reason);
                                   lost_ += lost;
                                 },
                             .on_begun_anew = [this] { ++begun_anew_; },
                             .on_turn = [this] { ++turns_; }});
  }
  static void Take(CandleKeeper& keeper, const Tick& tick, const std::string& run = "a",
                   std::uint64_t segment = 1) {
    keeper.Take(run, segment, std::span{&tick, 1});
  }
  std::string Stored() const {
    std::vector<Candle> bars;
    for (const auto& [place, bar] : store_.bars()) bars.push_back(bar);
    return TextOf(bars);
  }

  MemoryCandles store_;
  std::size_t written_ = 0;
  std::size_t lost_ = 0;
  int begun_anew_ = 0;
  int turns_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace sauda::feed
