#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "libs/base/check.hpp"
#include "services/feed/src/core/candles.hpp"

/// The opening auction, first step of a script: the day's volume is known from it on, and no bar is
/// partial. A macro, so that it joins the literal after it.
#define AUCTION "09:07:00 100 10 1000;"

namespace sauda::feed {

/// The instrument of scripts that name no other.
inline constexpr InstrumentId kId = 3;

/// `09:15:00` or `09:15:00.250` of Monday 2025-12-15, with `+` before it of the day after.
inline std::int64_t At(std::string text) {
  std::string day = "2025-12-15 ";
  if (text.starts_with("+")) {
    day = "2025-12-16 ";
    text.erase(0, 1);
  }
  const std::int64_t ms = text.size() > 8 ? std::stoll(text.substr(9)) : 0;
  const auto parsed = calendar::ParseIst(day + text.substr(0, 8));
  Check(parsed.has_value(), "the test's time can be read");
  return *parsed + ms;
}

inline std::string HourMinute(std::int64_t at_ms) {
  return calendar::FormatIst(at_ms).substr(11, 5);
}

inline std::string Number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

/// `10:00 open/high/low/close v<volume> n<trades>`, then what is not usual: `e<edge_volume>`,
/// `r<revised>`, `oi<open interest>`, `partial`, `estimated`, `running`.
inline std::string Text(const Candle& bar) {
  std::string text = HourMinute(bar.start_ms);
  text += ' ' + Number(bar.open) + '/' + Number(bar.high) + '/' + Number(bar.low) + '/' +
          Number(bar.close) + " v" + std::to_string(bar.volume) + " n" + std::to_string(bar.trades);
  if (bar.edge_volume != 0) text += " e" + std::to_string(bar.edge_volume);
  if (bar.revised != 0) text += " r" + std::to_string(bar.revised);
  if (bar.open_interest != 0) text += " oi" + Number(bar.open_interest);
  if (bar.partial) text += " partial";
  if (bar.estimated) text += " estimated";
  if (!bar.complete) text += " running";
  return text;
}

template <typename Bars>
std::string TextOf(const Bars& bars) {
  std::string text;
  for (const Candle& bar : bars) text += (text.empty() ? "" : "; ") + Text(bar);
  return text;
}

/// Feeds what a script says, one step after the other, parted by `;`:
///   10:00:01 100 5 1005        a tick: time of the trade, price, quantity, volume of the day
///   10:00:01 100 5 1005 oi7    with open interest
///   … @10:00:05                with the broker's clock
///   … snapshot                 in the broker's snapshot
///   10:00:01 100 5             without a volume of the day: mode LTPC
///   close 10:01:00             the time has come
class CandlePlayer {
 public:
  explicit CandlePlayer(Candles& candles, std::string key = "NSE_FO|1", InstrumentId id = kId)
      : candles_{candles}, id_{id} {
    auto listing = std::make_shared<Listing>();
    listing->key = std::move(key);
    listing_ = std::move(listing);
  }

  void Play(const std::string& script) {
    std::istringstream steps{script};
    for (std::string step; std::getline(steps, step, ';');) Step(step);
  }

 private:
  void Step(const std::string& text) {
    std::istringstream words{text};
    std::string word;
    words >> word;
    if (word == "close") {
      words >> word;
      return candles_.Close(At(word));
    }
    Tick tick;
    tick.listing = listing_;
    LastTrade last{.time_ms = At(word)};
    words >> last.price >> last.quantity;
    while (words >> word) {
      if (word[0] == '@') {
        tick.broker_ms = At(word.substr(1));
      } else if (word == "snapshot") {
        tick.broker_snapshot = true;
      } else if (word.starts_with("oi")) {
        tick.totals.open_interest = std::stod(word.substr(2));
      } else {
        tick.mode = Mode::kFull;
        tick.totals.volume = std::stoll(word);
      }
    }
    tick.last = last;
    candles_.OnTick(id_, tick);
  }

  Candles& candles_;
  const InstrumentId id_;
  std::shared_ptr<const Listing> listing_;
};

}  // namespace sauda::feed
