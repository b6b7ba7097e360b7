#include "libs/calendar/sessions.hpp"

#include <array>
#include <utility>

#include "libs/calendar/calendar.hpp"

namespace sauda::calendar {
namespace {

constexpr std::array kExchanges{
    std::pair{std::string_view{"NSE"}, Segment::kNseEquity},
    std::pair{std::string_view{"BSE"}, Segment::kBseEquity},
    std::pair{std::string_view{"NFO"}, Segment::kNseDerivatives},
    std::pair{std::string_view{"BFO"}, Segment::kBseDerivatives},
    std::pair{std::string_view{"CDS"}, Segment::kNseCurrency},
    std::pair{std::string_view{"BCD"}, Segment::kBseCurrency},
    std::pair{std::string_view{"MCX"}, Segment::kCommodity},
    std::pair{std::string_view{"NSCOM"}, Segment::kNseCommodity},
};

}  // namespace

std::optional<Segment> SegmentOf(std::string_view name) {
  static constexpr std::array kNames{
      std::pair{std::string_view{"NSE_EQ"}, Segment::kNseEquity},
      std::pair{std::string_view{"NSE_INDEX"}, Segment::kNseEquity},
      std::pair{std::string_view{"BSE_EQ"}, Segment::kBseEquity},
      std::pair{std::string_view{"BSE_INDEX"}, Segment::kBseEquity},
      std::pair{std::string_view{"NSE_FO"}, Segment::kNseDerivatives},
      std::pair{std::string_view{"BSE_FO"}, Segment::kBseDerivatives},
      std::pair{std::string_view{"NCD_FO"}, Segment::kNseCurrency},
      std::pair{std::string_view{"BCD_FO"}, Segment::kBseCurrency},
      std::pair{std::string_view{"MCX_FO"}, Segment::kCommodity},
      std::pair{std::string_view{"MCX_INDEX"}, Segment::kCommodity},
      std::pair{std::string_view{"MCX_COM"}, Segment::kCommodity},
      std::pair{std::string_view{"NSE_COM"}, Segment::kNseCommodity},
  };
  for (const auto& [known, segment] : kNames) {
    if (known == name) return segment;
  }
  return std::nullopt;
}

std::string_view ExchangeOf(Segment segment) {
  for (const auto& [exchange, known] : kExchanges) {
    if (known == segment) return exchange;
  }
  return "";
}

std::optional<Segment> SegmentOfExchange(std::string_view exchange) {
  for (const auto& [known, segment] : kExchanges) {
    if (known == exchange) return segment;
  }
  return std::nullopt;
}

Session SessionAt(Segment segment, std::int64_t epoch_ms) {
  return ShippedCalendar().SessionAt(segment, epoch_ms);
}

bool IsTradingDay(Segment segment, IstDate date) {
  return ShippedCalendar().IsTradingDay(segment, date);
}

std::optional<std::int64_t> OpenMs(Segment segment, IstDate date) {
  return ShippedCalendar().OpenMs(segment, date);
}

}  // namespace sauda::calendar
