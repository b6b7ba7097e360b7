#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "libs/calendar/ist.hpp"

namespace sauda::calendar {

/// The exchanges' parts, as the broker names them in instrument keys.
enum class Segment : std::uint8_t {
  kNseEquity,       ///< NSE_EQ, NSE_INDEX
  kBseEquity,       ///< BSE_EQ, BSE_INDEX
  kNseDerivatives,  ///< NSE_FO
  kBseDerivatives,  ///< BSE_FO
  kNseCurrency,     ///< NCD_FO
  kBseCurrency,     ///< BCD_FO
  kCommodity,       ///< MCX_FO, MCX_INDEX
  kNseCommodity,    ///< NSE_COM
};

inline constexpr std::array kAllSegments{Segment::kNseEquity,      Segment::kBseEquity,
                                         Segment::kNseDerivatives, Segment::kBseDerivatives,
                                         Segment::kNseCurrency,    Segment::kBseCurrency,
                                         Segment::kCommodity,      Segment::kNseCommodity};

/// By the part of an instrument key before the `|`; absent for anything else (GLOBAL_INDEX).
std::optional<Segment> SegmentOf(std::string_view name);

/// What the broker calls it in orders, holidays and timings: NSE, BSE, NFO, BFO, CDS, BCD, MCX,
/// NSCOM (upstox-api.md 8.4); and back.
std::string_view ExchangeOf(Segment segment);
std::optional<Segment> SegmentOfExchange(std::string_view exchange);

enum class Phase : std::uint8_t { kClosed, kPreOpen, kOpen };

/// What a segment is doing at an instant.
struct Session {
  Phase phase = Phase::kClosed;
  /// When this phase ends, milliseconds since the Unix epoch, UTC. Always later than the instant
  /// asked about.
  std::int64_t next_change_ms = 0;
};

/// Sessions by dated rules: regular hours, weekends, the exchange's 2026 holidays and its Muhurat
/// session. Years without a holiday table have weekends only. Sources: upstox-api.md 8.4, 8.5 and
/// the F&O closing time of 2026-08-03. These are what Sauda comes with; a service asks the calendar
/// of sauda-instruments (calendar.hpp), which knows better.
Session SessionAt(Segment segment, std::int64_t epoch_ms);

/// Whether the segment trades at all on this day, be it for an evening or a special session.
bool IsTradingDay(Segment segment, IstDate date);

/// First instant of the day's (first) open phase, the anchor of candles; absent when it is closed
/// all day.
std::optional<std::int64_t> OpenMs(Segment segment, IstDate date);

}  // namespace sauda::calendar
