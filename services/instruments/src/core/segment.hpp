#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sauda::instruments {

/// What a segment trades; decides which fields a record must have and how a symbol is preferred.
enum class SegmentClass : std::uint8_t { kCash, kIndex, kEquityDerivative, kCurrency, kCommodity };

/// One segment of the broker's master (upstox-api 3.2).
struct SegmentFacts {
  std::string_view name;      // "NSE_FO": the part of a key before the bar
  std::string_view exchange;  // "NSE"; empty: any (the global indices)
  SegmentClass kind = SegmentClass::kCash;
};

/// Position of a segment in kSegments. A closed list: an unknown segment is a bad record.
using Segment = std::uint8_t;

inline constexpr std::array<SegmentFacts, 14> kSegments{{
    {"NSE_EQ", "NSE", SegmentClass::kCash},
    {"BSE_EQ", "BSE", SegmentClass::kCash},
    {"NSE_INDEX", "NSE", SegmentClass::kIndex},
    {"BSE_INDEX", "BSE", SegmentClass::kIndex},
    {"NSE_FO", "NSE", SegmentClass::kEquityDerivative},
    {"BSE_FO", "BSE", SegmentClass::kEquityDerivative},
    {"NCD_FO", "NSE", SegmentClass::kCurrency},
    {"BCD_FO", "BSE", SegmentClass::kCurrency},
    {"MCX_FO", "MCX", SegmentClass::kCommodity},
    {"NSE_COM", "NSE", SegmentClass::kCommodity},
    {"MCX_COM", "MCX", SegmentClass::kCommodity},
    {"MCX_INDEX", "MCX", SegmentClass::kIndex},
    {"GLOBAL_INDEX", "", SegmentClass::kIndex},
    {"GLOBAL_INDICATOR", "", SegmentClass::kIndex},
}};

/// The segment of that name; absent when the list has none.
constexpr std::optional<Segment> FindSegment(std::string_view name) {
  for (std::size_t i = 0; i < kSegments.size(); ++i) {
    if (kSegments[i].name == name) return static_cast<Segment>(i);
  }
  return std::nullopt;
}

}  // namespace sauda::instruments
